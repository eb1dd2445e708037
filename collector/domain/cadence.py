"""When a series is due: an absolute grid of slots that no restart, delay or clock jump moves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cronsim import CronSim

from collector.domain.cycle import CalendarDays, Cycle, ShortDays, local_midnight
from collector.domain.span import Span

LONGEST_OFFSET = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Months:
    """On the first local midnight of every `count`-th month."""

    count: int = 1

    def __str__(self) -> str:
        return "month" if self.count == 1 else f"{self.count} months"


@dataclass(frozen=True, slots=True)
class Cron:
    """On the minutes a cron expression names, in the team's zone; a repeated hour fires once."""

    expression: str

    def __str__(self) -> str:
        return self.expression


Every = Span | Months | Cron


@dataclass(frozen=True, slots=True)
class Cadence:
    """The slots of a binding in a cycle (DESIGN §5, "Slots").

    Below a day: the UTC grid. Whole days, weeks and months: local midnights (weeks begin on Monday, months on the 1st),
    or, in a cycle with its own `day`, multiples of that day counted from the cycle's start.
    """

    every: Every
    cycle: Cycle

    def slots(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Give the slots later than `after` and not later than `until`, ascending."""
        slot = self.following(after)
        while slot <= until:
            yield slot
            slot = self.following(slot)

    def latest(self, at: datetime) -> datetime:
        """Give the last slot that is not later than `at`."""
        match self.every:
            case Span(days=0, real=real):
                return _grid_floor(at, real)
            case Span(days=days):
                return self._day_floor(at, days)
            case Months(count=count):
                return self._month_floor(at, count)
            case Cron(expression=expression):
                # an hour later, since within an hour that comes twice CronSim may look back past the first of the two
                backwards = CronSim(expression, self._local(at) + timedelta(hours=1, minutes=1), reverse=True)
                return next(slot for slot in map(_utc, backwards) if slot <= at)

    def following(self, at: datetime) -> datetime:
        """Give the first slot later than `at`."""
        match self.every:
            case Span(days=0, real=real):
                return _grid_floor(at, real) + real
            case Span(days=days):
                return self._day_following(at, days)
            case Months(count=count):
                return self._month_following(at, count)
            case Cron(expression=expression):
                return next(slot for slot in map(_utc, CronSim(expression, self._local(at))) if slot > at)

    def nominal(self, at: datetime) -> timedelta:
        """Give the distance between the slot at or before `at` and the one after it."""
        if isinstance(self.every, Span):
            return self.cycle.nominal(self.every)
        latest = self.latest(at)
        return self.following(latest) - latest

    def count(self, after: datetime, until: datetime) -> int:
        """Count the slots later than `after` and not later than `until`."""
        if until <= after:
            return 0
        if isinstance(self.every, Span) and not self.every.days:
            return (
                _grid_floor(until, self.every.real) - _grid_floor(after, self.every.real)
            ) // self.every.real
        return sum(1 for _ in self.slots(after, until))

    def _day_floor(self, at: datetime, days: int) -> datetime:
        grid = self.cycle.grid
        if isinstance(grid, ShortDays):
            return grid.starts(grid.index(at) // days * days)
        ordinal = at.astimezone(grid.zone).date().toordinal()
        return local_midnight(_anchored(ordinal, days), grid.zone)

    def _day_following(self, at: datetime, days: int) -> datetime:
        grid = self.cycle.grid
        if isinstance(grid, ShortDays):
            return grid.starts((grid.index(at) // days + 1) * days)
        ordinal = at.astimezone(grid.zone).date().toordinal()
        return local_midnight(_anchored(ordinal, days) + timedelta(days=days), grid.zone)

    def _month_floor(self, at: datetime, count: int) -> datetime:
        grid = self._calendar()
        local = at.astimezone(grid.zone).date()
        return local_midnight(_first_of(_month_number(local) // count * count), grid.zone)

    def _month_following(self, at: datetime, count: int) -> datetime:
        grid = self._calendar()
        local = at.astimezone(grid.zone).date()
        return local_midnight(_first_of((_month_number(local) // count + 1) * count), grid.zone)

    def _calendar(self) -> CalendarDays:
        if isinstance(self.cycle.grid, ShortDays):
            raise ValueError("a cycle that sets its own `day` has no months: write `every` in days")  # noqa: TRY004 - a wrong file, not a wrong type
        return self.cycle.grid

    def _local(self, at: datetime) -> datetime:
        grid = self.cycle.grid
        return at.astimezone(grid.zone if isinstance(grid, CalendarDays) else UTC)


def offset(source: str, every: Every, nominal: timedelta) -> timedelta:
    """Spread sources over time by a stable hash, not by luck: below min(every, 60 s), whole milliseconds.

    The same source and interval always get the same offset, so that they travel together (after Prometheus' scrape
    offset). `as_of` never moves by it.
    """
    room = min(nominal, LONGEST_OFFSET)
    digest = hashlib.blake2b(f"{source}\0{every}".encode(), digest_size=8).digest()
    share = int.from_bytes(digest) / 2**64
    return timedelta(milliseconds=int(room.total_seconds() * 1000 * share))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _grid_floor(at: datetime, step: timedelta) -> datetime:
    return at - (at - _EPOCH) % step


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _anchored(ordinal: int, days: int) -> date:
    """Floor to a multiple of `days`; ordinal 1 was a Monday, so that weeks begin on Mondays."""
    return date.fromordinal((ordinal - 1) // days * days + 1)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
