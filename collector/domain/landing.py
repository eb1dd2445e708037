"""Tells a forecast in the terms of its key result, with what the model behind it does not know: certainties, open days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from collector.domain.figures import Numbers
from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.foreseen import LEAST
from collector.domain.forecasting.room import lasting
from collector.domain.okr import KeyResult
from collector.domain.shape import Commitment, Keep, Reach, Slo, Total


def told(ahead: Forecast, key_result: KeyResult, numbers: Numbers) -> Forecast:
    """Tell what the forecaster foresees in the unit of the key result, with what came on the open day since. What has
    reached its limit for good is certain, and a count never falls.
    """
    match key_result.shape:
        case Reach():
            return ahead
        case Total() as shape:
            done = (numbers.level or 0.0) - numbers.opened
            return total_since(ahead, (key_result.commitment, shape), numbers, done)
        case Keep() as shape:
            return _of_budget(as_share(ahead, key_result.days), shape, numbers)
        case Slo() as shape:
            return _of_budget(as_share(ahead, 1), shape, numbers)
        case _:
            assert_never(key_result.shape)


def total_since(ahead: Forecast, of: tuple[Commitment, Total], numbers: Numbers, done: float) -> Forecast:
    """Tell a forecast of a total anew, when its count was `done` as it was told, and is what `numbers` say now."""
    commitment, shape = of
    level = numbers.level or 0.0
    if shape.at_most is None:
        return _reached(_moved(ahead, done, level), numbers.progress or 0.0, commitment)
    if numbers.exceeded:
        return certain(never_less(ahead, level), 0.0)
    if level <= done:
        return ahead
    rooms = (shape.at_most - done, shape.at_most - level)
    return _lasting(_moved(ahead, done, level), rooms)


def _moved(ahead: Forecast, done: float, now: float) -> Forecast:
    """Let a count that was `done` at the close, and is at `now`, land by as much higher, unless that is less than foreseen."""
    return _landing(ahead, lambda value: max(value, now + (value - done)))


def _lasting(ahead: Forecast, rooms: tuple[float, float]) -> Forecast:
    """A budget is less probable to last by as much as what is left of it, then and now, is less probable to do for all that
    is still to come. Its model tells what is left now, and by how much P is less since the last close.
    """
    before, now = (lasting(ahead.model, room) for room in rooms)
    factor = min(now / before, 1.0)
    p = max(ahead.p_full * factor, LEAST)
    model = {**ahead.model, "left": rooms[1], "less": ahead.model.get("less", 1.0) * factor}
    return replace(ahead, p_hit=p, p_full=p, p_most=p, model=model)


def _reached(ahead: Forecast, progress: float, commitment: Commitment) -> Forecast:
    """A count that is there does not leave again: what succeeds already is certain."""
    if progress >= 1.0:
        return certain(ahead, 1.0)
    if progress < Commitment.ASPIRATIONAL.success:
        return ahead
    return replace(ahead, p_most=1.0, p_hit=1.0 if progress >= commitment.success else ahead.p_hit)


def _of_budget(share: Forecast, shape: Keep | Slo, numbers: Numbers) -> Forecast:
    """Tell what is good at the close, in percent; what is used stays used."""
    if numbers.spent is None:
        return _spent(share, shape, exceeded=numbers.exceeded)
    return budget_since(share, shape, (numbers.spent - numbers.opened, numbers.spent))


def _spent(share: Forecast, shape: Keep | Slo, *, exceeded: bool) -> Forecast:
    """What an slo allows depends on the events still to come, so that it is never decided before the close."""
    return certain(share, LEAST if isinstance(shape, Slo) else 0.0) if exceeded else share


def budget_since(share: Forecast, shape: Keep | Slo, spent: tuple[float, float]) -> Forecast:
    """Tell a forecast of what is good, in percent, anew, when more of the budget is used than when it was told: `spent` has
    the shares used then and now.
    """
    objective = shape.share if isinstance(shape, Keep) else shape.objective
    was, good = (100.0 - used * (100.0 - objective) for used in spent)
    if spent[1] <= spent[0]:
        return _spent(share, shape, exceeded=spent[1] > 1)
    moved = _landing(share, lambda value: min(value, good + (value - was)))
    if spent[1] > 1:
        return _spent(moved, shape, exceeded=True)
    closed = _spent_at_close(share, objective)
    whole = share.model["need"] / (1 - closed) if closed < 1 else 0.0
    return _lasting(moved, (whole * (1 - spent[0]), whole * (1 - spent[1])))


def _spent_at_close(share: Forecast, objective: float) -> float:
    """Give the share of the budget that was used when the days were foreseen."""
    model = share.model
    if "allowed" in model:
        return model["out"] / model["allowed"] if model["allowed"] > 0 else 0.0
    return model["done"] / (1 - objective / 100.0)


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
    """Add what is foreseen of the numbers' outlook, if anything is; after the last day, what it came to."""
    if numbers.forecast is not None:
        return numbers
    if numbers.closed >= key_result.days:
        return replace(numbers, forecast=landed(key_result, numbers))
    return numbers if ahead is None else replace(numbers, forecast=told(ahead, key_result, numbers))


def never_less(ahead: Forecast, bound: float) -> Forecast:
    """Lift the landing and its ranges to a bound that the model behind them does not know; P stays what it is."""
    return _landing(ahead, lambda value: max(value, bound))


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
