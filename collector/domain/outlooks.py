"""What each shape of key result gives the forecaster to see: one value a day, and the promise in its terms."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.baseline import Baseline
from collector.domain.course import Course
from collector.domain.cycle import CalendarDays
from collector.domain.days import Day
from collector.domain.forecasting.forecast import FEWEST_DAYS
from collector.domain.forecasting.outlook import HISTORY, NOTHING, Form, Launch, Outlook, Scale
from collector.domain.measure import Binding, Events, Ratio
from collector.domain.okr import KeyResult
from collector.domain.pace import Linear
from collector.domain.shape import Commitment, Keep, Slo, Total
from collector.domain.units import PERCENT, scale_of

BELIEF: Mapping[Commitment, float] = {Commitment.COMMITTED: 1.2, Commitment.ASPIRATIONAL: 0.3}
"""Share of the planned pace that effort is believed to bring. On a population that keeps 67 % of its promises 1.2 has a
Brier score of .161 where .3 has .194 (docs/explanation/foresight.md; `benchmarks.foresight` measures both)."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Known:
    """The days an outlook may know: those before `closed`."""

    closed: int

    def known(self, days: Sequence[Day]) -> list[Day]:
        """Give the days that hold a reading and are closed."""
        return [day for day in days if day.value is not None and -HISTORY <= day.day < self.closed]

    def series(self, days: Sequence[Day], of: Callable[[Day], float | None]) -> Floats:
        """Lay a number a day from `HISTORY` days before the start; NaN where there is none."""
        laid = np.full(HISTORY + self.closed, np.nan)
        for day in days:
            value = of(day)
            if value is not None:
                laid[HISTORY + day.day] = value
        return laid


def reach_outlook(
    key_result: KeyResult,
    binding: Binding,
    days: Sequence[Day],
    baseline: Baseline,
    target: float,
    course: Course,
    span: Known,
) -> Outlook:
    """See a reach: the level of its last `judge_over` days against its target."""
    known = span.known(days)
    began = max(key_result.cycle.day_of(baseline.at), 0) if baseline.at else 0
    scale = scale_of(binding.unit, [baseline.value, target])
    seen = [baseline.value, target, *(day.value for day in known if day.value is not None)]
    share = binding.unit == PERCENT and all(0.0 <= value <= 100.0 for value in seen)
    if scale is Scale.LOGIT and not share:
        scale = Scale.PLAIN
    percent = scale is Scale.LOGIT or (isinstance(binding.form, Ratio) and binding.quotient(1.0, 1.0) != 1.0)
    pooled = isinstance(binding.form, Ratio | Events)
    return Outlook(
        form=Form.LEVEL,
        values=span.series(known, lambda day: day.value),
        num=span.series(known, lambda day: day.num) if pooled else NOTHING,
        den=span.series(known, lambda day: day.den) if pooled else NOTHING,
        today=span.closed,
        length=key_result.days,
        target=target,
        baseline=baseline.value,
        rising=target >= baseline.value,
        start=min(began, key_result.days - 1),
        window=key_result.level_days,
        scale=scale,
        factor=100.0 if percent else 1.0,
        ceiling=100.0 if share else np.inf,
        belief=BELIEF[key_result.commitment],
        partly=Commitment.ASPIRATIONAL.success,
        aspirational=key_result.commitment is Commitment.ASPIRATIONAL,
        course=_laid(key_result, course),
        launches=launches_of(key_result),
    )


def _laid(key_result: KeyResult, course: Course) -> Floats:
    """Lay the pace a day each; a linear one need not be told."""
    if isinstance(key_result.pace, Linear):
        return NOTHING
    return np.array([course.expected(day + 1) for day in range(key_result.days)])


def launches_of(key_result: KeyResult) -> tuple[Launch, ...]:
    """Give the declared launches as days of the cycle; a cycle that sets its own day has no dates."""
    grid = key_result.cycle.grid
    if not isinstance(grid, CalendarDays):
        return ()
    return tuple(
        Launch((launch.on - grid.first).days, launch.expect / 100.0) for launch in key_result.launches
    )


