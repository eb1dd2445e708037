"""What a key result scores, 0.00-1.00: calibration of promises, not appraisal of people (DESIGN §5, "Score")."""

from __future__ import annotations

from typing import assert_never

from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.figures import Numbers
from collector.domain.history import History
from collector.domain.measure import Binding, Events
from collector.domain.numbers import numbers_of
from collector.domain.okr import KeyResult
from collector.domain.promise import Promise
from collector.domain.reach import reach_progress
from collector.domain.shape import Commitment, Keep, Reach, Shape, Slo, Total, Typed


def score_of(shape: Shape, numbers: Numbers, start: float | None) -> float | None:
    """Give the score if the cycle closed with these numbers; nothing when there are none. `start` is the count an at-most
    total began from, which enters its score and nothing else.
    """
    match shape:
        case Total(at_most=float() | int() as allowed):
            return _of_count(numbers.level, allowed, start) if numbers.level is not None else None
        case Reach() | Total():
            return min(max(0.0, numbers.progress), 1.0) if numbers.progress is not None else None
        case Keep() | Slo():
            return _of_budget(numbers)
        case _:
            assert_never(shape)


def cap_of(commitment: Commitment) -> float:
    """Give the most that can be scored with a broken guardrail, or with data that was stale at the close: the best that
    is no success.
    """
    return 0.99 if commitment is Commitment.COMMITTED else 0.69


def start_of(shape: Shape, baseline: Baseline | None) -> float | None:
    """Give what a total began from, where its author says so."""
    if not isinstance(shape, Total) or shape.start is None:
        return None
    if isinstance(shape.start, Typed):
        return shape.start.value
    return baseline.value if baseline else None


def score_by(
    promise: Promise, key_result: KeyResult, binding: Binding, history: History, closed: int
) -> float | None:
    """Give the score by another promise than the present one, at its own deadline when that is past; nothing when the
    days kept do not tell it: a keep with another band, events without an slo.
    """
    once = key_result.promising(promise)
    if not _told(once.shape, key_result.shape, binding):
        return None
    closed = min(closed, once.days)
    baseline = _baseline_by(once, history.baseline)
    if isinstance(once.shape, Reach):
        numbers = reach_progress(once, binding, history.days, baseline, closed)
    else:
        current = history.current if closed < once.days else None
        numbers = numbers_of(once, binding, history.days, baseline, closed, current, history.first_slot)
    return score_of(once.shape, numbers, start_of(once.shape, baseline))


def _of_count(count: float, allowed: float, start: float | None) -> float:
    if count <= allowed:
        return 1.0
    if start is not None and start > allowed:
        return max(0.0, (start - count) / (start - allowed))
    return max(0.0, 1 - (count - allowed) / max(allowed, 1.0))


def _of_budget(numbers: Numbers) -> float | None:
    if numbers.spent is None:
        return 0.0 if numbers.exceeded else None
    return 1.0 if numbers.spent <= 1 else 1 / numbers.spent


def _told(once: Shape, now: Shape, binding: Binding) -> bool:
    if isinstance(once, Keep):
        return isinstance(now, Keep) and (once.at_most, once.at_least) == (now.at_most, now.at_least)
    return not isinstance(once, Slo) or isinstance(binding.form, Events)


def _baseline_by(once: KeyResult, known: Baseline | None) -> Baseline | None:
    """The author's word stands in the promise itself; what was measured is what was measured."""
    start = getattr(once.shape, "start", None)
    if isinstance(start, Typed):
        return Baseline(BaselineKind.TYPED, start.value)
    return known if known is not None and known.kind is not BaselineKind.TYPED else None
