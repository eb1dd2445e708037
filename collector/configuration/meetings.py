"""Seats teams in cycles: each sees a cycle from its own zone and meets by its own calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from collector.configuration.documents.times import Sync
from collector.configuration.findings import Findings
from collector.configuration.parse import WrittenKrd
from collector.configuration.times import Cycles, calendar_for
from collector.domain.calendar import Calendar
from collector.domain.cycle import Cycle
from collector.domain.lint.finding import Place
from collector.domain.okr import Team


@dataclass(frozen=True, slots=True)
class Seat:
    """A team in a cycle."""

    team: Team
    cycle: Cycle
    calendar: Calendar


@dataclass(slots=True)
class Meetings:
    """Every seat that is asked for."""

    krd: WrittenKrd
    cycles: Cycles
    findings: Findings
    calendars: dict[tuple[str, str], Calendar] = field(default_factory=dict)
    """By (team, cycle)."""

    def seat(self, team: Team, cycle_name: str) -> Seat | None:
        """Seat a team in a cycle of `krd.yaml`; nothing when there is no such cycle. After an error in its sync the
        team gets the usual one, so that the rest of its files can be checked.
        """
        cycle = self.cycles.seen_from(cycle_name, team.zone)
        if cycle is None:
            return None
        key = (team.id, cycle.id)
        if key not in self.calendars:
            holidays = frozenset[date](self.krd.model.holidays)
            self.calendars[key] = calendar_for(cycle, self._syncs(team.id), holidays, self.findings)
        return Seat(team, cycle, self.calendars[key])

    def _syncs(self, team: str) -> tuple[tuple[Sync, Place], ...]:
        model, file = self.krd.model, self.krd.file
        own = model.teams[team].sync if team in model.teams else None
        found = ((own, file.place(("teams", team, "sync"))), (model.sync, file.place(("sync",))))
        return tuple((sync, place) for sync, place in found if sync is not None)
