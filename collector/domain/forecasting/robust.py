"""Scales and weekday profiles that one strange day does not move."""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import MAD_TO_SD, MEDIAN_VARIANCE, SHRINKAGE, Floats, median
from collector.domain.forecasting.cohort import Ints

CLIP = 5.0
"""Differences are clipped at this many median absolute differences."""
MEAN_ABS_TO_SD = 0.8862
"""sqrt(pi)/2: half the mean absolute difference of two normal draws is this share of their standard deviation."""
PRIOR_STEPS = 4.0
"""Weight of the prior scale, in differences."""
PRIOR_SHARE = 0.25
"""Prior standard deviation of a day, as a share of the way."""


def weekday_profile(series: Floats, known: Ints) -> Floats:
    """Give (N, 7) additive effects by column modulo 7 of (N, days) series, which end with their `known` columns: the median
    of what a day differs from the week around it, shrunk by its own error; nothing where a weekday was seen less than twice.
    """
    rows, days = series.shape
    if days < 14:
        return np.zeros((rows, 7))
    residual = series - _week_around(series, known)
    weeks = np.concatenate([residual, np.full((rows, -days % 7), np.nan)], axis=1).reshape(rows, -1, 7)
    effect = median(weeks, 1)
    seen = np.isfinite(weeks).sum(1)
    spread = MAD_TO_SD * median(np.abs(weeks - effect[:, None, :]).reshape(rows, -1))
    effect = np.where(np.isfinite(effect), effect, 0.0)
    effect -= (effect * seen).sum(1, keepdims=True) / np.maximum(seen.sum(1, keepdims=True), 1)
    error = MEDIAN_VARIANCE * np.nan_to_num(spread)[:, None] ** 2 / np.maximum(seen, 1)
    strength = np.maximum((effect**2).sum(1) / 6, 1e-30)
    kept = np.maximum(0.0, 1 - SHRINKAGE * error.mean(1) / strength)
    return effect * np.where(seen.min(1) >= 2, kept, 0.0)[:, None]


def _week_around(series: Floats, known: Ints) -> Floats:
    """Give the mean of the seven days around each day, at the ends of the first and last seven; NaN of fewer than four."""
    rows, days = series.shape
    seen = np.isfinite(series)
    nothing = np.zeros((rows, 1))
    sums = np.concatenate([nothing, np.cumsum(np.where(seen, series, 0.0), axis=1)], axis=1)
    counts = np.concatenate([nothing, np.cumsum(seen, axis=1)], axis=1)
    begin = np.minimum(np.maximum(np.arange(days) - 3, 0), np.maximum(known - 7, 0)[:, None])
    end = np.minimum(begin + 7, days)
    count = np.take_along_axis(counts, end, 1) - np.take_along_axis(counts, begin, 1)
    whole = np.take_along_axis(sums, end, 1) - np.take_along_axis(sums, begin, 1)
    return np.where(count >= 4, whole / np.maximum(count, 1), np.nan)


def step_variance(series: Floats, way: Floats) -> tuple[Floats, Floats]:
    """Give the variance of the difference of successive readings, and their mean distance in days, for each row.

    Differences are clipped, so that one jump does not buy its own excuse, and shrunk towards a day's noise of a quarter
    of the `way`.
    """
    known = np.isfinite(series)
    order = np.argsort(~known, axis=1, kind="stable")
    steps = np.abs(np.diff(np.take_along_axis(series, order, 1), axis=1))
    finite = np.isfinite(steps)
    n = finite.sum(1)
    distance = np.where(finite, np.diff(order, axis=1), 0).sum(1) / np.maximum(n, 1)
    middle = np.nan_to_num(median(steps))
    limit = np.where(middle > 0, CLIP * middle, np.inf)[:, None]
    mean = np.where(finite, np.minimum(steps, limit), 0.0).sum(1) / np.maximum(n, 1)
    measured = 2 * (MEAN_ABS_TO_SD * mean) ** 2
    prior = 2 * (PRIOR_SHARE * way) ** 2
    return (n * measured + PRIOR_STEPS * prior) / (n + PRIOR_STEPS), np.where(n > 0, distance, 1.0)


def spread_of(series: Floats) -> Floats:
    """Give the standard deviation of each row, and next to nothing where it never moves."""
    known = np.isfinite(series)
    n = np.maximum(known.sum(1), 1)
    mean = np.where(known, series, 0.0).sum(1) / n
    found = np.sqrt(np.where(known, (series - mean[:, None]) ** 2, 0.0).sum(1) / n)
    return np.where(found > 0, found, 1e-6)
