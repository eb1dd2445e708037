"""How probable it is that a level has its target at the close."""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.close import Close, Mixture
from collector.domain.forecasting.cohort import Bools, Cohort, Ints
from collector.domain.forecasting.distributions import normal
from collector.domain.forecasting.following import Followed
from collector.domain.forecasting.foreseen import undecided
from collector.domain.forecasting.outlook import Scale
from collector.domain.forecasting.scales import to_working

SURPRISE_RATE, SURPRISE_MOST = 0.25, 0.4
"""A launch that nobody declared: how many come in a cycle, and how probable one is at most."""
SURPRISE_SHARE, SURPRISE_SPREAD = 0.8, 0.5
"""What it brings, in ways, and its standard deviation."""
STILL = 4
"""So many equal readings, and all that the level is taken over, and a series stands still."""


def odds_of(cohort: Cohort, followed: Followed, close: Close, mixture: Mixture, target: Floats) -> Floats:
    """Give P(the level at the close has `target`)."""
    mean, variance = mixture.mean, mixture.variance
    row = followed.supposed.row
    needed = close.needed(target)
    line = to_working(needed, followed.scale)[row, None]
    sign, way = cohort.sign[row, None], followed.way[row, None]
    distance = sign * (mean - line)
    still, value = _standing(cohort)
    at = to_working(value, followed.scale)[row, None]
    met = _met(at, line, followed.scale[row, None]) & still[row, None]
    distance = np.where(met, np.inf, distance)
    chance = surprise_of(cohort)[row, None]
    usual = normal(distance / np.sqrt(variance))
    lifted = normal((distance + SURPRISE_SHARE * way) / np.sqrt(variance + (SURPRISE_SPREAD * way) ** 2))
    p = mixture.summed((1 - chance) * usual + chance * lifted)
    shares, logs = followed.scale == Scale.LOGIT, followed.scale != Scale.PLAIN
    below, above = logs & (needed <= 0), shares & (needed >= 1)
    rising = cohort.sign > 0
    return undecided(
        p, never=(below & ~rising) | (above & rising), always=(below & rising) | (above & ~rising)
    )


def _met(at: Floats, line: Floats, scale: Ints) -> Bools:
    """Equality is met: tell where nothing but rounding lies between the two. Logarithms are compared as they are: they round
    with the size of what they are taken of, not with their own, which is zero at 1.
    """
    size = np.maximum(np.maximum(np.abs(at), np.abs(line)), np.where(scale == Scale.PLAIN, 0.0, 1.0))
    return np.abs(at - line) <= 1e-6 * size


def _standing(cohort: Cohort) -> tuple[Bools, Floats]:
    """Tell which rows have not moved a bit over the days their level is taken over, nor over their last few readings, and
    where they stand: what stands at its target is met, whatever a plan expects further.
    """
    known = np.isfinite(cohort.values)
    back = np.cumsum(known[:, ::-1], axis=1)[:, ::-1]
    recent = np.arange(cohort.columns)[None, :] >= (cohort.known - cohort.window)[:, None]
    seen = known & (recent | (back <= STILL))
    high = np.where(seen, cohort.values, -np.inf).max(axis=1)
    low = np.where(seen, cohort.values, np.inf).min(axis=1)
    return np.asarray(high == low), high


def surprise_of(cohort: Cohort) -> Floats:
    """Give the probability that a launch which nobody declared is still to come; who declares launches keeps none back."""
    silent = np.array([not declared for declared in cohort.launches])
    chance = SURPRISE_MOST * (1 - np.exp(-SURPRISE_RATE * cohort.left / cohort.length))
    return np.where(silent, chance, 0.0)
