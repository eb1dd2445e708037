"""What is said to people, and why it is said at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Family(StrEnum):
    """The four families of what krd says, so that a person can route them (DESIGN §8)."""

    VALUE = "value"
    DATA = "data"
    NEWS = "news"
    DAEMON = "daemon"


class Severity(StrEnum):
    """How much it may interrupt, ascending: in a list, in the working day, at once."""

    INFO = "info"
    TICKET = "ticket"
    PAGE = "page"

    @property
    def rank(self) -> int:
        """Its place in the ascending order, from 0."""
        return list(Severity).index(self)


class Occasion(StrEnum):
    """Why something is said."""

    FIRST = "first"
    RESOLVED = "resolved"
    BRIEF = "brief"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message, complete: it is stored as it will be sent, and its `id` never changes over retries and replays."""

    id: str
    """`evt_…`: letters, digits and underscores only."""
    kind: str
    """`drift`, `stale`, `source_down`, `brief`, `test`."""
    family: Family
    severity: Severity
    occasion: Occasion
    subject: str
    """Address of a key result, name of a source, or name of a team."""
    team: str
    title: str
    """One line, plain text."""
    sentence: str
    """The verdict with its arithmetic, plain text; may hold several sentences."""
    at: datetime
    lines: tuple[str, ...] = ()
    """More lines, each plain text: the sheet of a brief, the key results behind a dead source."""
    owner: str | None = None
    """Name of the person who owns the subject."""
    episode: int = 0
    fingerprint: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Numbers for machines, by the names of `krd status -o json`; finite numbers, text, booleans and nothing."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document; times are RFC 3339 in UTC."""
        return {**asdict(self), "lines": list(self.lines), "at": self.at.astimezone(UTC).isoformat()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Announcement:
        """Make it from what `document` gave. Raises `KeyError` or `ValueError` when that is damaged."""
        return cls(
            **{
                **document,
                "family": Family(document["family"]),
                "severity": Severity(document["severity"]),
                "occasion": Occasion(document["occasion"]),
                "at": datetime.fromisoformat(document["at"]),
                "lines": tuple(document["lines"]),
            }
        )
