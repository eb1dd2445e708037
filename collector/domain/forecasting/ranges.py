"""How wide the 50 % and 90 % ranges are drawn, in standard deviations: measured, since the bank trades width for an honest P."""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import Floats

Widths = tuple[tuple[float, float], tuple[float, float]]
"""For 50 % and for 90 %: (at the close, what a whole cycle ahead adds)."""

LEVEL_WIDTHS: Widths = ((0.37, -0.14), (1.12, -0.22))
COUNT_WIDTHS: Widths = ((0.40, -0.05), (1.25, -0.05))
LEAST_WIDTHS: Widths = ((0.47, -0.06), (1.35, -0.15))
EVENT_WIDTHS: Widths = ((0.57, -0.14), (1.80, -0.45))
STAY_WIDTHS: Widths = ((0.50, -0.05), (2.15, -0.60))


def widths(of: Widths, left: Floats) -> tuple[Floats, Floats]:
    """Give the half widths of both ranges in standard deviations, with this share of the cycle (0-1) left."""
    near, far = (np.asarray(base + more * left) for base, more in of)
    return near, far
