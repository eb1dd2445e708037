"""Arrays of numbers, their median, and what a median is worth: what forecaster and detectors both rest on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAD_TO_SD = 1.4826
"""The median absolute deviation of a normal is 1/1.4826 of its standard deviation."""
MEDIAN_VARIANCE = 1.57
"""pi/2: the variance of a median against that of a mean."""
SHRINKAGE = 1.5
"""How many times its own error a weekday profile must show to be believed (James and Stein, positive part)."""


def median(values: Floats, axis: int = -1, *, fewest: int = 1) -> Floats:
    """Give the median along an axis, ignoring NaN; NaN of fewer than `fewest` values. numpy's own warns, and is slower."""
    ordered = np.moveaxis(np.sort(values, axis=axis), axis, -1)
    n = np.isfinite(ordered).sum(-1)
    last = ordered.shape[-1] - 1
    below = np.clip((n - 1) // 2, 0, last)[..., None]
    above = np.clip(n // 2, 0, last)[..., None]
    middle = 0.5 * (np.take_along_axis(ordered, below, -1) + np.take_along_axis(ordered, above, -1))[..., 0]
    return np.where(n >= max(fewest, 1), middle, np.nan)
