"""Makes cycles and calendars: whose midnights bound a cycle, and when each team meets in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collector.configuration.documents.times import NamedCycle, Sync, WrittenCycle
from collector.configuration.findings import Findings
from collector.configuration.parse import WrittenKrd
from collector.domain.calendar import (
    BriefBefore,
    BriefOnPreviousWorkingDay,
    Calendar,
    CountedSync,
    WeeklySync,
)
from collector.domain.cycle import REAL_DAY, CalendarDays, Cycle, ShortDays, local_midnight
from collector.domain.lint.finding import Place
from collector.domain.span import WEEK, Span

MOST_DAYS = 3660
"""A cycle is at most ten years long."""

_WEEKLY = WeeklySync(weekday=0, hour=time(10))
_DAY_BEFORE = BriefOnPreviousWorkingDay(time(15))
_A_DAY_AHEAD = BriefBefore(Span(days=1))


@dataclass(slots=True)
class Cycles:
    """The cycles of `krd.yaml`; each is seen from the zone of the team that asks."""

    written: Mapping[str, NamedCycle | WrittenCycle]
    at: datetime
    first_runs: Mapping[str, datetime]
    _made: dict[tuple[str, ZoneInfo], Cycle] = field(default_factory=dict)

    @property
    def first_runs_asked(self) -> frozenset[str]:
        """The cycles that begin with their first run."""
        return frozenset(name for name, cycle in self.written.items() if not isinstance(cycle.starts, date))

    def seen_from(self, cycle: str, zone: ZoneInfo) -> Cycle | None:
        """Give the cycle with the midnights of `zone`; nothing when it is not known."""
        if cycle not in self.written:
            return None
        made = self._made.get((cycle, zone))
        if made is None:
            made = self._made[(cycle, zone)] = self._make(self.written[cycle], zone)
        return made

    def _make(self, written: NamedCycle | WrittenCycle, zone: ZoneInfo) -> Cycle:
        if isinstance(written, NamedCycle):
            return Cycle(written.id, CalendarDays(zone, written.starts), _days(written.starts, written.ends))
        origin = self.first_runs.get(written.id, self.at)
        if written.day is not None:
            start = local_midnight(written.starts, zone) if isinstance(written.starts, date) else origin
            return Cycle(written.id, ShortDays(start, written.day), written.days or 1)
        first = written.starts if isinstance(written.starts, date) else origin.astimezone(zone).date()
        days = written.days if written.days is not None else _days(first, written.ends or first)
        return Cycle(written.id, CalendarDays(zone, first), days)


def read_cycles(
    written: WrittenKrd, at: datetime, first_runs: Mapping[str, datetime], findings: Findings
) -> Cycles:
    """Check the cycles of `krd.yaml`; those with a mistake are left out."""
    good: dict[str, NamedCycle | WrittenCycle] = {}
    for loc, cycle in written.cycles:
        place = written.file.place(loc)
        if cycle.id in good:
            findings.error("KRD601", place, f"the cycle {cycle.id} is there twice", "keep one of them")
        elif isinstance(cycle, NamedCycle) or _sound(cycle, place, at, first_runs, findings):
            good[cycle.id] = cycle
    return Cycles(good, at, first_runs)


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def _sound(
    cycle: WrittenCycle, place: Place, at: datetime, first_runs: Mapping[str, datetime], findings: Findings
) -> bool:
    problem = _problem(cycle, at, first_runs)
    if problem is not None:
        findings.error("KRD601", place, f"the cycle {cycle.id} {problem[0]}", problem[1])
    return problem is None


def _problem(cycle: WrittenCycle, at: datetime, first_runs: Mapping[str, datetime]) -> tuple[str, str] | None:
    if (cycle.ends is None) == (cycle.days is None):
        return "needs exactly one of `ends` and `days`", "write its last day, or how many days it has"
    if cycle.days is not None and not 1 <= cycle.days <= MOST_DAYS:
        return f"has {cycle.days} days", f"write 1 to {MOST_DAYS}"
    if cycle.day is not None and cycle.days is None:
        return "sets the length of its day but not how many it has", "write `days` instead of `ends`"
    if cycle.day is not None and not timedelta(seconds=1) <= cycle.day < REAL_DAY:
        return "has days that are no fraction of a real one", "write a `day` from 1s to below 24h"
    if isinstance(cycle.starts, date) and not 1970 <= cycle.starts.year <= 2200:
        return f"starts in the year {cycle.starts.year}", "write a year from 1970 to 2200"
    if cycle.ends is None:
        return None
    first = cycle.starts if isinstance(cycle.starts, date) else first_runs.get(cycle.id, at).date()
    if not 1 <= _days(first, cycle.ends) <= MOST_DAYS:
        return "ends before it starts, or is longer than ten years", "write a later `ends`"
    return None


def calendar_for(
    cycle: Cycle, syncs: tuple[tuple[Sync, Place], ...], holidays: frozenset[date], findings: Findings
) -> Calendar:
    """Make a team's calendar from its own sync and the file's, the nearest first; what does not fit the cycle's days is
    reported and replaced.
    """
    every = _every(cycle, syncs, findings)
    brief = _brief(cycle, syncs, every, findings)
    return Calendar(cycle, every, brief, holidays)


def _every(
    cycle: Cycle, syncs: tuple[tuple[Sync, Place], ...], findings: Findings
) -> WeeklySync | CountedSync:
    usual = CountedSync(WEEK) if cycle.short else _WEEKLY
    if not syncs:
        return usual
    sync, place = syncs[0]
    if cycle.short and isinstance(sync.every, WeeklySync):
        what = f"the sync is on a weekday, but the cycle {cycle.id} sets its own `day` and has no weekdays"
        findings.error(
            "KRD602", place, what, "write it counted from the cycle's start: {every: 7d, brief: 1d}"
        )
        return usual
    if isinstance(sync.every, CountedSync) and cycle.nominal(sync.every.every) < cycle.grid.length:
        findings.error("KRD602", place, "the sync is more often than daily", "write at least 1d")
        return usual
    return sync.every


def _brief(
    cycle: Cycle, syncs: tuple[tuple[Sync, Place], ...], every: WeeklySync | CountedSync, findings: Findings
) -> BriefBefore | BriefOnPreviousWorkingDay:
    counted = isinstance(every, CountedSync)
    usual = _A_DAY_AHEAD if counted else _DAY_BEFORE
    # A team's own sync without a brief takes the file's, where that is of the same sort.
    for number, (sync, place) in enumerate(syncs):
        brief = sync.brief
        if brief is None or (number and isinstance(brief, BriefBefore) != counted):
            continue
        if cycle.short and isinstance(brief, BriefOnPreviousWorkingDay):
            what = f"the brief is on a working day, but the cycle {cycle.id} sets its own `day` and has none"
            findings.error("KRD602", place, what, "write it as a time before the sync: brief: 1d")
            return usual
        if isinstance(brief, BriefBefore) and cycle.nominal(brief.ahead) >= _distance(cycle, every):
            what = "the brief would come before the previous sync"
            findings.error("KRD602", place, what, "write a shorter time before the sync")
        return brief
    return usual


def _distance(cycle: Cycle, every: WeeklySync | CountedSync) -> timedelta:
    return cycle.nominal(every.every) if isinstance(every, CountedSync) else timedelta(weeks=every.weeks)
