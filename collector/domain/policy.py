"""How a team wants to be told: how long alerts gather, how often they are said again, when nobody is to be disturbed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from collector.domain.alert import AlertKind
from collector.domain.announcement import Severity
from collector.domain.quiet import Quiet

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """Waiting times are of real days; a cycle that sets its own `day` has the same share of that (DESIGN §5)."""

    group_wait: timedelta = timedelta(seconds=30)
    """So long the first alert of a group waits for others to travel with it."""
    group_interval: timedelta = timedelta(minutes=5)
    """At least so long after a group's message comes the next one of the same group."""
    repeat: timedelta = DAY
    """An alert that nobody acknowledged is said again after so long; nothing shorter than `group_interval`."""
    quiet: Quiet | None = None
    """When only what is a page may disturb people."""
    severities: Mapping[AlertKind, Severity] = field(default_factory=dict)
    """Kinds that interrupt more, or less, than they do by themselves."""

    def severity(self, kind: AlertKind) -> Severity:
        """Give how much a kind may interrupt."""
        return self.severities.get(kind, kind.severity)
