"""The numbers of a reach: level, progress, pace, forecast and what is needed, as of the close of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.domain.baseline import Baseline
from collector.domain.course import Course, Way, course_of
from collector.domain.days import Day
from collector.domain.figures import Numbers
from collector.domain.level import Level, level_window, pooled
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.outlooks import Known, launches_of, reach_outlook
from collector.domain.progress import PAST, best_pace, last_reachable, progress_of
from collector.domain.sampling import sampling_of
from collector.domain.shape import Reach


def reach_numbers(
    key_result: KeyResult, binding: Binding, days: Sequence[Day], baseline: Baseline | None, closed: int
) -> Numbers:
    """Compute the numbers of a reach after `closed` days, with what its forecast may know."""
    numbers = reach_progress(key_result, binding, days, baseline, closed)
    if baseline is None or numbers.progress is None or numbers.target is None:
        return numbers
    rising = numbers.target >= baseline.value
    if closed < key_result.days:
        course = _course(key_result, baseline, numbers.target)
        outlook = reach_outlook(key_result, binding, days, baseline, numbers.target, course, Known(closed))
        numbers = replace(numbers, outlook=outlook)
    return with_way(key_result, numbers, days, rising=rising)


def reach_progress(
    key_result: KeyResult, binding: Binding, days: Sequence[Day], baseline: Baseline | None, closed: int
) -> Numbers:
    """Compute how far a reach is after `closed` days, and how far it should be; nothing of what is to come."""
    window = level_window(days, closed, key_result.level_days)
    level = pooled(binding, window)
    if baseline is None or not isinstance(key_result.shape, Reach):
        return _leveled(Numbers(closed=closed), level)
    target = key_result.shape.target(baseline.value)
    course = _course(key_result, baseline, target)
    expected = course.expected(closed)
    numbers = Numbers(closed=closed, baseline=baseline.value, target=target, expected=expected)
    progress = progress_of(level.value, baseline.value, target) if level else None
    if level is None or progress is None:
        return numbers
    line = baseline.value + expected * (target - baseline.value)
    return replace(
        _leveled(numbers, level),
        progress=progress,
        weeks_ahead=course.weeks_ahead(closed, progress),
        sampling=sampling_of(binding, window, line),
    )


def _leveled(numbers: Numbers, level: Level | None) -> Numbers:
    return replace(numbers, level=level.value, level_days=level.days) if level else numbers


def _course(key_result: KeyResult, baseline: Baseline, target: float) -> Course:
    """A baseline that begins late starts the pace at its own time."""
    began = max(key_result.cycle.day_of(baseline.at), 0) if baseline.at else 0
    way = Way(key_result.calendar, began, key_result.days, baseline.value, target)
    return course_of(key_result.pace, way)


def with_way(key_result: KeyResult, numbers: Numbers, days: Sequence[Day], *, rising: bool) -> Numbers:
    """Add what the rest of the way asks for: pace needed a week, and the last day from which it can be reached."""
    level, target = numbers.level, numbers.target
    left = key_result.days - numbers.closed
    if level is None or target is None or left <= 0 or (level >= target if rising else level <= target):
        return numbers
    numbers = replace(numbers, needed_per_week=(target - level) / left * 7)
    best = best_pace(days, numbers.closed, rising=rising)
    if best is None or any(launch.day >= numbers.closed for launch in launches_of(key_result)):
        return numbers  # a launch to come may bring a pace that was never seen
    found = last_reachable(key_result.cycle.grid, level, target, best, key_result.days)
    if found is None:
        return numbers
    index, name = found
    return replace(numbers, last_reachable=name if index >= numbers.closed else name + PAST)
