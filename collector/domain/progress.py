"""How far along, how far ahead, what is needed, and until when it can still be reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from collector.domain.cycle import CalendarDays, ShortDays
from collector.domain.days import Day

PAST = ", which is past"
"""Said after the name of a last reachable day that is over."""
PACE_DAYS = 7
"""The best pace ever seen is taken over this many days."""


def progress_of(level: float, baseline: float, target: float) -> float | None:
    """Give the raw share of the way p = (level - b)/(t - b); nothing when there is no way to go (DESIGN §5)."""
    if target == baseline:
        return None
    return (level - baseline) / (target - baseline) + 0.0  # a standstill on a way down is 0, not -0


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of an at-most total is used. `share` is nothing when something is used of nothing allowed."""

    share: float | None
    exceeded: bool


def spent_of(count: float, allowed: float) -> Spent:
    """Nothing used of nothing allowed is 0; something used of nothing allowed is exceeded, without a number."""
    if allowed == 0:
        return Spent(share=0.0, exceeded=False) if count <= 0 else Spent(share=None, exceeded=True)
    return Spent(share=count / allowed, exceeded=count > allowed)


def best_pace(days: Sequence[Day], today: int, *, rising: bool) -> float | None:
    """Give the greatest change a day towards the target over `PACE_DAYS` days; nothing when too few days are known or
    it never moved that way.
    """
    known = [(day.day, day.value) for day in days if day.value is not None and day.day < today]
    best = 0.0
    start = 0
    for here, value in known:
        while start + 1 < len(known) and known[start + 1][0] <= here - PACE_DAYS:
            start += 1
        then, before = known[start]
        if here - then >= PACE_DAYS:
            change = (value - before) / (here - then)
            best = max(best, change if rising else -change)
    return best or None


def last_reachable(
    grid: CalendarDays | ShortDays, level: float, target: float, best: float, days: int
) -> tuple[int, str] | None:
    """Give (index, name) of the last day from which `target` is still reached by the close at the pace `best`; nothing
    when the whole cycle would not have been enough.
    """
    needed = abs(target - level) / best
    if needed > days:
        return None
    index = days - math.ceil(needed)
    return index, grid.name(index)
