"""Steps the drift machine by the days that closed, in order, each on what was known of the days up to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.baseline import Baseline
from collector.domain.closes import stale_at
from collector.domain.coverage import coverage_of
from collector.domain.figures import Numbers
from collector.domain.forecasting.forecast import Forecast
from collector.domain.health import Patience
from collector.domain.history import History
from collector.domain.landing import foretold
from collector.domain.measure import Binding
from collector.domain.numbers import numbers_of
from collector.domain.okr import KeyResult
from collector.domain.shape import Reach
from collector.domain.status import FULL_COVERAGE, DayVerdict, Drift, first_judged_day, step_day

Foretold = Mapping[int, Forecast | None]
"""What is foreseen, by how many days were closed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A closed day that is still to be judged."""

    day: int
    ends: datetime
    numbers: Numbers | None
    """Without what is foreseen of them; nothing where its data was stale or broken at its close, or nothing can be judged:
    such a day is passed over, and neither counts nor breaks a row."""


def remembered(history: History) -> Drift:
    """Give what the machine knows; after a restatement, a release or another promise it begins anew."""
    return history.previous.drift if history.previous and not history.restep else Drift()


def steps_due(
    key_result: KeyResult, binding: Binding, history: History, closed: int, patience: Patience
) -> Iterator[Step]:
    """Give every day that closed since the last that was judged, with its numbers."""
    for day in range(remembered(history).day + 1, closed):
        end = key_result.cycle.grid.starts(day + 1)
        close = binding.matured(key_result.cycle, end)
        if stale_at(history.days, day, close, patience) or _broke_off(key_result, binding, history, close):
            yield Step(day, end, None)
            continue
        numbers = numbers_of(
            key_result, binding, history.days, history.baseline, day + 1, None, history.first_slot
        )
        yield Step(day, end, numbers if numbers.judgeable else None)


def stepped(
    key_result: KeyResult, binding: Binding, history: History, steps: Sequence[Step], ahead: Foretold
) -> Drift:
    """Step the machine by these days, given what is foreseen on each."""
    drift = remembered(history)
    for step in steps:
        if step.numbers is None:
            drift = replace(drift, day=step.day)
            continue
        numbers = foretold(key_result, step.numbers, ahead.get(step.numbers.closed))
        coverage = coverage_of(key_result, binding, history, step.day + 1)
        verdict = DayVerdict(
            day=step.day,
            at=step.ends,
            p_hit=numbers.p_hit,
            ahead=numbers.ahead,
            judged=_judged(key_result, step.day, history.baseline),
            covered=coverage is None or coverage >= FULL_COVERAGE,
            sync_passed=_sync_passed(key_result, drift, step.ends),
        )
        drift = step_day(drift, verdict, key_result.drift)
    return drift


def _broke_off(key_result: KeyResult, binding: Binding, history: History, close: datetime) -> bool:
    """Tell whether the series is broken since before `close`: its last slot until then gave no reading."""
    pulse = history.pulse
    if pulse.failing is None or not pulse.failing.breaks or pulse.as_of is None:
        return False
    return binding.asked and binding.cadence(key_result.cycle).latest(close) > pulse.as_of


def _judged(key_result: KeyResult, day: int, baseline: Baseline | None) -> bool:
    """Totals and budgets are judged from the first close; a reach from its first day of judgement on."""
    if not isinstance(key_result.shape, Reach):
        return True
    began = key_result.cycle.day_of(baseline.at) if baseline and baseline.at else 0
    return day + 1 - began >= first_judged_day(key_result.days - began)


def _sync_passed(key_result: KeyResult, drift: Drift, at: datetime) -> bool:
    if drift.raised is None:
        return True
    sync = key_result.calendar.next_sync(drift.raised)
    return sync is not None and sync <= at
