"""Forecasts of counts: what a total, or the bad events of an error budget, come to at the close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Cohort, Ints
from collector.domain.forecasting.distributions import gamma_quantile
from collector.domain.forecasting.foreseen import NEVER, Foreseen, middle, undecided
from collector.domain.forecasting.outlook import HISTORY
from collector.domain.forecasting.paced import paced_odds
from collector.domain.forecasting.ranges import COUNT_WIDTHS, EVENT_WIDTHS, LEAST_WIDTHS, Widths, widths
from collector.domain.forecasting.rates import Ahead, Counts, count_ahead

CHANGE = 0.15
EVENTS_CHANGE = 0.40
"""Variance of the logarithm of a rate over 91 days: errors change more than what is counted by hand."""
LEAST_RATE = 1e-3
"""Counts a day that a prior expects at least."""
USUAL_AMOUNT = 20.0
"""Amounts are measured in units of which so many are planned a day, so that their own unit does not matter."""
STEEPNESS = 2.3
"""Of what trend and rate agree on, above even odds; fitted on training seeds, where it takes their Brier score from .104 to
.085."""
LEAST_DISPERSION = 1e-3
"""Of amounts, in planned rates: they need not come in pieces."""
ROUNDING = 1e-9


def foresee_at_most(cohort: Cohort) -> Foreseen:
    """Forecast counts of which no more than the target may come."""
    cohort, unit = _in_units(cohort)
    done, ahead = _done(cohort), count_ahead(_counts(cohort))
    need = cohort.target - done
    p = undecided(ahead.at_most(need), never=need < 0, always=np.zeros(cohort.rows, dtype=bool))
    return _told(
        _Sum(cohort, ahead, lambda count: (done + count) * unit, need, unit, unit), (p, p), COUNT_WIDTHS
    )


def foresee_at_least(cohort: Cohort) -> Foreseen:
    """Forecast counts of which the target is asked: half by their rate, half by the trend that the plan expects of it."""
    cohort, unit = _in_units(cohort)
    done, ahead = _done(cohort), count_ahead(_counts(cohort))
    partly = (
        np.ceil(cohort.partly * cohort.target - ROUNDING) if cohort.whole else cohort.partly * cohort.target
    )
    targets = (cohort.target, partly)
    full, most = (
        _reaching(cohort, ahead, target - done, by_trend)
        for target, by_trend in zip(targets, paced_odds(cohort, targets), strict=True)
    )
    need = cohort.target - done
    told = _told(
        _Sum(cohort, ahead, lambda count: (done + count) * unit, need, unit, unit),
        (full.p, most.p),
        LEAST_WIDTHS,
    )
    hit = {
        "by_trend": np.where(cohort.aspirational, most.by_trend, full.by_trend),
        "by_rate": np.where(cohort.aspirational, most.by_rate, full.by_rate),
        "need": np.where(cohort.aspirational, partly - done, need) * unit,
        "belief": cohort.belief,
    }
    return replace(told, model={**told.model, **hit})


@dataclass(frozen=True, slots=True)
class _Reaching:
    """How probable it is that a count is reached: by the trend that the plan expects, by the rate, and by both."""

    by_trend: Floats
    by_rate: Floats
    p: Floats


def _reaching(cohort: Cohort, ahead: Ahead, need: Floats, by_trend: Floats) -> _Reaching:
    fewer = np.ceil(need - ROUNDING) - 1 if cohort.whole else need
    by_rate = 1 - ahead.at_most(fewer)
    nobody = np.zeros(cohort.rows, dtype=bool)
    p = undecided(middle(by_trend, by_rate, STEEPNESS), never=nobody, always=need <= 0)
    return _Reaching(by_trend, by_rate, p)


def foresee_events(cohort: Cohort) -> Foreseen:
    """Forecast the share of bad events in the window that ends with the promise. It is never decided: how many events are
    still to come is not known.
    """
    known = np.isfinite(cohort.den) & np.isfinite(cohort.values)
    total, bad = np.where(known, cohort.den, 0.0), np.where(known, cohort.values, 0.0)
    a_day = np.maximum(total.sum(axis=1) / np.maximum(known.sum(axis=1), 1), 1e-9)
    begins = np.maximum(cohort.end - cohort.window, np.where(cohort.window >= cohort.length, HISTORY, 0))
    inside = np.arange(cohort.columns)[None, :] >= begins[:, None]
    to_come = _to_come(cohort, np.maximum(begins, cohort.known))
    used, all_events = (bad * inside).sum(axis=1), (total * inside).sum(axis=1) + a_day * to_come.sum(axis=1)
    allowed = cohort.target * all_events
    counts = Counts(
        count=np.where(known, bad, np.nan),
        exposure=np.where(known, total / a_day[:, None], np.nan),
        ahead=to_come,
        horizon=cohort.left.astype(float),
        rate=cohort.target * a_day,
        change=EVENTS_CHANGE,
        whole=False,
        least=np.ones(cohort.rows),
    )
    ahead = count_ahead(counts)
    nobody = np.zeros(cohort.rows, dtype=bool)
    p = undecided(ahead.at_most(allowed - used), never=nobody, always=nobody)
    summed = _Sum(
        cohort,
        ahead,
        lambda count: (used + count) / all_events,
        allowed - used,
        np.ones(cohort.rows),
        1 / all_events,
    )
    return _told(summed, (p, p), EVENT_WIDTHS)


@dataclass(frozen=True, slots=True)
class _Sum:
    """What comes, and how it is told."""

    cohort: Cohort
    ahead: Ahead
    told: Callable[[Floats], Floats]
    """From a sum of what comes to a landing."""
    need: Floats
    """How much has to come, or may, until the target."""
    unit: Floats
    per: Floats
    """What one that comes adds to a landing."""


def _told(of: _Sum, p: tuple[Floats, Floats], width: Widths) -> Foreseen:
    cohort, ahead = of.cohort, of.ahead
    mean, variance = ahead.moments()
    near, far = widths(width, cohort.left / cohort.length)
    quantile = [
        of.told(_in_pieces(cohort, gamma_quantile(z, mean, variance)))
        for z in (0 * near, -near, near, -far, far)
    ]
    a_day = mean / cohort.left
    days = np.ceil(np.maximum(of.need, 0.0) / np.maximum(a_day, 1e-12))
    crosses = np.where(days <= cohort.left, cohort.today + np.maximum(days, 1.0) - 1, NEVER).astype(int)
    return Foreseen(
        full=p[0],
        most=p[1],
        landing=quantile[0],
        likely=(quantile[1], quantile[2]),
        wide=(quantile[3], quantile[4]),
        crosses=crosses,
        step=np.sqrt(ahead.dispersion * a_day) * of.per,
        drift=a_day * of.per,
        model={
            "rate": ahead.rate * of.unit,
            "dispersion": ahead.dispersion * of.unit,
            "done": of.told(np.zeros(cohort.rows)),
            "expected": mean * of.unit,
            "spread": np.sqrt(variance) * of.unit,
            "need": of.need * of.unit,
        },
    )


def _in_pieces(cohort: Cohort, count: Floats) -> Floats:
    """What comes in whole things lands on whole things."""
    return np.round(count) if cohort.whole else count


def _in_units(cohort: Cohort) -> tuple[Cohort, Floats]:
    """Measure amounts so that their planned rate is a usual one; counts of whole things are what they are."""
    if cohort.whole:
        return cohort, np.ones(cohort.rows)
    largest = np.nan_to_num(np.abs(cohort.values)).max(axis=1)
    # a limit of nothing plans no rate: what there is of it is measured by itself
    planned = np.where(cohort.target > 0, cohort.target / cohort.length, np.where(largest > 0, largest, 1.0))
    unit = planned / USUAL_AMOUNT
    return replace(
        cohort,
        values=cohort.values / unit[:, None],
        target=cohort.target / unit,
        previous=cohort.previous / unit,
    ), unit


def _done(cohort: Cohort) -> Floats:
    """What the cycle has brought so far."""
    return np.asarray(np.nansum(cohort.values[:, HISTORY:], axis=1))


def _counts(cohort: Cohort) -> Counts:
    """A count per day; one that covers several days has so much more exposure, and the days without one are not known."""
    covered = np.where(np.isfinite(cohort.den), cohort.den, 1.0)
    rate = np.maximum(cohort.target / cohort.length, LEAST_RATE)
    before = np.maximum(np.where(np.isfinite(cohort.previous), cohort.previous, 1.0), 0.5)
    rate = np.where(np.isfinite(cohort.previous), np.sqrt(rate * before / cohort.length), rate)
    return Counts(
        count=np.maximum(cohort.values, 0.0),
        exposure=np.where(np.isfinite(cohort.values), covered, np.nan),
        ahead=_to_come(cohort, cohort.known),
        horizon=cohort.left.astype(float),
        rate=rate,
        change=CHANGE,
        whole=cohort.whole,
        least=np.ones(cohort.rows) if cohort.whole else LEAST_DISPERSION * rate,
    )


def _to_come(cohort: Cohort, begins: Ints) -> Floats:
    """Give 1 for each day from column `begins` to the close, and 0 for the others."""
    columns = np.arange(int(cohort.end.max()))[None, :]
    return ((columns >= begins[:, None]) & (columns < cohort.end[:, None])).astype(float)
