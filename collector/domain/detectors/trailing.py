"""Windows that end with a day: what is known of a series on that day, and nothing later."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from collector.domain.arrays import Floats, median


def window(values: Floats, width: int) -> Floats:
    """Give (N, days, width): each day's last `width` days, itself included; NaN before the first."""
    nothing = np.full((values.shape[0], width - 1), np.nan)
    return sliding_window_view(np.concatenate([nothing, values], axis=1), width, axis=1)


def trailing_median(values: Floats, width: int, fewest: int = 1) -> Floats:
    """Give the median of each day's last `width` days, itself included; NaN of fewer than `fewest` readings."""
    return median(window(values, width), fewest=fewest)


def trailing_mean(values: Floats, width: int) -> Floats:
    """Give the mean of the same days; 0 where none has a reading."""
    known = np.isfinite(values)
    sums = _sums(np.where(known, values, 0.0), width)
    return sums / np.maximum(_sums(known.astype(np.float64), width), 1.0)


def earlier(values: Floats, by: int) -> Floats:
    """Give in each day's place the value of `by` days before, at least one; NaN before the first."""
    nothing = np.full((values.shape[0], by), np.nan)
    return np.concatenate([nothing, values], axis=1)[:, : values.shape[1]]


def _sums(values: Floats, width: int) -> Floats:
    nothing = np.zeros((values.shape[0], width - 1))
    sums: Floats = sliding_window_view(np.concatenate([nothing, values], axis=1), width, axis=1).sum(-1)
    return sums
