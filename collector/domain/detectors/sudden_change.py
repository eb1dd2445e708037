"""Tells that a series suddenly has another level, in either direction, and since when.

False alarms of a key result and quarter, in brackets without the correction for autocorrelation: white noise 0.003
(0.010), AR(1) of 0.5 0.030 (0.258), AR(1) of 0.8 0.088 (0.945), Student t of 3.5 0.013 (0.023), a habit of weekdays 0.018,
counts of half an event a day 0.47. Found within seven days, of shifts by 3 standard deviations 77, 46, 38 and 97 % (white,
AR, AR, t), of those by 5 100, 95, 84 and 100 %; a shift by one is not found. Of single days of 15 standard deviations one
in a thousand is taken for a change (`benchmarks.detectors`, seed 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collector.domain.arrays import Floats
from collector.domain.detectors.standardised import BEFORE, CLIP, standardised

ALLOWANCE = 0.75
"""Standard deviations of each day that count for nothing (k)."""
THRESHOLD = 7.0
"""Standard deviations beyond that, added up, that are a change (h)."""
RECENT = 7
"""Closed days for which a change is news."""


@dataclass(frozen=True, slots=True)
class SuddenChange:
    """Another level, in the unit of the series."""

    day: int
    """Column of the first day that has it."""
    told: int
    """Column of the day at whose close it was certain."""
    before: float
    """Median of the two weeks before it."""
    after: float
    """Median since."""


def sudden_changes(values: Floats) -> list[SuddenChange | None]:
    """Find, for each row of (N, days) values, the newest change that became certain in the last seven days.

    Two-sided CUSUM (Page 1954) of z clipped at ±3, k = 0.75, h = 7, that begins anew after each alarm. A day without a
    reading adds nothing and takes nothing away.
    """
    z = standardised(values)
    alarm, since = alarms(z)
    return [_newest(values[row], z[row], alarm[row], since[row]) for row in range(values.shape[0])]


def _newest(
    values: Floats, z: Floats, alarm: NDArray[np.int8], since: NDArray[np.int64]
) -> SuddenChange | None:
    recent = np.flatnonzero(alarm[-RECENT:])
    if recent.size == 0:
        return None
    told = int(recent[-1]) + max(alarm.size - RECENT, 0)
    day = int(since[told]) + _began(alarm[told] * z[since[told] : told + 1])
    return SuddenChange(
        day, told, *map(_median, (values[max(day - BEFORE, 0) : day], values[day : told + 1]))
    )


def _began(z: Floats) -> int:
    """Give the place from which on the days added up lie furthest beyond half of their largest: where the level most likely
    changed. A day or two of noise before it are added up as well.
    """
    clipped = np.clip(z, -CLIP, CLIP)
    beyond = np.nan_to_num(clipped - 0.5 * np.nanmax(clipped))
    return int(np.argmax(np.cumsum(beyond[::-1])[::-1]))


def _median(values: Floats) -> float:
    return float(np.nanmedian(values))


def alarms(z: Floats) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Give, by row and day, +1 and -1 where a change upwards or downwards becomes certain, and the day on which what is
    being added up began.
    """
    rows, days = z.shape
    step = np.where(np.isfinite(z), np.clip(z, -CLIP, CLIP), 0.0)
    gain = np.where(np.isfinite(z), np.stack([step, -step]) - ALLOWANCE, 0.0)
    sums = np.zeros((2, rows))
    course = np.zeros((2, rows, days))
    over = np.zeros((2, rows, days), dtype=bool)
    for day in range(days):
        sums = np.maximum(0.0, sums + gain[:, :, day])
        if (beyond := sums > THRESHOLD).any():
            over[:, :, day] = beyond
            sums[:, beyond.any(0)] = 0.0
        course[:, :, day] = sums
    nothing = np.maximum.accumulate(np.where(course == 0.0, np.arange(days), -1), axis=2)
    began = np.concatenate([np.zeros((2, rows, 1), dtype=np.int64), nothing[:, :, :-1] + 1], axis=2)
    return over[0].astype(np.int8) - over[1].astype(np.int8), np.where(over[1], began[1], began[0])
