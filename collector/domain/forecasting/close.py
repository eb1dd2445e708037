"""The days to come that decide where a level is at the close, and what they are expected to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Cohort, Ints
from collector.domain.forecasting.following import Followed
from collector.domain.forecasting.launches import Hypotheses
from collector.domain.forecasting.outlook import Scale


@dataclass(frozen=True, slots=True)
class Close:
    """The days to come that enter the level at the close, and the mean they must have."""

    first: Ints
    """Column of the first of them."""
    days: Ints
    known_sum: Floats
    """What the known days of the window bring: their sum, or the sum of their numerators."""
    known_weight: Floats
    """How many they are, or the sum of their denominators."""
    weight: Floats
    """What the days to come weigh: their number, or the denominators they are expected to have."""

    def needed(self, target: Floats) -> Floats:
        """Give the mean that they must have so that all days together have the target (foresight §2.2)."""
        return (target * (self.known_weight + self.weight) - self.known_sum) / self.weight

    def landing(self, mean: Floats) -> Floats:
        """Give the level of all days together when those to come have this mean."""
        return (self.known_sum + self.weight * mean) / (self.known_weight + self.weight)


def close_of(cohort: Cohort) -> Close:
    """Tell which days to come enter the level at the close, and what is known of those before them."""
    begins = cohort.end - cohort.window
    first = np.maximum(begins, cohort.known)
    days = cohort.end - first
    inside = np.arange(cohort.columns)[None, :] >= begins[:, None]
    seen = np.isfinite(cohort.values)
    pooled = np.isfinite(cohort.den)
    ratio = pooled.any(axis=1)
    den = np.where(pooled, cohort.den, 0.0)
    num = np.where(np.isfinite(cohort.num), cohort.num, 0.0)
    a_day = den.sum(axis=1) / np.maximum(pooled.sum(axis=1), 1)
    return Close(
        first=first,
        days=days,
        known_sum=np.where(
            ratio, (num * inside).sum(axis=1), np.where(seen & inside, cohort.values, 0.0).sum(axis=1)
        ),
        known_weight=np.where(ratio, (den * inside).sum(axis=1), (seen & inside).sum(axis=1)),
        weight=np.where(ratio, np.maximum(a_day * days, 1.0), days),
    )


@dataclass(frozen=True, slots=True)
class Mixture:
    """The mean of the days to come, in the working scale, by each hypothesis and filter: (R, filters) each."""

    mean: Floats
    variance: Floats
    weight: Floats
    """They add up to 1 for each row of the cohort."""
    supposed: Hypotheses

    def moments(self) -> tuple[Floats, Floats]:
        """Give mean and standard deviation over hypotheses and filters, (N,) each."""
        middle = self.summed(self.mean)
        apart = (self.mean - middle[self.supposed.row, None]) ** 2
        return middle, np.sqrt(self.summed(self.variance + apart))

    def summed(self, values: Floats) -> Floats:
        """Give the mean of (R, filters) values over hypotheses and filters, (N,)."""
        return self.supposed.summed((self.weight * values).sum(axis=1))


def at_close(cohort: Cohort, followed: Followed, close: Close) -> Mixture:
    """Foretell the mean of the days to come."""
    row, bank = followed.supposed.row, followed.bank
    first, known, days = close.first[row, None], cohort.known[row, None], close.days[row, None]
    mean, variance = bank.ahead((close.first - cohort.known + 1)[row], cohort.left[row])
    columns = first + np.arange(int(days.max()))
    deciding = columns < cohort.end[row, None]
    columns = np.minimum(columns, followed.pushed.shape[1] - 2)
    pushed = np.take_along_axis(followed.pushed, columns + 1, 1)
    weekday = np.take_along_axis(followed.profile[row], columns % 7, 1)
    added = np.where(deciding, pushed + weekday, 0.0).sum(axis=1, keepdims=True) / days
    mean += added - np.take_along_axis(followed.pushed, known, 1)
    variance += bank.noise / days
    some = np.flatnonzero(followed.doubt.any(axis=1))
    variance[some] += _doubt_ahead(followed.doubt[some], known[some], first[some], days[some])
    # a mean of what is log-normal lies above its median (Jensen)
    lifted = np.where(followed.scale == Scale.LOG, 0.5 * followed.noise**2 * (1 - 1 / close.days), 0.0)
    weight = bank.weight * followed.supposed.weights(bank.evidence)[:, None]
    return Mixture(mean + lifted[row, None], variance, weight, followed.supposed)


def _doubt_ahead(doubt: Floats, known: Ints, first: Ints, days: Ints) -> Floats:
    """Give the variance that launches to come add to the mean of `days` columns from `first` on, (R, 1): each by the share
    that it was there for.
    """
    columns = np.arange(doubt.shape[1])[None, :]
    there = np.clip((first + days - columns) / days, 0.0, 1.0)
    return np.asarray(np.where(columns >= known, doubt * there**2, 0.0).sum(axis=1, keepdims=True))
