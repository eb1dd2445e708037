"""The arithmetic of a verdict: each shape by its own rules, as of the close of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from collector.domain.baseline import Baseline
from collector.domain.budgets import Ledge, keep_numbers, slo_numbers
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.figures import Numbers
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.reach import reach_numbers
from collector.domain.shape import Keep, Reach, Slo, Total
from collector.domain.total import total_numbers


def numbers_of(
    key_result: KeyResult,
    binding: Binding,
    days: Sequence[Day],
    baseline: Baseline | None,
    closed: int,
    current: float | None,
    first_slot: datetime | None = None,
    known: Evaluation | None = None,
) -> Numbers:
    """Compute the numbers after `closed` days of the cycle from the days before that.

    `current` is the newest reading. Where it is given, the days that are still open enter what is counted and used; a
    reach never knows them. `first_slot` is that of the first reading ever: slots before it were not due. `known` is what was
    judged of the same closed days, if anything.
    """
    upto = Ledge(closed, open_days=current is not None, first_slot=first_slot, known=known)
    match key_result.shape:
        case Reach():
            return reach_numbers(key_result, binding, days, baseline, closed)
        case Total() as shape:
            previous = baseline.value if baseline is not None else None
            return total_numbers(key_result, shape, days, closed, current, previous, known)
        case Keep() as shape:
            return keep_numbers(key_result, shape, binding, days, upto)
        case Slo() as shape:
            return slo_numbers(key_result, shape, binding, days, upto)
        case _:
            assert_never(key_result.shape)
