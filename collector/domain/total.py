"""The numbers of a total: its newest count, against what is allowed or asked for this cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.domain.budget import Budget, exhausted_on, rate_of
from collector.domain.course import Way, course_of
from collector.domain.days import Day
from collector.domain.figures import Numbers
from collector.domain.forecast import FEWEST_DAYS, Forecast, Outlook, forecast
from collector.domain.landing import certain, never_less
from collector.domain.okr import KeyResult
from collector.domain.pace import linear
from collector.domain.progress import progress_of, spent_of
from collector.domain.reach import with_way
from collector.domain.shape import Commitment, Total


def total_numbers(
    key_result: KeyResult, shape: Total, days: Sequence[Day], closed: int, current: float | None
) -> Numbers:
    """Compute the numbers of a total after `closed` days; `current` is its newest count, open day included."""
    counted = [(day.day, day.value) for day in days if day.value is not None and 0 <= day.day < closed]
    count = current if current is not None else (counted[-1][1] if counted else None)
    if shape.at_least is not None:
        return _at_least(key_result, days, closed, shape.at_least, counted, count)
    return _at_most(key_result, closed, shape.limit, counted, count)


def _at_least(
    key_result: KeyResult,
    days: Sequence[Day],
    closed: int,
    asked: float,
    counted: Sequence[tuple[int, float]],
    count: float | None,
) -> Numbers:
    """It is a reach from nothing (DESIGN §5)."""
    course = course_of(key_result.pace, Way(key_result.calendar, 0, key_result.days, 0.0, asked))
    numbers = Numbers(closed=closed, baseline=0.0, target=asked, expected=course.expected(closed))
    progress = progress_of(count, 0.0, asked) if count is not None else None
    if count is None or progress is None:
        return numbers
    ahead = _ahead(key_result, closed, asked, counted, count, rising=True)
    numbers = replace(
        numbers,
        level=count,
        level_days=len(counted),
        progress=progress,
        weeks_ahead=course.weeks_ahead(closed, progress),
        forecast=_reached(ahead, progress, key_result.commitment) if ahead else None,
    )
    return with_way(key_result, numbers, days, rising=True)


def _reached(ahead: Forecast, progress: float, commitment: Commitment) -> Forecast:
    """A count that is there does not leave again: what succeeds already is certain."""
    if progress >= 1.0:
        return certain(ahead, 1.0)
    return replace(ahead, p_hit=1.0) if progress >= commitment.success else ahead


def _at_most(
    key_result: KeyResult,
    closed: int,
    allowed: float,
    counted: Sequence[tuple[int, float]],
    count: float | None,
) -> Numbers:
    """It is a budget, spent as time goes on: what pace it is spent at is nobody's promise."""
    expected = linear(closed, key_result.days)
    numbers = Numbers(closed=closed, baseline=0.0, target=allowed, expected=expected)
    if count is None:
        return numbers
    spent = spent_of(count, allowed)
    ahead = _ahead(key_result, closed, allowed, counted, count, rising=False)
    rate = rate_of([(-1, 0.0), *counted], key_result.level_days)
    day = exhausted_on(allowed - count, rate, closed, key_result.days)
    name = key_result.cycle.grid.name(day) if day is not None else None
    return replace(
        numbers,
        level=count,
        level_days=len(counted),
        forecast=certain(ahead, 0.0) if ahead and spent.exceeded else ahead,
        spent=spent.share,
        exceeded=spent.exceeded,
        budget=Budget(count, allowed, exhausts=name, lost=spent.exceeded),
    )


def _ahead(
    key_result: KeyResult,
    closed: int,
    limit: float,
    counted: Sequence[tuple[int, float]],
    count: float,
    *,
    rising: bool,
) -> Forecast | None:
    if len(counted) < FEWEST_DAYS:
        return None
    outlook = Outlook(
        days=[(-1, 0.0), *counted],
        today=closed,
        last=key_result.days - 1,
        window=1,
        baseline=0.0,
        target=limit,
        commitment=key_result.commitment,
        count=True,
        rising=rising,
        whole=all(value.is_integer() for _, value in counted) and float(limit).is_integer(),
    )
    ahead = forecast(outlook)
    return never_less(ahead, count) if ahead is not None else None  # a count never falls
