"""When a day is closed, and whether its data was fit to be judged then."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from collector.domain.cadence import offset
from collector.domain.days import Day
from collector.domain.health import GRACE, Patience
from collector.domain.history import History
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult

ANSWER = timedelta(seconds=30)
"""How long an answer may take, real time."""


def patience_of(key_result: KeyResult, binding: Binding, at: datetime) -> Patience:
    """Tell how long the data of this binding, of a key result or one of its guardrails, may age.

    What DESIGN §5 says of intervals counts from when a slot can be there at the earliest: after its `lag`, the offset
    of its source, and the time of an answer.
    """
    cycle = key_result.cycle
    every = binding.cadence(cycle).nominal(at)
    patience = Patience.of(every, cycle.wait(GRACE))
    delays = [
        cycle.nominal(one.lag) + offset(one.source, one.every, every) + cycle.wait(ANSWER)
        for one in (binding, *binding.operands.values())
        if one.asked
    ]
    delay = max(delays, default=timedelta(0))
    return Patience(patience.late + delay, patience.stale + delay)


def closed_days(
    key_result: KeyResult, binding: Binding, history: History, at: datetime, patience: Patience
) -> int:
    """Count the days of the cycle that are closed: over, with an outcome for every slot, and nothing left to heal.

    A day whose slots never got an outcome closes once its data would be stale; so nothing waits for ever. What a person
    enters has no slots to wait for: its days close at their end.
    """
    cycle = key_result.cycle
    newest = min(cycle.day_of(binding.until(cycle, at)), key_result.days)
    if binding.by_hand:
        return max(newest, 0)
    cadence = binding.cadence(cycle)
    for day in range(newest - 1, -1, -1):
        end = binding.matured(cycle, cycle.grid.starts(day + 1))
        if history.pending is not None and history.pending < end:
            continue
        complete = history.covered is not None and cadence.latest(end) <= history.covered
        if complete or at >= end + cycle.nominal(binding.lag) + patience.stale:
            return day + 1
    return 0


def first_open(days: Sequence[Day]) -> int:
    """Number the first day of the cycle that holds readings but has no value yet: nothing is judged past it."""
    first = len(days)
    while first > 0 and days[first - 1].value is None:
        first -= 1
    return max(days[first].day, 0) if first < len(days) else sys.maxsize


def stale_at(days: Sequence[Day], day: int, close: datetime, patience: Patience) -> bool:
    """Tell whether the newest reading up to `day` was too old when that day closed."""
    latest = max((known.last_slot for known in days if known.day <= day), default=None)
    return latest is None or close - latest > patience.stale


def stale_at_close(key_result: KeyResult, binding: Binding, history: History, patience: Patience) -> bool:
    """Tell whether the data was too old when the last day closed."""
    close = binding.matured(key_result.cycle, key_result.ends)
    return stale_at(history.days, key_result.days - 1, close, patience)


def final(
    key_result: KeyResult, binding: Binding, history: History, at: datetime, patience: Patience
) -> bool:
    """Tell whether the numbers of the last day no longer move: where late rows are read again (`settle`), the last slot
    has been, or has had as long as data may age.
    """
    if not binding.settle or not binding.answers_the_past:
        return True
    late = key_result.ends + key_result.settling + patience.stale
    return at >= late or _settled(key_result, binding, history.settled)


def _settled(key_result: KeyResult, binding: Binding, settled: datetime | None) -> bool:
    cycle = key_result.cycle
    last = binding.cadence(cycle).latest(binding.matured(cycle, key_result.ends))
    return settled is not None and settled >= last
