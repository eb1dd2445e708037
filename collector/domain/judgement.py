"""`evaluate(key_result, history, at)`: the one composition of everything that makes a verdict."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.domain.baseline import Baseline
from collector.domain.closing import closed_status
from collector.domain.cycle import CycleState
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import explain
from collector.domain.health import GRACE, Health, Patience, Pulse, judge_health
from collector.domain.measure import Binding
from collector.domain.numbers import Numbers, numbers_again, numbers_of
from collector.domain.observed import Held
from collector.domain.okr import KeyResult
from collector.domain.promise import Promise
from collector.domain.shape import Reach
from collector.domain.status import (
    FULL_COVERAGE,
    DayVerdict,
    Drift,
    Status,
    first_judged_day,
    step_day,
)


@dataclass(frozen=True, slots=True)
class Guard:
    """What is known of the series of a guardrail."""

    role: str
    pulse: Pulse
    current: float | None
    """Its last good reading."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What one slot of an slo or a keep used of its budget."""

    slot: datetime
    used: float
    """Bad events, or 1 for a reading out of the band."""
    total: float
    """All events, or 1."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything known about a key result's series."""

    days: Sequence[Day]
    """Ascending; those before the cycle, and the open one, too."""
    baseline: Baseline | None
    pulse: Pulse
    current: float | None
    """The last good reading."""
    covered: datetime | None
    """The last slot that has an outcome."""
    pending: datetime | None
    """Slots later than this are still to be asked for in the past; nothing when there are none."""
    first_slot: datetime | None
    """Slot of the first reading ever."""
    previous: Evaluation | None
    trouble: str = ""
    series: int = 0
    """Which series it is; another measure is another one."""
    changed: bool = True
    """Whether closed days or the baseline may have changed since `previous`."""
    guardrails: tuple[Guard, ...] = ()
    recent: Sequence[Slot] = ()
    """The newest slots of an slo or a keep, ascending, as far back as burn rates look."""
    held: Held | None = None
    settled: datetime | None = None
    """Slots up to this one are final (`settle`)."""
    segment: int = 1
    first_promise: Promise | None = None
    """The promise as first made in this cycle, when it was another one."""
    restep: bool = False
    """Whether the days that were judged are to be judged anew."""


def patience_of(key_result: KeyResult, binding: Binding, at: datetime) -> Patience:
    """Tell how long this key result's data may age."""
    cycle = key_result.cycle
    return Patience.of(binding.cadence(cycle).nominal(at), cycle.wait(GRACE))


def evaluate(key_result: KeyResult, history: History, at: datetime) -> Evaluation:
    """Judge `key_result` at `at`.

    Every closed day not yet stepped is stepped in order, each on what was known of the days up to it, so that a quarter
    replays to the same verdict. Days whose data was stale at their close are passed over: they neither count nor break
    a row. Raises `ValueError` for a key result that is not measured (`not_run`).
    """
    binding = key_result.binding
    if binding is None:
        raise ValueError(f"{key_result.address} is not measured: {key_result.not_run}")
    patience = patience_of(key_result, binding, at)
    health = judge_health(history.pulse, patience, at)
    closed = min(closed_days(key_result, binding, history, at, patience), _first_open(history.days))
    drift, stepped = _stepped(key_result, binding, history, closed, patience)
    held = _held(key_result, history, closed)
    numbers = numbers_again(held) if held else _numbers(key_result, binding, history, closed, stepped)
    status, reasons = _status(key_result, drift, numbers, history, health, patience, at)
    evaluation = _assembled(
        key_result,
        history,
        numbers,
        at,
        held=held,
        status=status,
        reasons=reasons,
        health=health,
        drift=drift,
    )
    if evaluation.sentence:
        return evaluation
    return replace(evaluation, sentence=explain(key_result, evaluation))


