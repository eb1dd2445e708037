"""What a damped local trend says about the mean of days to come, without simulation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from collector.domain.arrays import Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """How the state enters the mean of the levels over some days ahead."""

    slope: float
    """Weight of the slope."""
    walk: float
    """Weight of a day's variance of the level."""
    drift: float
    """Weight of a day's variance of the slope."""


@lru_cache(maxsize=8192)
def weights_of(damping: float, first: int, last: int) -> Weights:
    """Give the weights for the mean over the days `first` to `last` ahead, counted from 1.

    With w = 1/n on those days and D_k = (1 - damping^k)/(1 - damping): the slope enters with sum w_j D_j; a step of the
    level on day i with the sum of w from i on, a step of the slope with sum over j > i of w_j D_(j-i) (linear algebra of
    the damped local linear trend, Durbin and Koopman 2012, §3.2).
    """
    ahead = np.arange(1.0, last + 1)
    weight = (ahead >= first) / (last - first + 1.0)
    damped = damped_sum(damping, ahead)
    from_here_on = np.cumsum(weight[::-1])[::-1]
    later = np.convolve(weight[::-1], damped)[: last - 1]
    return Weights(
        slope=float((weight * damped).sum()),
        walk=float((from_here_on**2).sum()),
        drift=float((later**2).sum()),
    )


def damped_sum(damping: float, days: Floats) -> Floats:
    """Give how far a slope of 1 carries in so many days: 1 + damping + damping² + …"""
    return np.asarray((1 - damping**days) / (1 - damping))
