"""How strange each day is beside the days before it, in standard deviations: what a change is looked for in.

Every number of a day rests on that day and earlier ones alone, so that a longer series says the same of the days it
shares with a shorter one.
"""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import MAD_TO_SD, MEDIAN_VARIANCE, SHRINKAGE, Floats, median
from collector.domain.detectors.trailing import earlier, trailing_mean, trailing_median

WEEK = 7
BEFORE = 14
"""Days whose median a day is held against: two whole weeks, so that no weekday weighs more than another."""
APART = 2
"""They end so many days before it: the beginning of a change must not hide the change."""
FEWEST = 6
"""Readings without which neither a median nor a scale is taken."""
SCALE = 42
"""Days whose residuals give the scale."""
HEAVY = 1.0
"""The scale is at least this share of the mean absolute residual: of mostly equal values the median one is nothing. The
notes have 0.6; with 1.0 counts of half an event a day have a third of the false alarms (0.48 for 1.31 a quarter), and no
kind of noise finds fewer changes for it.
"""
WEEKS = 6
"""Weeks over which it is learned how a weekday differs."""
FEWEST_WEEKS = 3
"""Weeks without which nothing is said of a weekday: the median of two would take a change for a habit."""
CLIP = 3.0
"""A day counts for at most so many standard deviations: no single day, however strange, is a change."""
STRONGEST = 0.8
"""More autocorrelation than this is not believed."""


def standardised(values: Floats, *, corrected: bool = True) -> Floats:
    """Give z of (N, days) values, NaN where a day has no reading or too little came before it.

    z = (x - median of the 14 days that end two days before) / robust scale of such residuals of the 42 days before,
    without the weekday's habit. `corrected` divides it by ((1 + r) / (1 - r))^(1/4), where r is the lag-1
    autocorrelation of z so far, within 0 and 0.8 (foresight notes, "Other detectors"). It does not change with the
    unit, and its sign follows that of the values.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        residual = _without_habit(values - earlier(trailing_median(values, BEFORE, FEWEST), APART))
        size = earlier(np.abs(residual), 1)
        scale = MAD_TO_SD * trailing_median(size, SCALE, FEWEST)
        scale = np.maximum(scale, HEAVY * trailing_mean(size, SCALE))
        z: Floats = np.where(scale > 0, residual / scale, np.nan)
    if not corrected:
        return z
    memory = _memory(z)
    told: Floats = z / ((1 + memory) / (1 - memory)) ** 0.25
    return told


def _without_habit(residual: Floats) -> Floats:
    """Take away what the same weekday showed in the weeks before, shrunk by its own error (James and Stein)."""
    before = np.stack([earlier(residual, week * WEEK) for week in range(1, WEEKS + 1)], axis=-1)
    seen = np.isfinite(before).sum(-1)
    habit = median(before)
    spread = MAD_TO_SD * median(np.abs(before - habit[..., None]))
    known = seen >= FEWEST_WEEKS
    habit = np.where(known, habit, 0.0)
    error = np.where(known, MEDIAN_VARIANCE * spread**2 / np.maximum(seen, 1), 0.0)
    strength = trailing_mean(habit**2, WEEK) * WEEK / (WEEK - 1)
    kept = np.where(strength > 0, 1 - SHRINKAGE * trailing_mean(error, WEEK) / strength, 0.0)
    told: Floats = residual - habit * np.clip(kept, 0.0, 1.0)
    return told


def _memory(z: Floats) -> Floats:
    """Give the lag-1 autocorrelation of z up to each day, within 0 and `STRONGEST`."""
    known = np.isfinite(z)
    clipped = np.where(known, np.clip(z, -CLIP, CLIP), 0.0)
    both = known[:, 1:] & known[:, :-1]
    products = np.cumsum(np.where(both, clipped[:, 1:] * clipped[:, :-1], 0.0), axis=1)
    squares = np.cumsum(np.where(both, 0.5 * (clipped[:, 1:] ** 2 + clipped[:, :-1] ** 2), 0.0), axis=1)
    found = np.zeros_like(z)
    np.divide(products, squares, out=found[:, 1:], where=squares > 0)
    return np.clip(found, 0.0, STRONGEST)
