"""What is known about a landing that the walk behind the forecast does not know: floors, counts, certainties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from collector.domain.forecast import Forecast


def possible(ahead: Forecast | None, days: Sequence[tuple[int, float]]) -> Forecast | None:
    """What was never seen below zero is not said to land there: the walk knows no floor, latencies and shares do."""
    floored = ahead is not None and all(value >= 0 for _, value in days)
    return never_less(ahead, 0.0) if ahead is not None and floored else ahead


def never_less(ahead: Forecast, bound: float) -> Forecast:
    """Lift the landing and its ranges to a bound that the walk behind them does not know; P stays what it is."""
    return _landing(ahead, lambda value: max(value, bound))


def never_more(ahead: Forecast, bound: float) -> Forecast:
    """Lower the landing and its ranges to a bound in the same way."""
    return _landing(ahead, lambda value: min(value, bound))


def certain(ahead: Forecast, p: float) -> Forecast:
    """What has reached its limit for good does not come back: the probability is 0 or 1."""
    return replace(ahead, p_hit=p, p_full=p)


def as_share(ahead: Forecast, per_use: float) -> Forecast:
    """Tell a landing of what is used of a budget as the share (percent) that is good: 100 less `per_use` points for each
    unit used.
    """
    told = _landing(ahead, lambda used: max(100.0 - used * per_use, 0.0))
    return replace(
        told,
        likely=(told.likely[1], told.likely[0]),
        wide=(told.wide[1], told.wide[0]),
        step=ahead.step * per_use,
        drift=-ahead.drift * per_use,
    )


def _landing(ahead: Forecast, told: Callable[[float], float]) -> Forecast:
    return replace(
        ahead,
        landing=told(ahead.landing),
        likely=(told(ahead.likely[0]), told(ahead.likely[1])),
        wide=(told(ahead.wide[0]), told(ahead.wide[1])),
    )
