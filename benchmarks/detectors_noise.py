"""Quarters of noise: one value a day, with a standard deviation of one where the kind has one."""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.detectors.findings import DAYS

BEFORE = 28
"""Days before the quarter."""
WORDS = {
    "white": "white noise",
    "ar5": "AR(1) of 0.5",
    "ar8": "AR(1) of 0.8",
    "heavy": "Student t of 3.5",
    "weekdays": "white with a habit of weekdays",
    "trend": "white with a trend of 5 sd a quarter",
    "counts": "counts of 3 a day",
    "rare": "counts of 0.5 a day",
}
_BURN = 60
"""Days that AR noise runs before the first one is used."""
_TREND = 5.0 / 91


def noise(kind: str, rows: int, draw: np.random.Generator) -> Floats:
    """Make (rows, days) of one kind."""
    match kind:
        case "ar5" | "ar8":
            return _remembering(int(kind[2:]) / 10, rows, draw)
        case "heavy":
            heavy: Floats = draw.standard_t(3.5, (rows, DAYS)) / np.sqrt(3.5 / 1.5)
            return heavy
        case "weekdays":
            habit = 3 * draw.standard_normal((rows, 7))
            return draw.standard_normal((rows, DAYS)) + np.tile(habit, DAYS // 7 + 1)[:, :DAYS]
        case "trend":
            return draw.standard_normal((rows, DAYS)) + _TREND * np.arange(DAYS)
        case "counts":
            return draw.poisson(3.0, (rows, DAYS)).astype(np.float64)
        case "rare":
            return draw.poisson(0.5, (rows, DAYS)).astype(np.float64)
        case _:
            return draw.standard_normal((rows, DAYS))


def _remembering(memory: float, rows: int, draw: np.random.Generator) -> Floats:
    steps = draw.standard_normal((rows, DAYS + _BURN))
    values = np.zeros_like(steps)
    for day in range(1, DAYS + _BURN):
        values[:, day] = memory * values[:, day - 1] + np.sqrt(1 - memory**2) * steps[:, day]
    return values[:, _BURN:]
