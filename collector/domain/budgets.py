"""The numbers of a keep and of an slo: what is used of the budget of the cycle, and whether it will last."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.budget import Budget, allowed_of, exhausted_on, rate_of
from collector.domain.coverage import slots_due
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.figures import Numbers
from collector.domain.forecasting.forecast import Forecast
from collector.domain.landing import budget_since
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.outlooks import keep_outlook, slo_outlook
from collector.domain.pace import linear
from collector.domain.progress import spent_of
from collector.domain.shape import Keep, Slo


@dataclass(frozen=True, slots=True)
class Use:
    """What a day used of the budget: slots out of the band among those measured, or bad events among all."""

    day: int
    used: float
    total: float


@dataclass(frozen=True, slots=True)
class Ledge:
    """Up to where a budget is looked at."""

    closed: int
    open_days: bool
    """Whether days that are not closed yet enter what is used. The forecast knows closed days only."""
    first_slot: datetime | None
    """Slot of the first reading ever: those before it were not due."""
    known: Evaluation | None = None
    """What was judged of the same closed days: its forecast holds while as much is allowed."""


def keep_numbers(
    key_result: KeyResult, shape: Keep, binding: Binding, days: Sequence[Day], upto: Ledge
) -> Numbers:
    """Compute the numbers of a keep: allowed is (1 - share/100) x the slots due in the cycle (DESIGN §5)."""
    uses = [
        Use(day.day, float(day.n - day.inside), float(day.n))
        for day in _seen(key_result, days, upto)
        if day.inside is not None
    ]
    due = slots_due(key_result, binding, 0, key_result.days, upto.first_slot)
    numbers = _numbers(key_result, shape.share, uses, allowed_of(shape.share, due), upto)
    if numbers.budget is None or not _to_foretell(key_result, numbers):
        return numbers
    return replace(
        numbers, outlook=keep_outlook(key_result, shape, binding, days, numbers.budget.allowed, upto.closed)
    )


def slo_numbers(
    key_result: KeyResult, shape: Slo, binding: Binding, days: Sequence[Day], upto: Ledge
) -> Numbers:
    """Compute the numbers of an slo: allowed is (1 - slo/100) x (events so far + mean per day x days left); at the close
    there are none left (DESIGN §5).
    """
    seen = _seen(key_result, days, upto)
    uses = [
        Use(day.day, max(day.den - day.num, 0.0), day.den)
        for day in seen
        if day.num is not None and day.den  # a day on which nothing happened says nothing of what is good
    ]
    closed = [use.total for use in uses if use.day < upto.closed]
    still_open = sum(use.total for use in uses if use.day >= upto.closed)
    left = key_result.days - upto.closed
    mean = _mean_per_day(key_result, binding, days, closed, upto) if left > 0 else 0.0
    # what an open day holds already is a part of what the days left are expected to bring
    events = sum(closed) + max(still_open, mean * left)
    numbers = _numbers(key_result, shape.objective, uses, allowed_of(shape.objective, events), upto)
    if not _to_foretell(key_result, numbers):
        return numbers
    return replace(numbers, outlook=slo_outlook(key_result, shape, days, upto.closed))


def _to_foretell(key_result: KeyResult, numbers: Numbers) -> bool:
    """Tell whether anything of it is still to come, and not foretold already."""
    return numbers.budget is not None and numbers.forecast is None and numbers.closed < key_result.days


def _seen(key_result: KeyResult, days: Sequence[Day], upto: Ledge) -> list[Day]:
    """The days of the cycle that are looked at: closed ones with a value, and open ones where they enter."""
    end = key_result.days if upto.open_days else upto.closed
    return [day for day in days if 0 <= day.day < end and (day.value is not None or day.day >= upto.closed)]


def _mean_per_day(
    key_result: KeyResult, binding: Binding, days: Sequence[Day], closed: Sequence[float], upto: Ledge
) -> float:
    """Events of a day: of the days of the cycle; before one is closed, of those before it; else what the readings of the
    open day come to.
    """
    if closed:
        return sum(closed) / len(closed)
    before = [day.den for day in days if day.day < 0 and day.value is not None and day.den is not None]
    if before:
        return sum(before) / len(before)
    readings = sum(day.n for day in days if day.day >= 0)
    events = sum(day.den or 0.0 for day in days if day.day >= 0)
    a_day = slots_due(key_result, binding, upto.closed, upto.closed + 1, None)
    return events / readings * a_day if readings else 0.0


def _numbers(
    key_result: KeyResult, objective: float, uses: Sequence[Use], allowed: float, upto: Ledge
) -> Numbers:
    closed, last = upto.closed, key_result.days
    numbers = Numbers(closed=closed, target=objective, expected=linear(closed, last))
    if not uses:
        return numbers
    used, total = sum(use.used for use in uses), sum(use.total for use in uses)
    spent = spent_of(used, allowed)
    points = list(_cumulative([use for use in uses if use.day < closed]))
    day = exhausted_on(allowed - used, rate_of(points, key_result.level_days), closed, last)
    name = key_result.cycle.grid.name(day) if day is not None else None
    known = _known(key_result, upto.known, used, allowed)
    return replace(
        numbers,
        level=(total - used) / total * 100.0 if total else 100.0,
        level_days=len(uses),
        spent=spent.share,
        opened=(used - points[-1][1]) / allowed if allowed else 0.0,
        exceeded=spent.exceeded,
        budget=Budget(used, allowed, exhausts=name, lost=spent.exceeded),
        forecast=known,
    )


def _cumulative(uses: Sequence[Use]) -> list[tuple[int, float]]:
    """What was used up to the close of each day, from nothing before the first."""
    sums = itertools.accumulate(use.used for use in uses)
    return [(-1, 0.0), *((use.day, used) for use, used in zip(uses, sums, strict=True))]


def _known(key_result: KeyResult, known: Evaluation | None, used: float, allowed: float) -> Forecast | None:
    """Give the forecast that was made of the same closed days, with what was used since: none of it comes back."""
    shape = key_result.shape
    if known is None or known.budget is None or known.forecast is None or not known.forecast.model:
        return None
    if not isinstance(shape, Keep | Slo) or known.budget.lost:
        return None
    if known.budget.allowed != allowed or known.budget.used > used or allowed <= 0:
        return None
    return budget_since(known.forecast, shape, (known.budget.used / allowed, used / allowed))