def closed_days(
    key_result: KeyResult, binding: Binding, history: History, at: datetime, patience: Patience
) -> int:
    """Count the days of the cycle that are closed: over, with an outcome for every slot, and nothing left to heal.

    A day whose slots never got an outcome closes once its data would be stale; so nothing waits for ever.
    """
    cycle = key_result.cycle
    maturing = cycle.nominal(binding.matures)
    newest = cycle.day_of(at - maturing)
    cadence = binding.cadence(cycle)
    for day in range(min(newest, key_result.days) - 1, -1, -1):
        end = cycle.grid.starts(day + 1) + maturing
        if history.pending is not None and history.pending < end:
            continue
        complete = history.covered is not None and cadence.latest(end) <= history.covered
        if complete or at >= end + cycle.nominal(binding.lag) + patience.stale:
            return day + 1
    return 0


def _first_open(days: Sequence[Day]) -> int:
    """Number the first day of the cycle that holds readings but has no value yet: nothing is judged past it."""
    first = len(days)
    while first > 0 and days[first - 1].value is None:
        first -= 1
    return max(days[first].day, 0) if first < len(days) else sys.maxsize


def _held(key_result: KeyResult, history: History, closed: int) -> Evaluation | None:
    """Give the last verdict when its arithmetic still holds: between closes a new sample moves nothing that a reach is
    judged by.
    """
    previous = history.previous
    if previous is None or history.changed or previous.day != closed:
        return None
    return previous if isinstance(key_result.shape, Reach) else None


def _numbers(
    key_result: KeyResult, binding: Binding, history: History, closed: int, stepped: Numbers | None
) -> Numbers:
    """Compute the numbers, unless the drift was just `stepped` on the same ones: only a total knows the open day."""
    if stepped is not None and stepped.closed == closed and isinstance(key_result.shape, Reach):
        return stepped
    # At the close a total is what it was at the close: a later reading may count what came after it.
    current = history.current if closed < key_result.days else None
    return numbers_of(key_result, binding, history.days, history.baseline, closed, current)


def _stepped(
    key_result: KeyResult, binding: Binding, history: History, closed: int, patience: Patience
) -> tuple[Drift, Numbers | None]:
    """Step the drift machine by every closed day since the last; give it with the numbers of the last day stepped."""
    drift = history.previous.drift if history.previous else Drift()
    numbers: Numbers | None = None
    maturing = key_result.cycle.nominal(binding.matures)
    for day in range(drift.day + 1, closed):
        end = key_result.cycle.grid.starts(day + 1)
        if _stale_at(history.days, day, end + maturing, patience):
            drift = replace(drift, day=day)
            continue
        numbers = numbers_of(key_result, binding, history.days, history.baseline, day + 1, None)
        if numbers.progress is None and numbers.spent is None:
            drift = replace(drift, day=day)
            continue
        verdict = DayVerdict(
            day=day,
            at=end,
            p_hit=numbers.p_hit,
            ahead=numbers.ahead,
            judged=_judged(key_result, day, history.baseline),
            covered=_coverage(key_result, binding, history, day + 1) >= FULL_COVERAGE,
            sync_passed=_sync_passed(key_result, drift, end),
        )
        drift = step_day(drift, verdict, key_result.commitment)
    return drift, numbers


def _stale_at(days: Sequence[Day], day: int, close: datetime, patience: Patience) -> bool:
    latest = max((known.last_slot for known in days if known.day <= day), default=None)
    return latest is None or close - latest > patience.stale


def _stale_at_close(key_result: KeyResult, history: History, patience: Patience) -> bool:
    cycle, binding = key_result.cycle, key_result.binding
    maturing = cycle.nominal(binding.matures) if binding else timedelta(0)
    return _stale_at(history.days, key_result.days - 1, key_result.ends + maturing, patience)


def _judged(key_result: KeyResult, day: int, baseline: Baseline | None) -> bool:
    """Totals are judged from the first close; a reach from its first day of judgement on."""
    if not isinstance(key_result.shape, Reach):
        return True
    began = key_result.cycle.day_of(baseline.at) if baseline and baseline.at else 0
    return day + 1 - began >= first_judged_day(key_result.days - began)


def _sync_passed(key_result: KeyResult, drift: Drift, at: datetime) -> bool:
    if drift.raised is None:
        return True
    sync = key_result.calendar.next_sync(drift.raised)
    return sync is not None and sync <= at


