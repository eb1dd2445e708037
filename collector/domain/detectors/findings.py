"""Everything the detectors say of a key result at the close of a day, for many key results at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.detectors.flatline import LEAST_ROW, Flatline, flatline, row_of
from collector.domain.detectors.regression import noise
from collector.domain.detectors.sudden_change import SuddenChange, sudden_changes
from collector.domain.detectors.unit_change import UnitChange, unit_changes

DAYS = 119
"""So many days are looked at, a quarter and the 28 before it: cost does not grow with the length of a cycle."""
TOGETHER = 256
"""Key results that are looked at in one go: few enough for the windows of all of them to stay small."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One key result as the detectors see it."""

    values: Floats
    """One number a day for the `DAYS` days before `today`, ascending; NaN for a day without a reading, never 0."""
    today: int
    """Index in the cycle of the first day that is not closed."""
    level: bool = True
    """Whether it is a level, which may have changed suddenly or be given in another unit; a count and events are not."""


def watched(days: Iterable[tuple[int, float]], today: int, *, level: bool) -> Watched:
    """Lay out closed days, each its index and its value, none older than `DAYS` days before `today`."""
    values = np.full(DAYS, np.nan)
    for day, value in days:
        values[day - today] = value
    return Watched(values, today, level=level)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found; days are indices in the cycle."""

    today: int
    known: bool
    """Whether the last closed day holds a reading: without one nothing new can be said."""
    change: SuddenChange | None = None
    flat: Flatline | None = None
    still: bool = False
    """Whether it stands still, found to be strange or not."""
    unit: UnitChange | None = None
    noise: float | None = None
    """Long-run standard deviation of a day, in the unit of the key result."""


def findings(series: Sequence[Watched]) -> list[Findings]:
    """Look at each; an equal series gets equal findings, whatever is looked at beside it."""
    found: list[Findings] = []
    for begin in range(0, len(series), TOGETHER):
        found += _together(series[begin : begin + TOGETHER])
    return found


def _together(series: Sequence[Watched]) -> list[Findings]:
    values = np.stack([one.values for one in series])
    with np.errstate(all="ignore"):  # absurd numbers leave the floats, and are then found nothing about
        changes, units, noises = sudden_changes(values), unit_changes(values), noise(values)
    return [_findings(*each) for each in zip(series, changes, units, noises.tolist(), strict=True)]


def _findings(one: Watched, change: SuddenChange | None, unit: UnitChange | None, spread: float) -> Findings:
    first = one.today - one.values.size
    known = bool(np.isfinite(one.values[-1]))
    flat = flatline(one.values)
    news = (
        change is not None and one.level and first + change.told >= 0
    )  # what was so before the cycle is no news
    return Findings(
        today=one.today,
        known=known,
        change=replace(change, day=first + change.day, told=first + change.told) if change and news else None,
        flat=replace(flat, day=first + flat.day) if flat else None,
        still=row_of(one.values) >= LEAST_ROW,
        unit=replace(unit, day=first + unit.day) if unit and one.level else None,
        noise=spread if math.isfinite(spread) else None,
    )
