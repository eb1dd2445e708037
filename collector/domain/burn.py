"""How fast a budget burns now: pairs of windows over the newest slots, scaled to the length of the cycle."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from collector.domain.budget import Burn, allowed_of
from collector.domain.history import Slot
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.shape import Keep, Slo

PAIRS = ((timedelta(hours=1), 0.02), (timedelta(hours=6), 0.05), (timedelta(days=3), 0.10))
"""Long windows, with the share of the budget that is a lot for one of them (SRE workbook, "Alerting on SLOs")."""
SHORT = 12
"""The short window of a pair is so many times shorter."""
_SLOT, _USED, _TOTAL = attrgetter("slot"), attrgetter("used"), attrgetter("total")


def burns_of(
    key_result: KeyResult,
    binding: Binding,
    recent: Sequence[Slot],
    first_slot: datetime | None,
    at: datetime,
    *,
    fresh: bool,
) -> tuple[Burn, ...]:
    """Give the burn rates of the pairs, the fastest pair first; empty for a shape without slots to count.

    A window ends with the newest slot. It has no rate while the cycle, or the series, is younger than it, or when data is
    not `fresh`: unmeasured time neither burns nor rests.
    """
    match key_result.shape:
        case Keep(share=percent) | Slo(objective=percent):
            allowed = allowed_of(percent, 1.0)
        case _:
            return ()
    every = binding.cadence(key_result.cycle).nominal(at)
    newest = recent[-1].slot if recent and fresh else None
    begun = key_result.cycle.starts + key_result.cycle.nominal(binding.matures)
    if first_slot is not None:
        begun = max(begun, first_slot - every)

    def rate(window: timedelta) -> float | None:
        if newest is None or newest - window < begun:
            return None
        return _rate(recent, newest - window, newest, allowed)

    return tuple(
        Burn(long, short, rate(long), rate(short), threshold)
        for long, short, threshold in windows_of(key_result, every)
    )


def windows_of(key_result: KeyResult, every: timedelta) -> list[tuple[timedelta, timedelta, float]]:
    """Give the (long, short, threshold) of the pairs. A window is at least one interval long; of pairs that are the same
    by that, the one with the larger share of the budget stands.

    The threshold is the rate at which the long window uses its share of the budget: length of the cycle x share / long
    window. In 90 days: 43.2, 18 and 3.
    """
    cycle = key_result.cycle
    length = key_result.ends - cycle.starts
    found: dict[tuple[timedelta, timedelta], float] = {}
    for real, share in PAIRS:
        long = max(cycle.wait(real), every)
        found[long, max(long / SHORT, every)] = length * share / long
    return [(long, short, threshold) for (long, short), threshold in found.items()]


def _rate(recent: Sequence[Slot], after: datetime, until: datetime, allowed: float) -> float | None:
    """Give the bad share of what was counted, over the share that is allowed; nothing without a reading."""
    counted = recent[bisect_right(recent, after, key=_SLOT) : bisect_right(recent, until, key=_SLOT)]
    if not counted:
        return None
    total = sum(map(_TOTAL, counted))
    return sum(map(_USED, counted)) / total / allowed if total else 0.0
