"""The expected way of a level from now to the close, and the day on which it has the target."""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.close import Mixture
from collector.domain.forecasting.cohort import Cohort, Ints
from collector.domain.forecasting.following import Followed
from collector.domain.forecasting.foreseen import NEVER
from collector.domain.forecasting.horizon import damped_sum
from collector.domain.forecasting.trend import DAMPING


def path_of(cohort: Cohort, followed: Followed, mixture: Mixture) -> Floats:
    """Give the expected level without weekdays: now, and after each day to come; (N, days + 1) in the working scale."""
    supposed, bank = followed.supposed, followed.bank
    level, slope = mixture.summed(bank.level), mixture.summed(bank.slope)
    most = int(cohort.left.max())
    ahead = damped_sum(DAMPING, np.arange(most + 1.0))
    of_row = mixture.weight.sum(axis=1)[:, None]
    now = cohort.known[supposed.row, None]
    # past the close of those that have fewer days to come, nobody looks
    columns = np.minimum(now + np.arange(most + 1), followed.pushed.shape[1] - 1)
    pushed = np.take_along_axis(followed.pushed, columns, 1) - np.take_along_axis(followed.pushed, now, 1)
    added = np.zeros((cohort.rows, most + 1))
    np.add.at(added, supposed.row, of_row * pushed)
    return np.asarray(level[:, None] + slope[:, None] * ahead + added)


def crossing(cohort: Cohort, path: Floats, target: Floats) -> Ints:
    """Give the first day on which the path has the target."""
    there = cohort.sign[:, None] * (path[:, 1:] - target[:, None]) >= 0
    there &= np.arange(path.shape[1] - 1)[None, :] < cohort.left[:, None]
    return np.where(there.any(axis=1), cohort.today + np.argmax(there, axis=1), NEVER)
