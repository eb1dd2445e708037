"""The arithmetic of a verdict: level, progress, pace, forecast and what is needed, as of the close of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.forecast import FEWEST_DAYS, Forecast, Outlook, forecast
from collector.domain.level import level_of
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.pace import linear
from collector.domain.progress import best_pace, last_reachable, progress_of, spent_of
from collector.domain.shape import Reach, Total


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a key result amounts to after `closed` days. Nothing stands where nothing is known."""

    closed: int
    baseline: float | None = None
    target: float | None = None
    level: float | None = None
    level_days: int = 0
    progress: float | None = None
    expected: float | None = None
    weeks_ahead: float | None = None
    spent: float | None = None
    exceeded: bool = False
    forecast: Forecast | None = None
    needed_per_week: float | None = None
    last_reachable: str | None = None

    @property
    def p_hit(self) -> float | None:
        """P(success for its commitment)."""
        return self.forecast.p_hit if self.forecast else None

    @property
    def ahead(self) -> bool:
        """Whether it is at or above its pace; for an at-most total, whether no more is used than time has passed."""
        if self.exceeded:
            return False
        if self.spent is not None:
            return self.expected is not None and self.spent <= self.expected
        return self.progress is not None and self.expected is not None and self.progress >= self.expected


def numbers_of(
    key_result: KeyResult,
    binding: Binding,
    days: Sequence[Day],
    baseline: Baseline | None,
    closed: int,
    current: float | None,
) -> Numbers:
    """Compute the numbers after `closed` days of the cycle from the days before that.

    `current` is the newest reading, open day included: a total is judged by it, a reach never is.
    """
    match key_result.shape:
        case Reach():
            return _reach(key_result, binding, days, baseline, closed)
        case Total():
            return _total(key_result, days, closed, current)
        case _:
            return Numbers(closed=closed)


def numbers_again(evaluation: Evaluation) -> Numbers:
    """Give the numbers that an evaluation was made of."""
    return Numbers(
        closed=evaluation.day,
        baseline=evaluation.baseline,
        target=evaluation.target,
        level=evaluation.level,
        level_days=evaluation.level_days,
        progress=evaluation.progress,
        expected=evaluation.expected,
        weeks_ahead=evaluation.weeks_ahead,
        spent=evaluation.spent,
        exceeded=evaluation.exceeded,
        forecast=evaluation.forecast,
        needed_per_week=evaluation.needed_per_week,
        last_reachable=evaluation.last_reachable,
    )


def _reach(
    key_result: KeyResult, binding: Binding, days: Sequence[Day], baseline: Baseline | None, closed: int
) -> Numbers:
    level = level_of(binding, days, closed, key_result.level_days)
    if baseline is None or not isinstance(key_result.shape, Reach):
        return Numbers(
            closed=closed, level=level.value if level else None, level_days=level.days if level else 0
        )
    target = key_result.shape.target(baseline.value)
    began = max(key_result.cycle.day_of(baseline.at), 0) if baseline.at else 0
    expected = linear(closed - began, max(key_result.days - began, 1))
    numbers = Numbers(closed=closed, baseline=baseline.value, target=target, expected=expected)
    progress = progress_of(level.value, baseline.value, target) if level else None
    if level is None or progress is None:
        return numbers
    outlook = Outlook(
        days=[(day.day, day.value) for day in days if day.value is not None and day.day < closed],
        today=closed,
        last=key_result.days - 1,
        window=key_result.level_days,
        baseline=baseline.value,
        target=target,
        commitment=key_result.commitment,
        rising=target >= baseline.value,
    )
    numbers = replace(
        numbers,
        level=level.value,
        level_days=level.days,
        progress=progress,
        weeks_ahead=(progress - expected) * (key_result.days - began) / 7,
        forecast=_possible(forecast(outlook), outlook.days),
    )
    return _with_way(key_result, numbers, days, rising=outlook.rising)


def _total(key_result: KeyResult, days: Sequence[Day], closed: int, current: float | None) -> Numbers:
    shape = key_result.shape
    if not isinstance(shape, Total):
        return Numbers(closed=closed)
    counted = [(day.day, day.value) for day in days if day.value is not None and 0 <= day.day < closed]
    count = current if current is not None else (counted[-1][1] if counted else None)
    expected = linear(closed, key_result.days)
    rising = shape.at_least is not None
    numbers = Numbers(closed=closed, baseline=0.0, target=shape.limit, expected=expected)
    if count is None:
        return numbers
    outlook = Outlook(
        days=[(-1, 0.0), *counted],
        today=closed,
        last=key_result.days - 1,
        window=1,
        baseline=0.0,
        target=shape.limit,
        commitment=key_result.commitment,
        count=True,
        rising=rising,
        whole=all(value.is_integer() for _, value in counted) and float(shape.limit).is_integer(),
    )
    ahead = forecast(outlook) if len(counted) >= FEWEST_DAYS else None
    ahead = _never_less(ahead, count) if ahead is not None else None  # a count never falls
    numbers = replace(numbers, level=count, level_days=len(counted), forecast=ahead)
    if rising:
        progress = progress_of(count, 0.0, shape.limit)
        weeks = (progress - expected) * key_result.days / 7 if progress is not None else None
        numbers = replace(
            _decided(numbers, over=count >= shape.limit, p=1.0), progress=progress, weeks_ahead=weeks
        )
        return _with_way(key_result, numbers, days, rising=True)
    spent = spent_of(count, shape.limit)
    numbers = replace(numbers, spent=spent.share, exceeded=spent.exceeded)
    return _decided(numbers, over=spent.exceeded, p=0.0)


def _possible(ahead: Forecast | None, days: Sequence[tuple[int, float]]) -> Forecast | None:
    """What was never seen below zero is not said to land there: the walk knows no floor, latencies and shares do."""
    floored = ahead is not None and all(value >= 0 for _, value in days)
    return _never_less(ahead, 0.0) if ahead is not None and floored else ahead


def _never_less(ahead: Forecast, bound: float) -> Forecast:
    """Lift the landing and its ranges to a bound that the walk behind them does not know; P stays what it is."""
    (low, high), (lowest, highest) = ahead.likely, ahead.wide
    return replace(
        ahead,
        landing=max(ahead.landing, bound),
        likely=(max(low, bound), max(high, bound)),
        wide=(max(lowest, bound), max(highest, bound)),
    )


def _decided(numbers: Numbers, *, over: bool, p: float) -> Numbers:
    """A count that has reached its limit does not come back: the probability is certain."""
    if not over or numbers.forecast is None:
        return numbers
    return replace(numbers, forecast=replace(numbers.forecast, p_hit=p, p_full=p))


def _with_way(key_result: KeyResult, numbers: Numbers, days: Sequence[Day], *, rising: bool) -> Numbers:
    """Add what the rest of the way asks for: pace needed a week, and the last day from which it can be reached."""
    level, target = numbers.level, numbers.target
    left = key_result.days - numbers.closed
    if level is None or target is None or left <= 0 or (level >= target if rising else level <= target):
        return numbers
    numbers = replace(numbers, needed_per_week=(target - level) / left * 7)
    best = best_pace(days, numbers.closed, rising=rising)
    if best is None:
        return numbers
    found = last_reachable(key_result.cycle.grid, level, target, best, key_result.days)
    if found is None:
        return numbers
    index, name = found
    return replace(numbers, last_reachable=name if index >= numbers.closed else f"{name}, which is past")
