"""Steps the drift machine by the days that closed, in order, each on what was known of the days up to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from collector.domain.baseline import Baseline
from collector.domain.closes import stale_at
from collector.domain.coverage import coverage_of
from collector.domain.figures import Numbers
from collector.domain.health import Patience
from collector.domain.history import History
from collector.domain.measure import Binding
from collector.domain.numbers import numbers_of
from collector.domain.okr import KeyResult
from collector.domain.shape import Reach
from collector.domain.status import FULL_COVERAGE, DayVerdict, Drift, first_judged_day, step_day


def stepped(
    key_result: KeyResult, binding: Binding, history: History, closed: int, patience: Patience
) -> tuple[Drift, Numbers | None]:
    """Step the machine by every closed day since the last, or, after a restatement, a release or another promise, by
    all of them anew; give it with the numbers of the last day stepped.

    Days whose data was stale or broken at their close are passed over: they neither count nor break a row.
    """
    known = history.previous.drift if history.previous and not history.restep else Drift()
    drift, numbers = known, None
    for day in range(known.day + 1, closed):
        end = key_result.cycle.grid.starts(day + 1)
        close = binding.matured(key_result.cycle, end)
        if stale_at(history.days, day, close, patience) or _broke_off(key_result, binding, history, close):
            drift = replace(drift, day=day)
            continue
        numbers = numbers_of(
            key_result, binding, history.days, history.baseline, day + 1, None, history.first_slot
        )
        if not numbers.judgeable:
            drift = replace(drift, day=day)
            continue
        coverage = coverage_of(key_result, binding, history, day + 1)
        verdict = DayVerdict(
            day=day,
            at=end,
            p_hit=numbers.p_hit,
            ahead=numbers.ahead,
            judged=_judged(key_result, day, history.baseline),
            covered=coverage is None or coverage >= FULL_COVERAGE,
            sync_passed=_sync_passed(key_result, drift, end),
        )
        drift = step_day(drift, verdict, key_result.commitment)
    return drift, numbers


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
