"""The forms a brief is printed in: those of every result, and those it is sent in."""

from __future__ import annotations

from enum import StrEnum


class BriefOutput(StrEnum):
    """How a brief is printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"
    HTML = "html"
    """One page, for a browser or a mail."""
    SLACK = "slack"
    """Block Kit, as it is posted."""
