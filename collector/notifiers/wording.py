"""Turns an announcement into plain text once, for every notifier: single lines stay single, hostile text stays text.

Texts hold labels, titles and answers that strangers wrote. What leaves here carries no control character, no escape
sequence, no direction override and no invisible character, and has a length. Mark-up of a single receiver (Slack's
`<!channel>`) is that notifier's own business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import assert_never

from collector.domain.announcement import Announcement, Family, Occasion

TITLE_CHARS = 150
SENTENCE_CHARS = 2_500
LINE_CHARS = 400
NAME_CHARS = 120
SEEN_CHARS = 16_000
"""More of a text is only counted: no limit lies above it, and a megabyte is not worth the work."""

# CSI ("\x1b[31m"), OSC ("\x1b]8;;…\x07", links and window titles), and two-character escapes, in 7-bit and C1 form.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-Z\\^-~]"
)
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"  # Persian and emoji need them; they change no direction


@dataclass(frozen=True, slots=True)
class Message:
    """An announcement in words: every text is plain, every text but `sentence` is one line."""

    title: str
    sentence: str
    lines: tuple[str, ...]
    particulars: tuple[tuple[str, str], ...]
    """Label and value: whom and what it concerns."""
    footer: str
    """State, instant (UTC), episode and id."""


def compose(announcement: Announcement) -> Message:
    """Put `announcement` into words."""
    particulars = [
        ("Subject", announcement.subject),
        ("Team", announcement.team),
        ("Owner", announcement.owner or ""),
        ("Severity", announcement.severity.value),
    ]
    footer = [state(announcement), f"{announcement.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"]
    if announcement.episode:
        footer.append(f"episode {announcement.episode}")
    footer.append(one_line(announcement.id, NAME_CHARS))
    return Message(
        title=one_line(announcement.title, TITLE_CHARS),
        sentence=paragraphs(announcement.sentence, SENTENCE_CHARS),
        lines=tuple(one_line(line, LINE_CHARS) for line in announcement.lines),
        particulars=tuple((label, one_line(value, NAME_CHARS)) for label, value in particulars if value),
        footer=" · ".join(footer),
    )


def state(announcement: Announcement) -> str:
    """Say in one word what the announcement tells about its subject."""
    match announcement.occasion:
        case Occasion.FIRST:
            return "news" if announcement.family is Family.NEWS else "firing"
        case Occasion.RESOLVED | Occasion.BRIEF | Occasion.TEST:
            return announcement.occasion.value
        case never:
            assert_never(never)


def one_line(text: str, limit: int) -> str:
    """Make `text` one harmless line of at most `limit` characters."""
    seen = text[:SEEN_CHARS]
    return clip(" ".join(_visible(seen).split()), limit, unseen=len(text) - len(seen))


def paragraphs(text: str, limit: int) -> str:
    """Make `text` harmless lines of together at most `limit` characters; line ends stay, as LF."""
    seen = text[:SEEN_CHARS]
    lines = (" ".join(line.split()) for line in _visible(seen).split("\n"))
    return clip("\n".join(lines).strip(), limit, unseen=len(text) - len(seen))


def clip(text: str, limit: int, unseen: int = 0) -> str:
    """Cut `text` to at most `limit` characters and count what was cut, with `unseen` more: "abc… (+97 more)"."""
    length = len(text) + unseen
    if length <= limit:
        return text
    kept = text[: max(limit - len(more(length)), 0)]
    return kept + more(length - len(kept)) if kept else text[:limit]


def more(count: int) -> str:
    """Say that `count` characters or lines were left out."""
    return f"… (+{count} more)"


def fit(lines: Sequence[str], budget: int, size: Callable[[str], int]) -> tuple[list[str], int]:
    """Keep the first of `lines` whose sizes sum up to at most `budget`, and count those left out."""
    kept: list[str] = []
    for line in lines:
        budget -= size(line)
        if budget < 0:
            break
        kept.append(line)
    return kept, len(lines) - len(kept)


def _visible(text: str) -> str:
    """Drop what acts on a terminal or a reader's eye instead of being read; every line end becomes LF."""
    plain = _LINE_ENDS.sub("\n", _ESCAPE_SEQUENCE.sub("", text)).replace("\t", " ")
    if plain.isascii() and plain.replace("\n", " ").isprintable():
        return plain
    return unicodedata.normalize("NFC", "".join(map(_shown, plain)))


def _shown(character: str) -> str:
    if character == "\n" or character in _JOINERS:
        return character
    match unicodedata.category(character):
        case "Cc" | "Cf":  # controls; direction overrides, zero-width and tag characters
            return ""
        case "Cs":  # half a surrogate pair cannot be encoded
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return character