def _coverage(key_result: KeyResult, binding: Binding, history: History, closed: int) -> float:
    """Slots with a used reading over slots due in the days the level is taken over (DESIGN §5). Slots before the first
    reading ever were not due. Not asked of totals.
    """
    if not isinstance(key_result.shape, Reach) or history.first_slot is None:
        return 1.0 if history.first_slot is not None else 0.0
    cycle = key_result.cycle
    maturing = cycle.nominal(binding.matures)
    first = closed - key_result.level_days
    opened = cycle.grid.starts(first) + maturing
    opened = max(opened, history.first_slot - timedelta(microseconds=1))
    due = binding.cadence(cycle).count(opened, cycle.grid.starts(closed) + maturing)
    read = sum(day.n for day in history.days if first <= day.day < closed)
    return min(read / due, 1.0) if due else 1.0


def _status(
    key_result: KeyResult,
    drift: Drift,
    numbers: Numbers,
    history: History,
    health: Health,
    patience: Patience,
    at: datetime,
) -> tuple[Status, tuple[str, ...]]:
    if key_result.retired is not None:
        return Status.RETIRED, (f"retired on {key_result.retired.on}: {key_result.retired.why}",)
    match key_result.state(at):
        case CycleState.DRAFT:
            return Status.DRAFT, ()
        case CycleState.CLOSED if numbers.closed >= key_result.days:
            return closed_status(key_result, numbers, stale=_stale_at_close(key_result, history, patience))
        case CycleState.ACTIVE | CycleState.CLOSING | CycleState.CLOSED:
            pass  # a verdict that is given once is not given before the last day is closed
    reasons: list[str] = []
    if health is Health.NEVER:
        return Status.NOT_STARTED, ("nothing was read yet",)
    if history.baseline is None and isinstance(key_result.shape, Reach):
        reasons.append("no baseline yet")
    if drift.status is Status.OFF_TRACK and drift.high:
        reasons.append(f"recovering {min(drift.high, 7)}/7")
    return drift.status, tuple(reasons)


def _assembled(
    key_result: KeyResult,
    history: History,
    numbers: Numbers,
    at: datetime,
    *,
    held: Evaluation | None,
    status: Status,
    reasons: tuple[str, ...],
    health: Health,
    drift: Drift,
) -> Evaluation:
    """Put the verdict together. Its sentence is left out where it has to be said anew."""
    binding = key_result.binding
    previous = history.previous
    coverage, sentence = None, ""
    if held is not None:
        coverage = held.coverage
        same = held.status is status and not held.health.freezes and not health.freezes
        sentence = held.sentence if same else ""
    elif binding and numbers.closed:
        coverage = _coverage(key_result, binding, history, numbers.closed)
    frozen = None
    if health.freezes and status not in (Status.DRAFT, Status.RETIRED, Status.ACHIEVED, Status.MISSED):
        frozen = (previous.frozen_since if previous else None) or history.pulse.as_of or at
    return Evaluation(
        at=at,
        status=status,
        health=health,
        drift=drift,
        day=numbers.closed,
        days=key_result.days,
        baseline=numbers.baseline,
        baseline_kind=history.baseline.kind.value if history.baseline else "",
        provisional=history.baseline.provisional if history.baseline else False,
        target=numbers.target,
        current=history.current,
        level=numbers.level,
        level_days=numbers.level_days,
        progress=numbers.progress,
        expected=numbers.expected,
        weeks_ahead=numbers.weeks_ahead,
        spent=numbers.spent,
        exceeded=numbers.exceeded,
        forecast=numbers.forecast,
        needed_per_week=numbers.needed_per_week,
        last_reachable=numbers.last_reachable,
        coverage=coverage,
        frozen_since=frozen,
        attempted=history.pulse.attempted,
        succeeded=history.pulse.succeeded,
        as_of=history.pulse.as_of,
        trouble=history.trouble,
        series=history.series,
        reasons=reasons,
        sentence=sentence,
    )
