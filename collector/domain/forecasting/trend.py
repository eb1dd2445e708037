"""A bank of robust filters that follow level and slope: how noisy a series is and how much it wanders need not be known.

Each filter is a damped local linear trend (Gardner and McKenzie 1985; Harvey 1989) in Kalman's form. They differ in how
the variance of a day's step is shared between noise that passes and a level that wanders. What the plan expects enters
as a known push, so that the slope is what the series does beside its plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Ints
from collector.domain.forecasting.horizon import weights_of

DAMPING = 0.975
"""Of the slope, a day: half of it is gone in four weeks."""
FREEDOM = 8.0
"""Degrees of freedom of Student's t: what a strange day may weigh."""
SLOPE_KNOWN = 0.05
"""Standard deviation of the slope before the plan, in planned paces."""
SLOPE_SPREAD = 1.4
"""What the start of the plan adds to it."""
SLOPE_NOISE = 0.8
"""What a week adds to it."""
LEVEL_SPREAD = 0.3
"""What the first level may be off, in ways, beside twice the noise."""
FIRST_POINTS = 5


@dataclass(frozen=True, slots=True)
class Shares:
    """How the filters of a bank differ."""

    noise: tuple[float, ...]
    """Share of the variance of a step that passes."""
    walk: tuple[float, ...]
    """Share of it by which the level wanders."""
    tempering: float
    """Power of the likelihood by which the filters are weighed; little, since a quarter has few days to tell them apart."""
    slope: float = 1.0
    """What the constants of the slope are multiplied by."""


