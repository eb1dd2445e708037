"""Writes server-sent events: JSON in ASCII on one line, so that no text of strangers can end an event or begin one."""

from __future__ import annotations

from typing import Any

from collector.ports.store import Extent
from collector.web.answers import ascii_json

EVENT_STREAM = "text/event-stream"
LAST = 2**63 - 1
"""No sequence number is greater."""
_DIGITS = 19


def event(name: str, document: dict[str, Any], seq: int | None = None) -> str:
    """Write an event; with `seq` the reader remembers it as the place where it is."""
    identity = f"id: {seq}\n" if seq is not None else ""
    return f"{identity}event: {name}\ndata: {ascii_json(document)}\n\n"


def place(seq: int) -> str:
    """Tell a reader where it is, without an event: a stream that is cut before its first one is resumed too."""
    return f"id: {seq}\n\n"


def comment(text: str) -> str:
    """Write what readers pass over."""
    return f": {text}\n\n"


def reset(reason: str, kept: Extent | None, seq: int) -> str:
    """Say that changes after the reader's place are not to be had or not known, and that the stream goes on after `seq`."""
    oldest = kept.oldest if kept is not None else None
    return event("reset", {"reset": reason, "oldest": oldest, "newest": seq}, seq)


def sequence(text: str) -> int | None:
    """Read a sequence number; nothing when it is none."""
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        return None
    return min(int(text), LAST)
