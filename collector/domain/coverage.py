"""How much of what was due was really read: what is hardly measured is not called on track."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from collector.domain.cadence import Cadence
from collector.domain.history import History
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.shape import Keep, Reach, Slo
from collector.domain.status import FULL_COVERAGE

TICK = timedelta(microseconds=1)
HALF = 0.5


def coverage_of(key_result: KeyResult, binding: Binding, history: History, closed: int) -> float | None:
    """Give slots with a used reading over slots due after `closed` days: in the days the level of a reach is taken over,
    in the cycle so far for a keep and an slo (DESIGN §5). Slots before the first reading ever were not due. Nothing where
    it is not asked: of totals, and of what a person enters.
    """
    if binding.by_hand:
        return None
    match key_result.shape:
        case Reach():
            first = closed - key_result.level_days
        case Keep() | Slo():
            first = 0
        case _:
            return None
    if history.first_slot is None:
        return 0.0
    due = slots_due(key_result, binding, first, closed, history.first_slot)
    read = sum(day.n for day in history.days if first <= day.day < closed)
    return min(read / due, 1.0) if due else 1.0


def hardly_read(key_result: KeyResult, binding: Binding, history: History, coverage: float | None) -> bool:
    """Tell whether too little was read by the close to call a promise kept: of a budget less than 90 % of the slots since
    its first reading, or less than half of those of the cycle; of a reach less than half of those its level is taken over.
    """
    if coverage is None:
        return False
    if isinstance(key_result.shape, Reach):
        return coverage < HALF
    return coverage < FULL_COVERAGE or _of_the_cycle(key_result, binding, history) < HALF


def _of_the_cycle(key_result: KeyResult, binding: Binding, history: History) -> float:
    due = slots_due(key_result, binding, 0, key_result.days, None)
    read = sum(day.n for day in history.days if 0 <= day.day < key_result.days)
    return min(read / due, 1.0) if due else 1.0


def slots_due(
    key_result: KeyResult, binding: Binding, first: int, end: int, first_slot: datetime | None
) -> int:
    """Count the slots whose readings belong to the days from `first` up to, without, `end`; those before the first
    reading ever were not due.
    """
    cycle = key_result.cycle
    after = binding.matured(cycle, cycle.grid.starts(first))
    if first_slot is not None:
        after = max(after, first_slot - TICK)
    return _count(binding.cadence(cycle), after, binding.matured(cycle, cycle.grid.starts(end)))


@lru_cache(maxsize=4096)
def _count(cadence: Cadence, after: datetime, until: datetime) -> int:
    """Slots that are not a plain grid are walked through; the same stretch is asked for with every reading."""
    return cadence.count(after, until)
