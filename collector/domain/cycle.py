"""A cycle and its days: where a day begins, which day holds an instant, what a waiting time means in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from collector.domain.span import Span

REAL_DAY = timedelta(days=1)


@lru_cache(maxsize=16_384)
def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the instant (UTC) at which `day` begins in `zone`; where a change of the clock skips midnight, the first
    instant that exists.
    """
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """Days between local midnights: 23, 24 or 25 hours long."""

    zone: ZoneInfo
    first: date

    @property
    def length(self) -> timedelta:
        """The nominal length of a day."""
        return REAL_DAY

    def index(self, at: datetime) -> int:
        """Number the day that holds `at`; the cycle's first day is 0, days before it are negative."""
        return (at.astimezone(self.zone).date() - self.first).days

    def starts(self, index: int) -> datetime:
        """Give the instant at which day `index` begins."""
        return local_midnight(self.first + timedelta(days=index), self.zone)

    def back(self, at: datetime, days: int) -> datetime:
        """Go back whole days and keep the wall time, as a person reading a calendar would."""
        local = at.astimezone(self.zone).replace(tzinfo=None) - timedelta(days=days)
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def name(self, index: int) -> str:
        """Write the day for people: `9 Dec`."""
        day = self.first + timedelta(days=index)
        return f"{day.day} {day:%b}"


@dataclass(frozen=True, slots=True)
class ShortDays:
    """Days of equal real length counted from an instant: a cycle that says `day: 6s` (DESIGN §5)."""

    origin: datetime
    length: timedelta

    def index(self, at: datetime) -> int:
        """Number the day that holds `at`; the cycle's first day is 0, days before it are negative."""
        return (at - self.origin) // self.length

    def starts(self, index: int) -> datetime:
        """Give the instant at which day `index` begins."""
        return self.origin + index * self.length

    def back(self, at: datetime, days: int) -> datetime:
        """Go back `days` times the length."""
        return at - days * self.length

    def name(self, index: int) -> str:
        """Write the day for people, counted from 1: `day 11`."""
        return f"day {index + 1}"


class CycleState(StrEnum):
    """Where a cycle stands in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Cycle:
    """A stretch of whole days in which key results are pursued, seen from one team's zone."""

    id: str
    grid: CalendarDays | ShortDays
    days: int
    """How many days it has."""
    starts: datetime = field(init=False)
    ends: datetime = field(init=False)
    """The first instant after its last day."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", self.grid.starts(0))
        object.__setattr__(self, "ends", self.grid.starts(self.days))

    @property
    def short(self) -> bool:
        """Whether it sets its own length of a day, and so has no nights, weekends or holidays."""
        return isinstance(self.grid, ShortDays)

    def day_of(self, at: datetime) -> int:
        """Number the day that holds `at`, from 0; negative before the cycle."""
        return self.grid.index(at)

    def day_of_until(self, until: datetime) -> int:
        """Number the day to which a reading belongs: the one that holds the instant just before its `until`."""
        return self.grid.index(until - timedelta(microseconds=1))

    def back(self, at: datetime, span: Span) -> datetime:
        """Go back by `span`: days of the cycle first, then real time."""
        earlier = self.grid.back(at, span.days) if span.days else at
        return earlier - span.real

    def ahead(self, at: datetime, span: Span) -> datetime:
        """Go ahead by `span`: real time first, then days of the cycle, so that it undoes `back`."""
        later = at + span.real
        return self.grid.back(later, -span.days) if span.days else later

    def nominal(self, span: Span) -> timedelta:
        """Give the length of `span` with this cycle's nominal day."""
        return span.nominal(self.grid.length)

    def wait(self, real: timedelta) -> timedelta:
        """Scale a waiting time of the alert policy to this cycle's day (DESIGN §5); deadlines on the wire stay real."""
        return real * (self.grid.length / REAL_DAY) if self.short else real

    def state(self, at: datetime, settling: timedelta = timedelta(0)) -> CycleState:
        """Tell draft, active, closing (until the end plus `settling`), or closed."""
        if at < self.starts:
            return CycleState.DRAFT
        if at < self.ends:
            return CycleState.ACTIVE
        return CycleState.CLOSING if at < self.ends + settling else CycleState.CLOSED
