"""How much each kind of alert may interrupt now; looked up once a team and cycle, for a source may feed thousands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.domain.alert import AlertKind
from collector.domain.announcement import Family, Severity
from collector.domain.damping import DAY
from collector.domain.okr import KeyResult, Okrs


@dataclass(frozen=True, slots=True)
class Severities:
    """What an alert that fires at `at` may interrupt."""

    okrs: Okrs
    at: datetime
    _known: dict[tuple[AlertKind, str, str], Severity] = field(default_factory=dict, repr=False)

    def of(self, kind: AlertKind, key_result: KeyResult) -> Severity:
        """Say it of an alert about a key result, or about a source that feeds it."""
        place = (kind, key_result.team, key_result.cycle.id)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._look_up(kind, key_result)
        return known

    def _look_up(self, kind: AlertKind, key_result: KeyResult) -> Severity:
        """Data that would spoil the next brief is no longer a mere note (DESIGN §8)."""
        team = self.okrs.teams.get(key_result.team)
        policy = team.alerts if team is not None else self.okrs.alerts
        said = policy.severity(kind)
        if kind.family is not Family.DATA or kind in policy.severities or said is not Severity.INFO:
            return said
        sync = key_result.calendar.next_sync(self.at)
        if sync is None:
            return said
        ahead = key_result.calendar.brief_before(sync) - self.at
        soon = timedelta(0) <= ahead <= key_result.cycle.wait(DAY)
        return Severity.TICKET if soon else said
