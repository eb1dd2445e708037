"""What a key result is judged by: a mean over days, never one raw reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.domain.days import Day
from collector.domain.measure import Binding

FEWEST_DAYS = 4
"""With fewer days that hold a reading, the last one speaks alone (DESIGN §5)."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level with how much it rests on."""

    value: float
    days: int
    """Days with a reading that entered it."""


def level_window(days: Sequence[Day], today: int, width: int) -> Sequence[Day]:
    """Give the days that enter the level: the closed ones among the last `width` before `today`, or, when fewer than
    `FEWEST_DAYS` of them hold a reading, the last one that does.

    `days` ascend and may hold open or later days: they do not enter.
    """
    closed = [day for day in days if day.day < today and day.value is not None]
    window = [day for day in closed if day.day >= today - width]
    return window if len(window) >= FEWEST_DAYS else closed[-1:]


def level_of(binding: Binding, days: Sequence[Day], today: int, width: int) -> Level | None:
    """Take the mean of the day values of the last `width` closed days before `today`; ratios are pooled. Nothing when no
    day before `today` has a reading.
    """
    return pooled(binding, level_window(days, today, width))


def pooled(binding: Binding, window: Sequence[Day]) -> Level | None:
    """Take the mean of the values of these days, of ratios the quotient of their sums; nothing of no days."""
    if len(window) <= 1:
        return Level(window[0].value or 0.0, 1) if window else None
    num = sum(day.num for day in window if day.num is not None)
    den = sum(day.den for day in window if day.den is not None)
    if den:
        return Level(binding.quotient(num, den), len(window))
    return Level(sum(day.value or 0.0 for day in window) / len(window), len(window))
