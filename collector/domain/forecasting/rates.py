"""A bank of filters that follow the rate of counts: Gamma beliefs about a Poisson rate, each forgetting at its own pace.

The discounted Gamma-Poisson of Smith (1979) and West and Harrison (1997, §10.8), with Pearson's dispersion for counts
that come in bursts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools
from collector.domain.forecasting.distributions import gamma, log_gamma, negative_binomial

KEPT = np.array([1.0, 0.985, 0.96, 0.90])
"""Share of what is known that a filter keeps over a day."""
PREFERENCE = np.array([0.0, 0.0, -0.5, -1.5])
"""Log prior weight of each: a rate that jumps about is the exception."""
PRIOR_EVENTS = 4.0
"""Events that the prior rate counts for."""
PRIOR_WEEKDAY = 6.0
"""Events by which a weekday is shrunk towards the others."""
PRIOR_DAYS = 6.0
"""Days that the least dispersion counts for."""
PILOT = 0.98
"""What the pilot rate, around which dispersion is measured, keeps over a day."""
MOST_SURPRISING = 60.0
"""What a day may add to the dispersion of counts."""
CYCLE = 91.0
"""Days of the cycle that `change` is told for."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a day under an exposure, (N, columns) each, NaN where a day is not known."""

    count: Floats
    exposure: Floats
    ahead: Floats
    """(N, days): the exposure of each day that is to come and counts, by the same columns and as many more; 0 of others."""
    horizon: Floats
    """(N,): how many days they are."""
    rate: Floats
    """(N,): what is believed of the rate beforehand."""
    change: float
    """How much a rate may change over 91 days: variance of its logarithm."""
    whole: bool
    """Whether counts are of whole things; amounts are not."""
    least: Floats
    """(N,): dispersion at least."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What will come, by each filter: (N, filters)."""

    mean: Floats
    variance: Floats
    weight: Floats
    rate: Floats
    """(N,): of a day of average exposure now."""
    dispersion: Floats
    """(N,): variance of a day over its mean."""
    whole: bool

    def at_most(self, count: Floats) -> Floats:
        """Give P(no more than `count` come)."""
        wanted = count[:, None] + np.zeros_like(self.mean)
        by_filter = (
            negative_binomial(wanted, self.mean, self.variance)
            if self.whole
            else gamma(wanted, self.mean, self.variance)
        )
        return np.where(count < 0, 0.0, (self.weight * by_filter).sum(axis=1))

    def moments(self) -> tuple[Floats, Floats]:
        """Give mean and variance over the filters."""
        mean = (self.weight * self.mean).sum(axis=1)
        spread = (self.weight * (self.variance + self.mean**2)).sum(axis=1) - mean**2
        return mean, np.maximum(spread, 1e-12)


def count_ahead(counts: Counts) -> Ahead:
    """Run the filters over the known days, and give what the days to come bring."""
    known = np.isfinite(counts.count) & np.isfinite(counts.exposure)
    count, exposure = np.where(known, counts.count, 0.0), np.where(known, counts.exposure, 0.0)
    weekday = _weekdays(count, exposure, counts.rate)
    exposure = exposure * weekday[:, np.arange(count.shape[1]) % 7]
    to_come = (counts.ahead * weekday[:, np.arange(counts.ahead.shape[1]) % 7]).sum(axis=1)
    dispersion = _dispersion(counts, count, exposure, known)
    shape, rate, evidence = _filtered(counts, count, exposure, known, dispersion)
    weight = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = np.maximum(to_come[:, None] * shape / rate, 1e-6)
    horizon = counts.horizon[:, None]
    forgotten = (1 / KEPT - 1) / shape * horizon / 3
    variance = dispersion[:, None] * mean + mean**2 * (
        1 / shape + forgotten + counts.change * horizon / CYCLE
    )
    now = (weight * shape / rate).sum(axis=1)
    return Ahead(mean, variance, weight, now, dispersion, counts.whole)


def _weekdays(count: Floats, exposure: Floats, rate: Floats) -> Floats:
    """Give (N, 7) factors by column modulo 7, shrunk towards 1."""
    overall = (count.sum(axis=1) + PRIOR_EVENTS) / (exposure.sum(axis=1) + PRIOR_EVENTS / rate)
    factors = [
        (count[:, day::7].sum(axis=1) + PRIOR_WEEKDAY)
        / (overall * exposure[:, day::7].sum(axis=1) + PRIOR_WEEKDAY)
        for day in range(7)
    ]
    return np.stack(factors, axis=1)


def _dispersion(counts: Counts, count: Floats, exposure: Floats, known: Bools) -> Floats:
    """Give Pearson's dispersion around a slowly following pilot rate, shrunk towards the least there can be."""
    above = PRIOR_EVENTS * np.ones(len(count))
    below = PRIOR_EVENTS / counts.rate
    most = MOST_SURPRISING if counts.whole else MOST_SURPRISING * 1e9
    surprise = np.zeros(len(count))
    for day in range(count.shape[1]):
        seen = known[:, day]
        expected = above / below * exposure[:, day]
        pearson = (count[:, day] - expected) ** 2 / np.maximum(expected, 0.05)
        surprise += np.where(seen, np.minimum(pearson, most), 0.0)
        above = np.where(seen, PILOT * above + count[:, day], above)
        below = np.where(seen, PILOT * below + exposure[:, day], below)
    n = known.sum(axis=1)
    return np.asarray(np.maximum((PRIOR_DAYS * counts.least + surprise) / (PRIOR_DAYS + n), counts.least))


def _filtered(
    counts: Counts, count: Floats, exposure: Floats, known: Bools, dispersion: Floats
) -> tuple[Floats, Floats, Floats]:
    """Give shape and rate of each filter's Gamma, and its log likelihood with its preference: (N, filters) each."""
    shape = np.full((len(count), len(KEPT)), PRIOR_EVENTS)
    rate = np.repeat((PRIOR_EVENTS / counts.rate)[:, None], len(KEPT), axis=1)
    shapes, rates = np.empty((count.shape[1], *shape.shape)), np.empty((count.shape[1], *shape.shape))
    scaled, exposed = count / dispersion[:, None], exposure / dispersion[:, None]
    for day in range(count.shape[1]):
        seen = known[:, day, None]
        # the prior and what was seen are forgotten alike; a day that is not known forgets nothing
        shapes[day], rates[day] = KEPT * shape, KEPT * rate
        shape = np.where(seen, shapes[day] + scaled[:, day, None], shape)
        rate = np.where(seen, rates[day] + exposed[:, day, None], rate)
    evidence = _evidence(shapes, rates, scaled.T[:, :, None], exposed.T[:, :, None], known.T)
    return shape, rate, PREFERENCE + evidence


def _evidence(shape: Floats, rate: Floats, count: Floats, exposure: Floats, known: Bools) -> Floats:
    """Give the log likelihood of each day's count under the negative binomial that its filter foretold, summed."""
    of_day = (
        log_gamma(shape + count)
        - log_gamma(shape)
        - log_gamma(count + 1)
        + shape * np.log(rate / (rate + exposure))
        + count * np.log(np.maximum(exposure, 1e-12) / (rate + exposure))
    )
    return np.asarray(np.where(known[:, :, None], of_day, 0.0).sum(axis=0))
