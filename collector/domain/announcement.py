"""What is said to people, and why it is said at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

CLOSED = "closed"
"""The fact that says why something ended without having recovered: its subject was removed, renamed or promises another thing."""


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
    """It began."""
    WORSE = "worse"
    """It grew more severe."""
    REPEAT = "repeat"
    """It is still so, and nobody has acknowledged it."""
    ESCALATION = "escalation"
    """Nobody has acknowledged it, and the sync is near."""
    RESOLVED = "resolved"
    """It is over."""
    PASSED = "passed"
    """It began and ended before it could be said."""
    BRIEF = "brief"
    CHANGES = "changes"
    """What changed since the brief."""
    REMINDER = "reminder"
    """Somebody is asked for something."""
    NOTE = "note"
    """For the record only: it may begin or end soon."""
    TEST = "test"

    @property
    def over(self) -> bool:
        """Whether nothing is wrong any more."""
        return self in (Occasion.RESOLVED, Occasion.PASSED)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a message: a heading and the lines under it, plain text."""

    heading: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message, complete: it is stored as it will be sent, and its `id` never changes over retries and replays."""

    id: str
    """`evt_…`: letters, digits and underscores only."""
    kind: str
    """An alert's kind (`drift`, `source_down`, …), or `brief`, `changes`, `escalation`, `value_due`, `test`."""
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
    """More lines, each plain text: the key results behind a dead source, what to do next."""
    sections: tuple[Section, ...] = ()
    """Parts with headings, after the lines: those of a brief, or one for each member of a group."""
    owner: str | None = None
    """Name of the person who owns the subject."""
    commitment: str = ""
    """`committed` or `aspirational`; empty where nothing was promised."""
    episode: int = 0
    fingerprint: str = ""
    since: datetime | None = None
    """When what it speaks of began."""
    link: str = ""
    """Where more can be seen; empty where krd has no public address."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Numbers for machines, by the names of `krd status -o json`; finite numbers, text, booleans and nothing."""
    members: tuple[Announcement, ...] = ()
    """Of a group: what it is made of, each alert once, the most severe first. Members have no members."""

    @property
    def thread(self) -> str:
        """Names the conversation it belongs to: one episode of one alert; else what it is about, or itself."""
        if self.episode:
            return f"{self.fingerprint}:{self.episode}"
        return self.fingerprint or self.id

    @property
    def about_alert(self) -> bool:
        """Whether it tells of one alert, in one of its episodes: no group, brief, escalation, question or test does."""
        return self.episode > 0 and not self.members and self.occasion not in _OF_NO_ALERT

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document; times are RFC 3339 in UTC."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "family": self.family.value,
            "severity": self.severity.value,
            "occasion": self.occasion.value,
            "at": self.at.astimezone(UTC).isoformat(),
            "since": self.since.astimezone(UTC).isoformat() if self.since else None,
            "lines": list(self.lines),
            "sections": [{"heading": one.heading, "lines": list(one.lines)} for one in self.sections],
            "facts": dict(self.facts),
            "members": [member.document() for member in self.members],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Announcement:
        """Make it from what `document` gave, in this version or an earlier one. Raises `KeyError`, `TypeError` or
        `ValueError` when that is damaged.
        """
        since = document.get("since")
        return cls(
            **{name: document[name] for name in _PLAIN if name in document},
            family=Family(document["family"]),
            severity=Severity(document["severity"]),
            occasion=Occasion(document["occasion"]),
            at=datetime.fromisoformat(document["at"]),
            since=datetime.fromisoformat(since) if since else None,
            lines=tuple(document["lines"]),
            sections=tuple(
                Section(one["heading"], tuple(one["lines"])) for one in document.get("sections", ())
            ),
            facts=document["facts"],
            members=tuple(cls.from_document(member) for member in document.get("members", ())),
        )


_OF_NO_ALERT = frozenset({Occasion.BRIEF, Occasion.CHANGES, Occasion.REMINDER, Occasion.TEST})
_PLAIN = (
    "id",
    "kind",
    "subject",
    "team",
    "title",
    "sentence",
    "owner",
    "commitment",
    "episode",
    "fingerprint",
    "link",
)
"""Fields that are JSON as they are."""
