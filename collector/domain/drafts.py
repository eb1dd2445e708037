"""What a promise is worth before it is made: the probability it would have if its cycle began today, from the healed past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from collector.domain.baseline import take_baseline
from collector.domain.budget import allowed_of
from collector.domain.coverage import slots_due
from collector.domain.days import Day
from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.outlook import Outlook
from collector.domain.history import History
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.outlooks import keep_outlook, slo_outlook
from collector.domain.reach import reach_numbers
from collector.domain.shape import Keep, Reach, Slo

TOO_EASY = 0.90
"""A draft more probable than this asks for nothing."""
FICTION = 0.05
"""A draft less probable than this asks for what nothing in its past speaks for."""


def draft_outlook(key_result: KeyResult, binding: Binding, history: History, at: datetime) -> Outlook | None:
    """See a draft as if its cycle began today, with a baseline of today where the promise measures it, by its past alone:
    what a plan is believed to bring grows with its target, and would call no target too far. Nothing for a total, which has
    no past.
    """
    days = _as_if_begun(history.days, key_result.cycle.day_of(at))
    match key_result.shape:
        case Reach(start=start):
            baseline = take_baseline(start, days, None, past_known=True, settled=False) or history.baseline
            seen = reach_numbers(key_result, binding, days, baseline, 0).outlook
            return replace(seen, planned=False, belief=0.0) if seen is not None else None
        case Slo() as shape:
            return slo_outlook(key_result, shape, days, 0)
        case Keep() as shape:
            due = slots_due(key_result, binding, 0, key_result.days, None)
            return keep_outlook(key_result, shape, binding, days, allowed_of(shape.share, due), 0)
        case _:
            return None


def _as_if_begun(days: Sequence[Day], today: int) -> list[Day]:
    """Number the closed days so that today is the first of the cycle."""
    return [replace(day, day=day.day - today) for day in days if day.day < min(today, 0)]


def worth_of(ahead: Forecast | None) -> tuple[str, ...]:
    """Say of a draft that it is too easy, or fiction; nothing of one that is a promise."""
    if ahead is None:
        return ()
    chance = f"P(hit) {ahead.p_hit:.2f} by its past alone, if it began today"
    if ahead.p_hit > TOO_EASY:
        return (f"too easy: {chance}, above {TOO_EASY:.2f}",)
    if ahead.p_hit < FICTION:
        return (f"fiction: {chance}, below {FICTION:.2f}",)
    return ()
