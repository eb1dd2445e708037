"""A forecast in a few words: its ranges, and the day by which something is there or used up."""

from __future__ import annotations

from typing import assert_never

from collector.domain.evaluation import Evaluation
from collector.domain.forecasting.forecast import Forecast
from collector.domain.okr import KeyResult
from collector.domain.phrases import level_of
from collector.domain.shape import Keep, Reach, Shape, Slo, Total
from collector.domain.status import Status


def spends(shape: Shape) -> bool:
    """Tell whether a shape uses up a budget: what its forecast crosses is then no success, and it knows no share of a way."""
    match shape:
        case Keep() | Slo():
            return True
        case Total():
            return shape.at_least is None
        case Reach():
            return False
        case _:
            assert_never(shape)


def crossing_day(evaluation: Evaluation) -> int | None:
    """Give the index of the first day on which the expected path has the target, of a budget all that is allowed. Nothing
    when it has not before the close, when it is decided already, and of a draft, whose days have not begun.
    """
    ahead = evaluation.forecast
    if ahead is None or evaluation.over or evaluation.status is Status.DRAFT or ahead.p_hit in (0.0, 1.0):
        return None
    return ahead.crosses


def crossing_of(key_result: KeyResult, evaluation: Evaluation) -> str:
    """Name that day; nothing when there is none."""
    day = crossing_day(evaluation)
    return "" if day is None else key_result.cycle.grid.name(day)


def ranges_of(key_result: KeyResult, ahead: Forecast) -> str:
    """Write both ranges of a landing: `50 %: 59 to 69 ms; 90 %: 51 to 78 ms`."""
    likely, wide = (
        f"{level_of(key_result, low)} to {level_of(key_result, high)}"
        for low, high in (ahead.likely, ahead.wide)
    )
    return f"50 %: {likely}; 90 %: {wide}"
