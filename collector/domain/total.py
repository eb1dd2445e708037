"""The numbers of a total: its newest count, against what is allowed or asked for this cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.domain.budget import Budget, exhausted_on, rate_of
from collector.domain.course import Way, course_of
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.figures import Numbers
from collector.domain.landing import total_since
from collector.domain.okr import KeyResult
from collector.domain.outlooks import total_outlook
from collector.domain.pace import linear
from collector.domain.progress import progress_of, spent_of
from collector.domain.reach import with_way
from collector.domain.shape import Total


def total_numbers(
    key_result: KeyResult,
    shape: Total,
    days: Sequence[Day],
    closed: int,
    current: float | None,
    previous: float | None = None,
    known: Evaluation | None = None,
) -> Numbers:
    """Compute the numbers of a total after `closed` days; `current` is its newest count, open day included, `previous`
    what the last cycle closed with, where it is known, `known` what was judged of the same closed days, if anything.
    """
    counted = [(day.day, day.value) for day in days if day.value is not None and 0 <= day.day < closed]
    count = current if current is not None else (counted[-1][1] if counted else None)
    if shape.at_least is not None:
        numbers = _at_least(key_result, days, closed, shape.at_least, counted, count)
    else:
        numbers = _at_most(key_result, closed, shape.limit, counted, count)
    if closed >= key_result.days or count is None:
        return numbers
    numbers = replace(numbers, opened=count - counted[-1][1] if counted else count)
    since = known.level if known is not None and known.forecast is not None and known.forecast.model else None
    if known is not None and known.forecast is not None and since is not None and since <= count:
        of = (key_result.commitment, shape)
        return replace(numbers, forecast=total_since(known.forecast, of, numbers, since))
    return replace(numbers, outlook=total_outlook(key_result, shape, counted, previous, closed))


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
    numbers = replace(
        numbers,
        level=count,
        level_days=len(counted),
        progress=progress,
        weeks_ahead=course.weeks_ahead(closed, progress),
    )
    return with_way(key_result, numbers, days, rising=True)


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
    rate = rate_of([(-1, 0.0), *counted], key_result.level_days)
    day = exhausted_on(allowed - count, rate, closed, key_result.days)
    name = key_result.cycle.grid.name(day) if day is not None else None
    return replace(
        numbers,
        level=count,
        level_days=len(counted),
        spent=spent.share,
        exceeded=spent.exceeded,
        budget=Budget(count, allowed, exhausts=name, lost=spent.exceeded),
    )
