"""What people lay over an alert: that somebody has it in hand, or that nobody wants to hear of it for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Severity

LONGEST_SILENCE = timedelta(days=30)
"""A silence has an end, and no later one than this (reliability notes §1.1)."""


@dataclass(frozen=True, slots=True)
class Ack:
    """Somebody has one episode of an alert in hand: it is neither repeated nor escalated."""

    fingerprint: str
    episode: int
    severity: Severity
    """What it was acknowledged at; a higher one clears it."""
    at: datetime
    author: str
    note: str = ""

    def holds(self, alert: Alert) -> bool:
        """Tell whether it still speaks for the alert as it stands."""
        return (
            alert.fingerprint == self.fingerprint
            and alert.episode == self.episode
            and alert.severity.rank <= self.severity.rank
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody wants to hear of a team or a key result until an end that is said beforehand."""

    team: str
    key_result: str
    """Address of the only key result it is about; empty for all of the team."""
    starts: datetime
    ends: datetime
    author: str
    reason: str
    kind: AlertKind | None = None
    """The only kind it is about."""
    id: int = 0

    def covers(self, kind: AlertKind, team: str, address: str, at: datetime) -> bool:
        """Tell whether it speaks at `at` for an alert of this kind about this key result; an empty address is the team."""
        return (
            self.starts <= at < self.ends
            and team == self.team
            and self.key_result in ("", address)
            and self.kind in (None, kind)
        )