def total_outlook(
    key_result: KeyResult,
    shape: Total,
    counted: Sequence[tuple[int, float]],
    previous: float | None,
    closed: int,
) -> Outlook | None:
    """See a total: what each day added, from (day, count at its close). A day that follows days without a count covers
    them, too. Nothing with fewer than `FEWEST_DAYS` days that have a count.
    """
    if len(counted) < FEWEST_DAYS:
        return None
    values, covered = np.full(closed, np.nan), np.full(closed, np.nan)
    for (here, before), (there, after) in itertools.pairwise([(-1, 0.0), *counted]):
        values[there], covered[there] = after - before, there - here
    whole = float(shape.limit).is_integer() and all(count.is_integer() for _, count in counted)
    return Outlook(
        form=Form.AT_MOST if shape.at_most is not None else Form.AT_LEAST,
        values=values,
        den=covered,
        first=0,
        today=closed,
        length=key_result.days,
        target=shape.limit,
        previous=previous if previous is not None else np.nan,
        belief=BELIEF[key_result.commitment],
        partly=Commitment.ASPIRATIONAL.success,
        aspirational=shape.at_least is not None and key_result.commitment is Commitment.ASPIRATIONAL,
        whole=whole,
    )


def slo_outlook(key_result: KeyResult, shape: Slo, days: Sequence[Day], closed: int) -> Outlook:
    """See an slo: the bad events of each day among all, against the share that is allowed."""
    span = Known(closed)
    known = [day for day in span.known(days) if day.num is not None and day.den]
    return Outlook(
        form=Form.EVENTS,
        values=span.series(known, lambda day: max((day.den or 0.0) - (day.num or 0.0), 0.0)),
        den=span.series(known, lambda day: day.den),
        today=closed,
        length=key_result.days,
        window=key_result.days,
        target=1 - shape.objective / 100.0,
    )


def keep_outlook(
    key_result: KeyResult, shape: Keep, binding: Binding, days: Sequence[Day], allowed: float, closed: int
) -> Outlook:
    """See a keep: the share of each day's readings in the band, and how many days may lie out of it: as many as the
    `allowed` slots are a share of those that are due.
    """
    span = Known(closed)
    known = [day for day in span.known(days) if day.inside is not None]
    scale = scale_of(binding.unit, [edge for edge in (shape.at_most, shape.at_least) if edge is not None])
    if scale is Scale.LOGIT or any(day.low <= 0 for day in known):
        scale = Scale.PLAIN
    due = allowed / (1 - shape.share / 100.0) if shape.share < 100 else 0.0
    slots = due / key_result.days
    used = sum(day.n - (day.inside or 0) for day in known if day.day >= 0)
    shares = sum(1 - (day.inside or 0) / day.n for day in known if day.day >= 0)
    return Outlook(
        form=Form.STAY,
        values=span.series(known, lambda day: day.value),
        inside=span.series(known, lambda day: (day.inside or 0) / day.n),
        today=closed,
        length=key_result.days,
        # days with fewer readings than others use less of the budget than their share says
        target=(allowed - used) / slots + shares if slots else 0.0,
        scale=scale,
        low=shape.at_least if shape.at_least is not None else -np.inf,
        high=shape.at_most if shape.at_most is not None else np.inf,
        within=_within(known, scale),
    )


def _within(days: Sequence[Day], scale: Scale) -> float:
    """Give the standard deviation of readings within a day, from the ranges of days: the mean range of n normal draws is
    twice the normal quantile of .5264^(1/n) of their standard deviation (Harter 1960, to 1 %).
    """
    spreads = [
        (np.log(day.high / day.low) if scale is Scale.LOG else day.high - day.low)
        / (2 * _NORMAL.inv_cdf(0.5264 ** (1 / day.n)))
        for day in days
        if day.n > 1
    ]
    return float(median(spreads)) if spreads else 0.0
