"""Tells that values which are in use are those of another unit: seconds for milliseconds, a share for a percentage.

Of changes 99 % are found within seven days at 10 % noise, with no false one. Where two days in a hundred are spikes of 3
to 2,000 times, no key result of 400 is mistaken; by a single day near a factor 16 % are (`benchmarks.detectors`, seed 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.detectors.trailing import earlier, trailing_median

FACTORS = (60.0, 100.0, 1e3, 1024.0, 3600.0, 1e6, 1024.0**2, 1e9)
"""What another unit multiplies by: minutes, percent, kilo, kibi, hours, mega, mebi, giga; or divides. Factors of 7, 10
and 24 are left out: they match every fourth spike of 3 to 50 times.
"""
TOLERANCE = 0.12
"""How far two days together may be from such a factor (natural logarithm)."""
EACH = 0.25
"""How far each of the two may be."""
BEFORE = 14
"""Days whose median they are held against."""
FEWEST = 6
"""Readings among these without which there is none."""
LOOSE = 0.5
"""Nothing is looked at closely that does not reach this share of the smallest factor on two readings running."""
STILL = 0.5
"""It lasts as long as values lie further from the old unit than this share of the way (logarithmic) to the new one."""


@dataclass(frozen=True, slots=True)
class UnitChange:
    """Values in another unit, up to the last day."""

    day: int
    """Column of the first day in the new unit."""
    factor: float
    """What the old unit was multiplied by; below 1 when the values became smaller."""
    before: float
    """Median in the old unit."""
    after: float
    """The last value."""


def unit_changes(values: Floats) -> list[UnitChange | None]:
    """Find, for each row of (N, days) values, the change of unit that its last value is still in.

    Two successive readings lie within 12 % (together; each within 25 %) of the median of the 14 days before, times 60,
    100, 1000, 1024, 3600, 10^6, 1024^2 or 10^9, or divided by it. Going back to the old unit ends it, and is no second one.
    """
    sizes = np.abs(np.where(values == 0, np.nan, values))
    beside = sizes / earlier(trailing_median(sizes, BEFORE, FEWEST), 1)
    least = min(FACTORS) * LOOSE
    return [
        _last_change(values[row], sizes[row]) if _leaps(values[row], beside[row], least) else None
        for row in range(values.shape[0])
    ]


def _leaps(values: Floats, beside: Floats, least: float) -> bool:
    """Tell whether two successive readings lie as far away as the smallest factor: of most series none do."""
    known = beside[np.isfinite(values) & (values != 0)]
    up, down = known >= least, known <= 1 / least
    return bool((up[1:] & up[:-1]).any() or (down[1:] & down[:-1]).any())


def _last_change(values: Floats, sizes: Floats) -> UnitChange | None:
    days = np.flatnonzero(np.isfinite(sizes))
    home: list[tuple[int, float]] = []
    away: UnitChange | None = None
    for place, day in enumerate(days.tolist()):
        value = float(values[day])
        if away is not None and _lasts(away, value):
            away = UnitChange(away.day, away.factor, away.before, value)
            continue
        away = None
        following = float(values[days[place + 1]]) if place + 1 < days.size else None
        median = _median([known for when, known in home if when >= day - BEFORE])
        factor = _factor(value, following, median) if following is not None and median is not None else None
        if factor is None or median is None:
            home.append((day, value))
        else:
            away = UnitChange(day, factor, median, value)
    return away


def _factor(value: float, following: float, median: float) -> float | None:
    one, other = _away(value, median), _away(following, median)
    if one is None or other is None:
        return None
    for factor in FACTORS:
        size = math.copysign(math.log(factor), one)
        near = max(abs(one - size), abs(other - size)) < EACH
        if near and abs((one + other) / 2 - size) < TOLERANCE:
            return _nearest((one + other) / 2)
    return None


def _nearest(size: float) -> float:
    """Give the factor that is nearest: 1000 and 1024 are both near."""
    factor = min(FACTORS, key=lambda one: abs(math.log(one) - abs(size)))
    return factor if size > 0 else 1 / factor


def _lasts(away: UnitChange, value: float) -> bool:
    now = _away(value, away.before)
    return now is not None and now / math.log(away.factor) > STILL


def _away(value: float, median: float) -> float | None:
    """Give log(value / median) without a quotient that leaves the floats; nothing across zero."""
    return math.log(abs(value)) - math.log(abs(median)) if (value > 0) == (median > 0) else None


def _median(values: Sequence[float]) -> float | None:
    if len(values) < FEWEST:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
