"""One aggregate a day: what everything after collecting is computed from, so that cost does not grow with sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from collector.domain.measure import Binding, Events, Ratio, WholeCycle
from collector.domain.sample import Sample, SampleState
from collector.domain.shape import Keep


@dataclass(frozen=True, slots=True)
class Day:
    """The used readings of one series on one day of the cycle."""

    day: int
    """Index in the cycle, from 0; negative before it."""
    n: int
    """How many readings it holds."""
    value: float | None
    """The day's own value, known once the day is closed: the median of its readings for levels, the pooled quotient for
    ratios, the count at its close for totals."""
    low: float
    high: float
    last: float
    last_slot: datetime
    """Slot of its last reading: tells how old the data was when the day closed."""
    num: float | None = None
    den: float | None = None
    """Sums over the day, for ratios and events."""
    inside: int | None = None
    """How many readings lie in the band of a keep."""


def close_day(binding: Binding, day: int, samples: Sequence[Sample], band: Keep | None = None) -> Day | None:
    """Aggregate a day from its samples (any order); nothing when none of them is used (DESIGN §6)."""
    used = sorted((sample for sample in samples if sample.state is SampleState.USED), key=lambda s: s.slot)
    if not used:
        return None
    values = [sample.value for sample in used]
    num = den = None
    if isinstance(binding.form, Ratio | Events):
        num = sum(sample.num or 0.0 for sample in used)
        den = sum(sample.den or 0.0 for sample in used)
    return Day(
        day=day,
        n=len(used),
        value=_value(binding, values, num, den),
        low=min(values),
        high=max(values),
        last=values[-1],
        last_slot=used[-1].slot,
        num=num,
        den=den,
        inside=sum(band.holds(value) for value in values) if band is not None else None,
    )


def _value(binding: Binding, values: Sequence[float], num: float | None, den: float | None) -> float:
    if num is not None and den is not None and (den or isinstance(binding.form, Events)):
        return binding.quotient(num, den)
    if isinstance(binding.window, WholeCycle):
        return values[-1]
    return median(values)
