"""Tells a forecast in the terms of its key result, with what the model behind it does not know: certainties, open days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from collector.domain.figures import Numbers
from collector.domain.forecasting.forecast import Forecast
from collector.domain.okr import KeyResult
from collector.domain.shape import Commitment, Keep, Reach, Slo, Total


def told(ahead: Forecast, key_result: KeyResult, numbers: Numbers) -> Forecast:
    """Tell what the forecaster foresees in the unit of the key result. What has reached its limit for good, on the open
    day too, is certain, and a count never falls.
    """
    level = numbers.level or 0.0
    match key_result.shape:
        case Reach():
            return ahead
        case Total(at_least=float() | int()):
            return never_less(_reached(ahead, numbers.progress or 0.0, key_result.commitment), level)
        case Total():
            return never_less(certain(ahead, 0.0) if numbers.exceeded else ahead, level)
        case Keep(share=objective):
            return _of_budget(ahead, numbers, objective, key_result.days)
        case Slo(objective=objective):
            return _of_budget(ahead, numbers, objective, 1)
        case _:
            assert_never(key_result.shape)


def _reached(ahead: Forecast, progress: float, commitment: Commitment) -> Forecast:
    """A count that is there does not leave again: what succeeds already is certain."""
    if progress >= 1.0:
        return certain(ahead, 1.0)
    if progress < Commitment.ASPIRATIONAL.success:
        return ahead
    return replace(ahead, p_most=1.0, p_hit=1.0 if progress >= commitment.success else ahead.p_hit)


def _of_budget(ahead: Forecast, numbers: Numbers, objective: float, whole: float) -> Forecast:
    """Tell what is bad of a `whole` (days, or all events) as the percentage that is good; what is used stays used."""
    share = as_share(ahead, whole)
    if numbers.spent is not None:
        share = never_more(share, max(100.0 - numbers.spent * (100.0 - objective), 0.0))
    return certain(share, 0.0) if numbers.exceeded else share


def landed(key_result: KeyResult, numbers: Numbers) -> Forecast | None:
    """Say what is known when the last day is closed: it has landed."""
    if numbers.level is None or not numbers.judgeable:
        return None
    progress = numbers.progress if numbers.progress is not None else 0.0
    kept = not numbers.exceeded and numbers.spent is not None and numbers.spent <= 1
    budget = numbers.spent is not None or numbers.exceeded
    full, most, hit = (
        float(kept if budget else progress >= share)
        for share in (1.0, Commitment.ASPIRATIONAL.success, key_result.commitment.success)
    )
    level = numbers.level
    return Forecast(
        p_hit=hit,
        p_full=full,
        p_most=most,
        landing=level,
        likely=(level, level),
        wide=(level, level),
        crosses=None,
        step=0.0,
        drift=0.0,
    )


def foretold(key_result: KeyResult, numbers: Numbers, ahead: Forecast | None) -> Numbers:
    """Add what is foreseen of the numbers' outlook, if anything is."""
    if numbers.forecast is not None or ahead is None:
        return numbers
    return replace(numbers, forecast=told(ahead, key_result, numbers))


def never_less(ahead: Forecast, bound: float) -> Forecast:
    """Lift the landing and its ranges to a bound that the model behind them does not know; P stays what it is."""
    return _landing(ahead, lambda value: max(value, bound))


def never_more(ahead: Forecast, bound: float) -> Forecast:
    """Lower the landing and its ranges to a bound in the same way."""
    return _landing(ahead, lambda value: min(value, bound))


def certain(ahead: Forecast, p: float) -> Forecast:
    """What has reached its limit for good does not come back: the probability is 0 or 1."""
    return replace(ahead, p_hit=p, p_full=p, p_most=p)


def as_share(ahead: Forecast, whole: float) -> Forecast:
    """Tell a landing of what is bad of a `whole` as the share (percent) that is good."""
    per_unit = 100.0 / whole
    told = _landing(ahead, lambda bad: min(max(100.0 - bad * per_unit, 0.0), 100.0))
    return replace(
        told,
        likely=(told.likely[1], told.likely[0]),
        wide=(told.wide[1], told.wide[0]),
        step=ahead.step * per_unit,
        drift=-ahead.drift * per_unit,
    )


def _landing(ahead: Forecast, told: Callable[[float], float]) -> Forecast:
    return replace(
        ahead,
        landing=told(ahead.landing),
        likely=(told(ahead.likely[0]), told(ahead.likely[1])),
        wide=(told(ahead.wide[0]), told(ahead.wide[1])),
    )
