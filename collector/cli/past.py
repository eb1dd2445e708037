"""Reads what a source says about past days, one reading a day: enough for a sparkline, a baseline and its noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.baseline import Baseline, take_baseline
from collector.domain.days import Day, close_day
from collector.domain.sample import Gap, Origin, Sample
from collector.domain.shape import From, Measured
from collector.domain.span import Span
from collector.ports.sources import OpenSource
from collector.services.ask import Due, left_by, moment_of, questions_of
from connectors.api import Outcome

DAYS = 28
"""So many days are shown (DESIGN §4, `krd try`)."""


@dataclass(frozen=True, slots=True)
class PastDay:
    """One moment of the past and what was there."""

    at: datetime
    left: Sample | Gap

    @property
    def value(self) -> float | None:
        """The reading; nothing for a gap."""
        return self.left.value if isinstance(self.left, Sample) else None


def read_past(source: OpenSource, due: Due, until: datetime, days: int, at: datetime) -> list[PastDay]:
    """Ask once for the last `days` ends of days not later than `until`, oldest first.

    The binding of `due` has to answer the past. `at` is when it is asked.
    """
    cycle = due.key_result.cycle
    last = cycle.day_of(until)
    ends = [cycle.grid.starts(day) for day in range(last - days + 1, last + 1)]
    asked = [Due(due.key_result, due.binding, due.series, slot) for slot in ends]
    moments = [moment_of(one) for one in asked]
    parts: list[dict[datetime, Outcome]] = [
        dict(source.connector.fetch_range(question, moments, source.timeout))
        for question in questions_of(asked[0], 0, historical=True)
    ]
    return [
        PastDay(one.slot, left_by(one, [part[one.slot] for part in parts], at, Origin.HEALED))
        for one in asked
    ]


def baseline_of(due: Due, past: Sequence[PastDay], start: From, before: datetime) -> Baseline | None:
    """Take the baseline from readings of the past as the daemon takes it from its days, as if a cycle began at `before`."""
    cycle = due.key_result.cycle
    begins = cycle.day_of(before)
    days: list[Day] = []
    for one in past:
        number = cycle.day_of_until(due.binding.until(cycle, one.at)) - begins
        closed = close_day(due.binding, number, [one.left]) if isinstance(one.left, Sample) else None
        if closed is not None:
            days.append(closed)
    return take_baseline(start, days, None, past_known=True, settled=True)


def noise_of(due: Due, past: Sequence[PastDay], before: datetime) -> float | None:
    """Give the spread of the day values, as a standard deviation that one odd day does not move."""
    found = baseline_of(due, past, Measured(Span(days=DAYS)), before)
    return found.spread if found is not None else None
