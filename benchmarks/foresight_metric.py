"""A metric that a key result watches, and what is drawn of it whatever it measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from benchmarks.foresight_noise import Observation
from benchmarks.foresight_shapes import Effort, Progress, progress
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Ints
from collector.domain.forecasting.outlook import HISTORY, Form, Launch, Scale

QUARTER = 91
"""Days of the cycle for which wandering is drawn."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is drawn before the kind of metric is known."""

    clock: Floats
    """Share of the cycle that has passed at the end of each day of history and cycle."""
    weekday: Ints
    """Of each day: 5 and 6 are the weekend."""
    length: int
    progress: Progress
    memory: float
    """Of the autocorrelated part of the noise."""
    correlated: float
    """Share of the noise's variance that is autocorrelated."""
    wandering: float
    """Standard deviation of a day's step of the mean, in ways."""
    noise: float
    """Standard deviation of a day, in ways."""

    @property
    def days(self) -> int:
        """Of history and cycle."""
        return len(self.clock)

    def window(self, days: int) -> int:
        """Give a window that takes at most a third of the cycle."""
        return min(days, self.length // 3)

    def shock(self, size: float, share: float | None = None) -> float:
        """Give the daily shock by which autocorrelated noise has `size`, or the root of this share of its variance."""
        return float(size * np.sqrt(self.correlated if share is None else share) * self.lost)

    @property
    def lost(self) -> float:
        """Share of a standard deviation that is new each day."""
        return float(np.sqrt(1 - self.memory**2))


@dataclass(frozen=True, slots=True)
class Metric:
    """How it truly behaves, and what was promised of it."""

    family: str
    shape: str
    form: Form
    rising: bool
    target: float
    """As `Outlook.target`, but STAY: the share of days that are to be in the band."""
    mean: Floats
    """(days,) in the scale in which it is observed."""
    weekday: Floats
    """(7,)."""
    how: Observation
    window: int = 1
    scale: Scale = Scale.PLAIN
    memory: float = 0.0
    shock: float = 0.0
    baseline: float = 0.0
    """Where it truly began."""
    low: float = -np.inf
    high: float = np.inf
    previous: float = np.nan
    whole: bool = False
    launches: tuple[Launch, ...] = ()


def setting(effort: Effort, length: int, draw: Generator) -> Setting:
    """Draw the course of the effort and the size of the noise around it."""
    clock = (np.arange(-HISTORY, length) + 1) / length
    memory = 0.0 if draw.random() < 0.4 else float(draw.uniform(0.2, 0.85))
    wandering = float(draw.lognormal(np.log(0.012), 0.8)) if draw.random() < 0.5 else 0.0
    noise = float(np.clip(draw.lognormal(np.log(0.22), 0.85), 0.02, 2.5))
    correlated = float(draw.uniform(0.1, 0.8)) if memory > 0 else 0.0
    return Setting(
        clock=clock,
        weekday=(np.arange(len(clock)) + draw.integers(7)) % 7,
        length=length,
        progress=progress(effort, clock, length, draw),
        memory=memory,
        correlated=correlated,
        wandering=wandering * float(np.sqrt(QUARTER / length)),
        noise=noise,
    )
