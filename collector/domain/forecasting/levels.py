"""Forecasts of levels: where the mean of the last days will be, from a bank of trends and what is known beforehand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.close import Close, Mixture, at_close, close_of
from collector.domain.forecasting.cohort import Cohort
from collector.domain.forecasting.following import Followed, follow_levels
from collector.domain.forecasting.foreseen import Foreseen
from collector.domain.forecasting.horizon import damped_sum
from collector.domain.forecasting.odds import odds_of, surprise_of
from collector.domain.forecasting.outlook import Scale
from collector.domain.forecasting.path import crossing, path_of
from collector.domain.forecasting.ranges import LEVEL_WIDTHS, widths
from collector.domain.forecasting.scales import fitting, from_working, to_working
from collector.domain.forecasting.trend import DAMPING


def foresee_levels(cohort: Cohort) -> Foreseen:
    """Forecast every row of a cohort of levels."""
    unit = cohort.factor * _size(cohort)
    cohort = _in_units(cohort, unit)
    followed = follow_levels(cohort, _way(cohort))
    close = close_of(cohort)
    mixture = at_close(cohort, followed, close)
    path = path_of(cohort, followed, mixture)
    now = from_working(path[:, 0], followed.scale)
    last = from_working(path[np.arange(cohort.rows), cohort.left], followed.scale)
    back = _Back(followed, close, cohort, unit)
    middle, spread = mixture.moments()
    near, far = (width * spread for width in widths(LEVEL_WIDTHS, cohort.left / cohort.length))
    partly = cohort.baseline + cohort.partly * (cohort.target - cohort.baseline)
    return Foreseen(
        full=odds_of(cohort, followed, close, mixture, cohort.target),
        most=odds_of(cohort, followed, close, mixture, partly),
        landing=back.told(middle),
        likely=(back.told(middle - near), back.told(middle + near)),
        wide=(back.told(middle - far), back.told(middle + far)),
        crosses=crossing(cohort, path, to_working(cohort.target, followed.scale)),
        step=_step(followed, now) * unit,
        drift=(last - now) / cohort.left * unit,
        model=_model(_Told(cohort, followed, close, mixture, path, unit)),
    )


def _size(cohort: Cohort) -> Floats:
    """A power of two near the largest number of each row, so that no square leaves the floats and units do not matter."""
    largest = np.max(np.abs(np.nan_to_num(cohort.values)), axis=1)
    largest = np.maximum(np.maximum(largest, np.abs(cohort.target)), np.abs(cohort.baseline)) / cohort.factor
    unitless = (cohort.scale == Scale.LOGIT) | (largest == 0)
    return np.where(unitless, 1.0, np.exp2(np.floor(np.log2(np.where(largest > 0, largest, 1.0)))))


def _in_units(cohort: Cohort, unit: Floats) -> Cohort:
    """Measure a cohort in other units; a pooled quotient keeps its denominators."""
    return replace(
        cohort,
        values=cohort.values / unit[:, None],
        num=cohort.num * (cohort.factor / unit)[:, None],
        target=cohort.target / unit,
        baseline=cohort.baseline / unit,
    )


def _way(cohort: Cohort) -> Floats:
    scale = fitting(cohort.scale, cohort.values)
    return np.abs(to_working(cohort.target, scale) - to_working(cohort.baseline, scale))


@dataclass(frozen=True, slots=True)
class _Back:
    """Tells a mean of the days to come, in the working scale, as the level at the close, in the unit of the target."""

    followed: Followed
    close: Close
    cohort: Cohort
    unit: Floats

    def told(self, mean: Floats) -> Floats:
        landing = self.close.landing(from_working(mean, self.followed.scale))
        floored = (np.nanmin(self.cohort.values, axis=1) >= 0) & (self.cohort.target >= 0)
        # what was never seen below zero is not said to land there
        return np.minimum(
            np.where(floored, np.maximum(landing, 0.0), landing) * self.unit, self.cohort.ceiling
        )


def _step(followed: Followed, now: Floats) -> Floats:
    """Give the standard deviation of a day in the scale of the values, where they are now."""
    return _spread(followed, followed.noise, now)


def _spread(followed: Followed, spread: Floats, value: Floats) -> Floats:
    """Tell a spread of the working scale in that of the values, near one of them."""
    return np.select(
        [followed.scale == Scale.LOG, followed.scale == Scale.LOGIT],
        [spread * value, spread * value * (1 - value)],
        spread,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to tell of how a forecast came about."""

    cohort: Cohort
    followed: Followed
    close: Close
    mixture: Mixture
    path: Floats
    unit: Floats


def _model(of: _Told) -> dict[str, Floats]:
    """What the forecast was computed from, in the unit of the target: the days to come and what they must have for the
    promise (`krd explain` names each).
    """
    cohort, followed, mixture, unit = of.cohort, of.followed, of.mixture, of.unit
    middle, spread = mixture.moments()
    partly = cohort.baseline + cohort.partly * (cohort.target - cohort.baseline)
    needed = of.close.needed(np.where(cohort.aspirational, partly, cohort.target))
    wander, passing = mixture.summed(followed.bank.walk), mixture.summed(followed.bank.noise)
    now = from_working(of.path[:, 0], followed.scale)
    weekday = np.abs(followed.profile).max(axis=1)
    return {
        "level": now * unit,
        "scale": followed.scale.astype(float),
        "weekday": _spread(followed, weekday, now) * unit,
        "belief": cohort.belief,
        "wander": wander / (wander + passing),
        **_drifts(of),
        **_believed(mixture),
        "surprise": surprise_of(cohort),
        "ahead": of.close.days.astype(float),
        "expected": from_working(middle, followed.scale) * unit,
        "low": from_working(middle - spread, followed.scale) * unit,
        "high": from_working(middle + spread, followed.scale) * unit,
        "needed": needed * unit,
    }


def _drifts(of: _Told) -> dict[str, Floats]:
    """Share the expected change a day out to what the days show, what the plan pulls, and what launches bring."""
    cohort, followed, mixture = of.cohort, of.followed, of.mixture
    rows = np.arange(cohort.rows)
    trend = mixture.summed(followed.bank.slope) * damped_sum(DAMPING, cohort.left.astype(float))
    to_come = cohort.course[rows, cohort.end] - cohort.course[rows, cohort.known]
    plan = followed.way * cohort.sign * cohort.belief * to_come
    begins, ends = of.path[:, 0], of.path[rows, cohort.left]
    by_way = [begins, begins + trend, begins + trend + plan, ends]
    levels = [from_working(level, followed.scale) * of.unit for level in by_way]
    names = ("trend", "plan", "launches")
    return {
        name: (there - here) / cohort.left
        for name, (here, there) in zip(names, itertools.pairwise(levels), strict=True)
    }


def _believed(mixture: Mixture) -> dict[str, Floats]:
    """Tell how probable it is by now that what was declared comes, as declared or late; the rest is that nothing does."""
    supposed = mixture.supposed
    lifting = mixture.weight.sum(axis=1) * supposed.lifting
    # the hypotheses of a row stand together, that of the declared day first
    first = np.concatenate([[True], supposed.row[1:] != supposed.row[:-1]])
    return {
        "launch": supposed.summed(lifting),
        "as_declared": supposed.summed(lifting * first),
        "late": supposed.summed(lifting * ~first),
    }
