"""When people meet: syncs, the briefs before them, and which days are working days."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.span import Span

WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class WeeklySync:
    """A weekday and hour in the team's zone, every `weeks` weeks counted from the cycle's first week."""

    weekday: int
    """Monday is 0."""
    hour: time
    weeks: int = 1


@dataclass(frozen=True, slots=True)
class CountedSync:
    """Every so many days of the cycle, counted from its start."""

    every: Span


@dataclass(frozen=True, slots=True)
class BriefOnPreviousWorkingDay:
    """On the working day before the sync, at an hour in the team's zone."""

    hour: time


@dataclass(frozen=True, slots=True)
class BriefBefore:
    """A span before the sync."""

    ahead: Span


@dataclass(frozen=True, slots=True)
class Calendar:
    """A team's meetings and working days in one cycle.

    Moments of a `WeeklySync` that fall on a non-working day move to the previous working day (DESIGN §8). A cycle that
    sets its own `day` has neither weekends nor holidays.
    """

    cycle: Cycle
    sync: WeeklySync | CountedSync
    brief: BriefOnPreviousWorkingDay | BriefBefore
    holidays: frozenset[date] = field(default_factory=frozenset)

    def syncs(self, after: datetime) -> Iterator[datetime]:
        """Give the syncs later than `after`, ascending, up to and including the first one past the cycle's end."""
        for moment in self._all():
            if moment > after:
                yield moment

    def next_sync(self, after: datetime) -> datetime | None:
        """Give the first sync later than `after`, or nothing when the cycle is over."""
        return next(self.syncs(after), None)

    def previous_sync(self, before: datetime) -> datetime | None:
        """Give the last sync not later than `before`."""
        latest = None
        for moment in self._all():
            if moment > before:
                break
            latest = moment
        return latest

    def brief_before(self, sync: datetime) -> datetime:
        """Give the moment at which the brief for `sync` is due."""
        match self.brief:
            case BriefBefore(ahead=ahead):
                return self.before(sync, ahead)
            case BriefOnPreviousWorkingDay(hour=hour):
                zone = self._zone()
                day = self._working(sync.astimezone(zone.zone).date() - timedelta(days=1))
                return datetime.combine(day, hour, tzinfo=zone.zone).astimezone(UTC)

    def before(self, moment: datetime, ahead: Span) -> datetime:
        """Give the instant so long before a moment, moved to the previous working day where it falls on none."""
        return self._moved(self.cycle.back(moment, ahead))

    def working(self, day: date) -> bool:
        """Tell whether `day` is neither on a weekend nor a holiday."""
        return day.weekday() not in WEEKEND and day not in self.holidays

    def _all(self) -> Iterator[datetime]:
        match self.sync:
            case CountedSync(every=every):
                yield from self._counted(every)
            case WeeklySync():
                yield from self._weekly(self.sync)

    def _counted(self, every: Span) -> Iterator[datetime]:
        # From the start each time, so that a midnight which a change of the clock skips moves no later sync.
        for count in itertools.count(1):
            ahead = Span(days=-every.days * count, real=-every.real * count)
            moment = self.cycle.back(self.cycle.starts, ahead)
            yield moment
            if moment >= self.cycle.ends:
                return

    def _moved(self, moment: datetime) -> datetime:
        """Move a moment around a `WeeklySync` from a non-working day to the previous working day, at the same hour."""
        if not isinstance(self.sync, WeeklySync):
            return moment
        zone = self._zone().zone
        local = moment.astimezone(zone)
        return datetime.combine(self._working(local.date()), local.time(), tzinfo=zone).astimezone(UTC)

    def _weekly(self, sync: WeeklySync) -> Iterator[datetime]:
        grid = self._zone()
        monday = grid.first - timedelta(days=grid.first.weekday())
        step = timedelta(weeks=sync.weeks)
        latest = None
        while True:
            day = self._working(monday + timedelta(days=sync.weekday))
            moment = datetime.combine(day, sync.hour, tzinfo=grid.zone).astimezone(UTC)
            # A holiday of weeks moves several syncs to one day, where one is enough.
            if moment >= self.cycle.starts and moment != latest:
                yield moment
            latest = moment
            if moment >= self.cycle.ends:
                return
            monday += step

    def _working(self, day: date) -> date:
        while not self.working(day):
            day -= timedelta(days=1)
        return day

    def _zone(self) -> CalendarDays:
        if not isinstance(self.cycle.grid, CalendarDays):
            raise ValueError(  # noqa: TRY004 - a wrong file, not a wrong type
                f"the cycle {self.cycle.id} sets its own `day`: write the sync as {{every: 7d, brief: 1d}}"
            )
        return self.cycle.grid
