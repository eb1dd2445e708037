"""Where a value entered by hand belongs: at the end of the day it stands for, so that it counts for that day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.measure import Binding

DAYS_BEFORE = 28
"""So many days before its cycle a value may stand for, as far as a source is read at first sight."""


TICK = timedelta(microseconds=1)


class WrongDay(ValueError):
    """A day that a value of this cycle cannot stand for; the text says why."""


def day_of_value(cycle: Cycle, as_of: date | datetime, at: datetime) -> int:
    """Number the day that a value stands for; `at` is the present. Raises `WrongDay`.

    In a cycle of calendar days a date is a day of the team's zone, and an instant lies in one. A cycle that sets its own
    `day` has no dates: there only an instant names a day.
    """
    day = _day(cycle, as_of)
    future = as_of > at if isinstance(as_of, datetime) else day > cycle.day_of(at)
    if future:
        raise WrongDay(f"{_shown(as_of)} lies in the future; a value stands for a day that has come")
    if not -DAYS_BEFORE <= day < cycle.days:
        first, last = cycle.grid.name(-DAYS_BEFORE), cycle.grid.name(cycle.days - 1)
        raise WrongDay(
            f"{_shown(as_of)} is not a day of the cycle {cycle.id}; write one from {first} to {last}"
        )
    return day


def slot_of_day(cycle: Cycle, day: int) -> datetime:
    """Give the slot of the value of a day: the instant at which the day ends."""
    return cycle.grid.starts(day + 1)


def value_due(binding: Binding, cycle: Cycle, by: datetime) -> tuple[datetime, datetime] | None:
    """Give the stretch (after, until] in which a value has to stand by `by`; nothing when none is due in the cycle yet."""
    cadence = binding.cadence(cycle)
    until = cadence.latest(by)
    if not cycle.starts < until <= cycle.ends:
        return None
    return cadence.latest(until - TICK), until


def _day(cycle: Cycle, as_of: date | datetime) -> int:
    if isinstance(as_of, datetime):
        return cycle.day_of(as_of)
    if isinstance(cycle.grid, CalendarDays):
        return (as_of - cycle.grid.first).days
    raise WrongDay(
        f"the cycle {cycle.id} sets its own `day` and has no dates: write an instant, as in 2026-11-30T12:00:00Z"
    )


def _shown(as_of: date | datetime) -> str:
    if isinstance(as_of, datetime):
        return as_of.astimezone(UTC).isoformat(timespec="seconds")
    return as_of.isoformat()
