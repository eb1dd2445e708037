"""What lies over the mean of a metric: weekdays, wandering, and what one day's reading shows of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

import numpy as np
from numpy.random import Generator

from collector.domain.arrays import Floats
from collector.domain.forecasting.outlook import NOTHING

SPREAD_IN_CLUSTERS = 0.8
"""Standard deviation of the logarithm of how bad an incident day is."""
MOST_BAD = 0.6
"""Share of the events of a day that are bad at most."""


class Kind(Enum):
    """How a day is observed."""

    GAUSS = "gauss"
    HEAVY_LOG = "Student-t of the logarithm, nu 3.5"
    LOG = "normal of the logarithm"
    COUNT = "Poisson, or negative binomial where it is clustered"
    SHARE = "binomial"
    BAD = "binomial, worse on incident days"


@dataclass(frozen=True, slots=True)
class Observation:
    """How a reading of a day comes from the state of that day."""

    kind: Kind
    spread: float = 0.0
    """Standard deviation (GAUSS, HEAVY_LOG, LOG)."""
    clustered: float = 0.0
    """Shape of the Gamma that the rate of a day is multiplied by (COUNT); 0: none."""
    storms: float = 0.0
    """Share of the days with a storm (COUNT) or an incident (BAD)."""
    storm: float = 1.0
    """How many times as much comes on such a day."""
    events: Floats = field(default_factory=lambda: NOTHING)
    """Expected number of all events of each day (SHARE, BAD)."""


@dataclass(frozen=True, slots=True)
class Readings:
    """One value a day; of shares their parts as well."""

    values: Floats
    num: Floats = field(default_factory=lambda: NOTHING)
    den: Floats = field(default_factory=lambda: NOTHING)


def observed(state: Floats, how: Observation, draw: Generator) -> Readings:
    """Draw the readings of days in these states. Shares are of good events (SHARE) or of bad ones (BAD)."""
    days = state.shape
    match how.kind:
        case Kind.GAUSS:
            return Readings(state + draw.normal(0.0, how.spread, days))
        case Kind.HEAVY_LOG:
            return Readings(np.exp(state + how.spread * draw.standard_t(3.5, days)))
        case Kind.LOG:
            return Readings(np.exp(state + how.spread * draw.normal(0.0, 1.0, days)))
        case Kind.COUNT:
            return Readings(draw.poisson(_rate(state, how, draw)).astype(float))
        case Kind.SHARE:
            return _shares(1 / (1 + np.exp(-state)), how, draw)
        case Kind.BAD:
            worse = how.storm * np.exp(SPREAD_IN_CLUSTERS * draw.normal(0.0, 1.0, days))
            bad = np.exp(state) * np.where(draw.random(days) < how.storms, worse, 1.0)
            return _shares(np.minimum(bad, MOST_BAD), how, draw)
        case _:
            assert_never(how.kind)


def _rate(state: Floats, how: Observation, draw: Generator) -> Floats:
    rate = np.exp(np.minimum(state, 16.0))
    if how.clustered > 0:
        rate = rate * draw.gamma(how.clustered, 1 / how.clustered, state.shape)
    if how.storms > 0:
        rate = rate * np.where(draw.random(state.shape) < how.storms, how.storm, 1.0)
    return np.asarray(rate)


def _shares(share: Floats, how: Observation, draw: Generator) -> Readings:
    den = draw.poisson(how.events) + 1
    num = draw.binomial(den, share).astype(float)
    return Readings(num / den, num, den.astype(float))


def autocorrelated(days: int, memory: float, shock: float, draw: Generator) -> Floats:
    """Draw an AR(1) path in its stationary state; with a `memory` of 1 a random walk."""
    walk = memory >= 1
    now = 0.0 if walk else float(draw.normal(0.0, shock / np.sqrt(1 - memory**2)))
    path = np.empty(days)
    for day, push in enumerate(draw.normal(0.0, shock, days)):
        now = memory * now + push
        path[day] = now
    return path


def weekdays(size: float, draw: Generator) -> Floats:
    """Draw seven effects: 40 % have none, 45 % another weekend (Saturday and Sunday are the last), 15 % any."""
    kind = draw.random()
    if kind < 0.40:
        return np.zeros(7)
    effect = np.zeros(7)
    if kind < 0.85:
        effect[5:] = -size * draw.uniform(0.5, 1.5) * (1.0 if draw.random() < 0.75 else -1.0)
        effect[5] *= draw.uniform(0.7, 1.2)
    else:
        effect = draw.normal(0.0, size * 0.5, 7)
    return np.asarray(effect - effect.mean())