LEVELS = Shares(noise=(1.0, 0.8, 0.05), walk=(0.0, 0.12, 1.9), tempering=0.1)
STAYS = Shares(noise=(1.0, 0.8), walk=(0.0, 0.12), tempering=1.0, slope=0.1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known beforehand about the way of each row, in its working scale."""

    known: Ints
    """(N,): columns that are known; those after them hold nothing."""
    pace: Floats
    """(N,): the way divided by the days of the plan: the unit of all slopes."""
    begins: Ints
    """Column with which the plan begins."""
    pushed: Floats
    """(N, columns + 1): what plan and launches are believed to add before each column, summed up."""
    doubt: Floats
    """(N, columns): variance that a launch adds to the level in its column."""
    way: Floats
    """(N,): the whole way."""


@dataclass(frozen=True, slots=True)
class Bank:
    """What the filters say after the last known day: (N, filters) each."""

    level: Floats
    slope: Floats
    level_variance: Floats
    covariance: Floats
    slope_variance: Floats
    noise: Floats
    """Variance of a day's reading around the level."""
    walk: Floats
    """Variance by which the level wanders a day."""
    drift: Floats
    """Variance by which the slope wanders a day, (N, 1)."""
    weight: Floats
    """Of each filter; they add up to 1."""
    evidence: Floats
    """(N,): log likelihood of the series under the filters, for weighing hypotheses against each other."""

    def ahead(self, first: Ints, last: Ints) -> tuple[Floats, Floats]:
        """Give mean (without what is pushed) and variance of the mean level over the days `first` to `last` ahead, which are
        given for each row.
        """
        on = [weights_of(DAMPING, *span) for span in zip(first.tolist(), last.tolist(), strict=True)]
        slope, walk, drift = np.array([[one.slope, one.walk, one.drift] for one in on]).T[:, :, None]
        mean = self.level + slope * self.slope
        variance = (
            self.level_variance
            + slope**2 * self.slope_variance
            + 2 * slope * self.covariance
            + self.walk * walk
            + self.drift * drift
        )
        return mean, variance


def follow(series: Floats, variance: Floats, distance: Floats, plan: Plan, shares: Shares) -> Bank:
    """Run the bank over (N, columns) series without weekdays; `variance` is that of a difference of successive readings,
    `distance` their mean distance in days. A missing day moves nothing but the uncertainty.
    """
    noise_share, walk_share = np.array([shares.noise]).T, np.array([shares.walk]).T
    # the filters lie in rows and the series in columns here, so that numpy walks along memory
    step = variance / (2 * noise_share + walk_share * distance)
    noise, walk = noise_share * step, walk_share * step
    pace = shares.slope * plan.pace
    # a plan that has not begun, and will not, leaves the slope as it is
    drift = np.where(plan.begins <= plan.known, (SLOPE_NOISE * pace) ** 2 / 7, 0.0)
    level = np.repeat(_first_level(series)[None, :], len(noise_share), axis=0)
    slope, p12, evidence = np.zeros_like(level), np.zeros_like(level), np.zeros_like(level)
    p11 = np.zeros_like(level) + 2.0 * variance + (LEVEL_SPREAD * plan.way) ** 2
    p22 = np.zeros_like(level) + (SLOPE_KNOWN * pace) ** 2
    readings = np.ascontiguousarray(series.T)
    known = np.isfinite(readings)
    pushes = np.ascontiguousarray(np.diff(plan.pushed, axis=1).T)
    doubtful = np.asarray(plan.doubt.any(axis=0))
    first, last = int(plan.begins.min()), int(plan.begins.max())
    ending = set(plan.known.tolist())
    ended = np.empty((6, *level.shape))
    for day, (reading, seen) in enumerate(zip(readings, known, strict=True)):
        if first <= day <= last:
            p22 = p22 + np.where(plan.begins == day, (SLOPE_SPREAD * pace) ** 2, 0.0)
        level = level + slope + pushes[day]
        a11 = p11 + 2 * p12 + p22 + walk
        if doubtful[day]:
            a11 = a11 + plan.doubt[:, day]
        a12 = DAMPING * (p12 + p22)
        slope = DAMPING * slope
        a22 = DAMPING * DAMPING * p22
        if day >= first:
            a22 = a22 + (drift if day >= last else np.where(plan.begins <= day, drift, 0.0))
        error = np.where(seen, reading - level, 0.0)
        expected = a11 + noise
        surprise = error * error / expected
        likelihood = -0.5 * np.log(expected) - 0.5 * (FREEDOM + 1) * np.log1p(surprise / FREEDOM)
        evidence += np.where(seen, likelihood, 0.0)
        # a reading far from what was expected is trusted less: its noise is taken for larger (West 1981)
        trusted = seen / (a11 + noise * np.maximum((FREEDOM + surprise) / (FREEDOM + 1), 1.0))
        gain, slope_gain = a11 * trusted, a12 * trusted
        level = level + gain * error
        slope = slope + slope_gain * error
        p11, p12, p22 = a11 - gain * a11, a12 - gain * a12, a22 - slope_gain * a12
        if day + 1 in ending:  # what is known of these rows: the others go on
            some = plan.known == day + 1
            ended[:, :, some] = np.stack((level, slope, p11, p12, p22, evidence))[:, :, some]
    level, slope, p11, p12, p22, evidence = ended
    weight = np.exp(shares.tempering * (evidence - evidence.max(axis=0)))
    weight /= weight.sum(axis=0)
    return Bank(
        level=level.T,
        slope=slope.T,
        level_variance=p11.T,
        covariance=p12.T,
        slope_variance=p22.T,
        noise=noise.T,
        walk=walk.T,
        drift=drift[:, None],
        weight=weight.T,
        evidence=(weight * evidence).sum(axis=0),
    )


def _first_level(series: Floats) -> Floats:
    """The median of the first readings; nothing known counts from zero, with a level that nobody will ask for."""
    order = np.argsort(~np.isfinite(series), axis=1, kind="stable")[:, :FIRST_POINTS]
    ordered = np.sort(np.take_along_axis(series, order, 1), axis=1)
    n = np.isfinite(ordered).sum(axis=1)
    below, above = np.maximum((n - 1) // 2, 0), np.maximum(n // 2, 0)
    above = np.minimum(above, ordered.shape[1] - 1)
    rows = np.arange(len(series))
    return np.where(n > 0, 0.5 * (ordered[rows, below] + ordered[rows, above]), 0.0)
