"""Prints announcements where krd was started: the notifier that needs no account."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
from datetime import datetime
from itertools import chain
from typing import Literal, TextIO, assert_never

from collector.domain.announcement import Announcement, Severity
from collector.notifiers import wording
from collector.ports.notifier import Delivered, NotifierKind, NotifierOptions, TryLater, Verdict

COLUMNS = 80
TEXT_CHARS = 8_000
"""A group of thousands is counted, not printed: what is on a terminal is read by a person."""
_INDENT = "  "

_BOLD, _RED, _YELLOW, _GREEN, _CYAN, _RESET = (
    "\x1b[1m",
    "\x1b[31m",
    "\x1b[33m",
    "\x1b[32m",
    "\x1b[36m",
    "\x1b[0m",
)


class ConsoleOptions(NotifierOptions):
    """Where to print."""

    stream: Literal["stderr", "stdout"] = "stderr"
    """The standard stream it writes to; the default leaves standard output to JSON and pipes."""


class Console:
    """Writes each announcement in one piece, so that threads do not mix their lines."""

    def __init__(self, options: ConsoleOptions) -> None:
        self._name = options.stream
        self._lock = threading.Lock()

    def send(self, announcement: Announcement, at: datetime) -> Verdict:  # noqa: ARG002 - the promise names it; printing needs no time
        """Print it; colour only on a terminal, and never when `NO_COLOR` is set (no-color.org)."""
        stream: TextIO | None = sys.stderr if self._name == "stderr" else sys.stdout
        if stream is None:  # pythonw and some service managers start without it
            return TryLater(f"the process has no {self._name}")
        try:
            text = render(announcement, colour=stream.isatty() and not os.environ.get("NO_COLOR"))
            with self._lock:
                stream.write(_encodable(text, stream.encoding))
                stream.flush()
        except (OSError, ValueError) as error:
            return TryLater(f"{self._name} cannot be written: {type(error).__name__}")
        return Delivered()

    def close(self) -> None:
        """Leave the standard streams open: they belong to the process."""


def render(announcement: Announcement, *, colour: bool) -> str:
    """Lay the announcement out as lines, the first one complete in itself; ends with a line end.

    What follows the first line is indented and broken between words at `COLUMNS`; empty lines only stand between parts.
    """
    message = wording.compose(announcement)
    title = f"{_paint(announcement)}{message.title}{_RESET}" if colour else message.title
    parted = bool(message.sections or message.members)
    rows = (row for row in wording.rows(message, TEXT_CHARS) if row or parted)
    return "".join(f"{line}\n" for line in [title, *chain.from_iterable(map(_wrapped, rows))])


def _wrapped(row: str) -> list[str]:
    indent = _INDENT + " " * (len(row) - len(row.lstrip()))
    return textwrap.wrap(
        row,
        COLUMNS,
        initial_indent=_INDENT,
        subsequent_indent=indent + _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _paint(announcement: Announcement) -> str:
    if announcement.occasion.over:
        return _BOLD + _GREEN
    match announcement.severity:
        case Severity.PAGE:
            return _BOLD + _RED
        case Severity.TICKET:
            return _BOLD + _YELLOW
        case Severity.INFO:
            return _BOLD + _CYAN
        case never:
            assert_never(never)


def _encodable(text: str, encoding: str | None) -> str:
    """Spell out what the stream's encoding lacks, such as an ellipsis under `LANG=C`."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


KIND = NotifierKind(
    name="console",
    title="Standard error or output",
    options=ConsoleOptions,
    open=Console,
    people=False,
    rate=50.0,
)
