"""Windows that end with a day: what is known of a series on that day, and nothing later."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAD_TO_SD = 1.4826
"""The median absolute deviation of a normal is 1/1.4826 of its standard deviation."""


def middle(values: Floats, fewest: int = 1) -> Floats:
    """Give the median along the last axis, ignoring NaN; NaN of fewer than `fewest` values. numpy's own is slower."""
    ordered = np.sort(values, axis=-1)
    n = np.isfinite(ordered).sum(-1)
    last = ordered.shape[-1] - 1
    below = np.clip((n - 1) // 2, 0, last)[..., None]
    above = np.clip(n // 2, 0, last)[..., None]
    found = 0.5 * (np.take_along_axis(ordered, below, -1) + np.take_along_axis(ordered, above, -1))[..., 0]
    told: Floats = np.where(n >= max(fewest, 1), found, np.nan)
    return told


def window(values: Floats, width: int) -> Floats:
    """Give (N, days, width): each day's last `width` days, itself included; NaN before the first."""
    nothing = np.full((values.shape[0], width - 1), np.nan)
    return sliding_window_view(np.concatenate([nothing, values], axis=1), width, axis=1)


def trailing_median(values: Floats, width: int, fewest: int = 1) -> Floats:
    """Give the median of each day's last `width` days, itself included; NaN of fewer than `fewest` readings."""
    return middle(window(values, width), fewest)


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
