"""How sure a ratio is: the interval in which its true value lies, and whether that tells it from its line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from collector.domain.days import Day
from collector.domain.measure import Binding, Ratio
from collector.domain.observed import Sampling

Z95 = 1.959964
"""Normal quantile of a two-sided interval of 95 %."""


def wilson(good: float, n: float) -> tuple[float, float]:
    """Give the 95 % interval (shares, 0-1) of a proportion of `good` among `n` > 0 (Wilson 1927; no continuity
    correction). Unlike the usual one it stays within 0 and 1 and holds for few events.
    """
    share = good / n
    spread = Z95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share)


def sampling_of(binding: Binding, window: Sequence[Day], line: float) -> Sampling | None:
    """Tell how sure the pooled ratio of `window` is, and on which side of `line` it lies, both in its unit. Nothing for
    what is not a proportion: another form, or a day on which the part is not between nothing and the whole.
    """
    if not isinstance(binding.form, Ratio):
        return None
    parts = [(day.num, day.den) for day in window if day.num is not None and day.den is not None]
    if not all(0 <= num <= den for num, den in parts):
        return None
    n = sum(den for _, den in parts)
    if n <= 0:
        return None
    low, high = (binding.quotient(share, 1.0) for share in wilson(sum(num for num, _ in parts), n))
    return Sampling(n=n, low=low, high=high, distinguishable=not low <= line <= high)
