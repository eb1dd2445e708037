"""How far the level may lie on the wrong side of its baseline by noise alone.

Of key results that stand still, on a way four standard deviations of a day long, 2 % are called worse in a quarter (white
noise), 27 % where the noise remembers; by progress below -10 % alone 98 %. Of those that lose 40 % of the way 100, 99 and
88 % are told (white, AR(1) of 0.5 and 0.8; `benchmarks.detectors`, seed 1).
"""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import MAD_TO_SD, Floats, median
from collector.domain.detectors.standardised import BEFORE, FEWEST, STRONGEST
from collector.domain.detectors.trailing import earlier, trailing_median

LAST = 28
"""Days that tell the noise."""
DEVIATIONS = 1.28
"""So many standard deviations of a day below its baseline is more than noise. Of the mean of a week these are 3.4
standard errors: with 1.28 of those, looked at each day, nine of ten key results that stand still would be called worse.
"""
JUMP = 5.0
"""A step from day to day counts for at most so many median ones."""
STEP_TO_SD = 0.8862
"""sqrt(pi)/2: half the mean absolute difference of two normal draws, as a standard deviation of one."""


def noise(values: Floats) -> Floats:
    """Give, for each row of (N, days) values, the long-run standard deviation of a day; NaN of too few readings.

    The robust standard deviation around the trailing median, at least that of the day-to-day steps, times
    sqrt((1 + r) / (1 - r)), where r = 1 - (steps / deviation)^2 is the autocorrelation that both together imply, within
    0 and 0.8 (the variance of a mean of AR(1) noise).
    """
    steps = np.abs(values - earlier(values, 1))[:, -LAST:]
    limit = JUMP * median(steps, fewest=FEWEST)[:, None]
    known = np.isfinite(steps)
    mean = np.where(known, np.minimum(steps, limit), 0.0).sum(1) / np.maximum(known.sum(1), 1)
    white = np.where(known.sum(1) >= FEWEST, STEP_TO_SD * mean, np.nan)
    recent = values[:, -(LAST + BEFORE) :]
    around = (recent - trailing_median(recent, BEFORE, FEWEST))[:, -LAST:]
    deviation = np.fmax(MAD_TO_SD * median(np.abs(around), fewest=FEWEST), white)
    r = np.zeros_like(deviation)
    np.divide(white, deviation, out=r, where=deviation > 0)
    r = np.where(deviation > 0, np.clip(1 - r**2, 0.0, STRONGEST), 0.0)
    told: Floats = deviation * np.sqrt((1 + r) / (1 - r))
    return told
