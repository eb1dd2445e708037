"""Differences with their 95 % intervals: both sides on the same tasks, tasks drawn again and again (Efron 1979)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.foresight_scores import Said, figures
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Ints

DRAWS = 400
"""How often tasks are drawn again."""
LESS_IS_BETTER = {"brier", "logloss", "ece", "false_alarms", "flaps"}
NOMINAL = {"cover50": 0.5, "cover90": 0.9}
"""Covers are the better the nearer they are to this."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference and its 95 % interval; not a number where no draw has the figure."""

    value: float
    low: float
    high: float


def mean_interval(values: Floats, seed: int) -> Interval:
    """Give the mean of one value a task."""
    draw = np.random.default_rng(seed)
    means = [float(values[rows].mean()) for rows in _draws(len(values), draw)]
    return _interval(float(values.mean()), np.array(means))


def gains(ours: Said, theirs: Said, seed: int) -> dict[str, Interval]:
    """Give by how much ours is better, figure by figure; negative where it is worse."""
    draw = np.random.default_rng(seed)
    both = _gain(ours, theirs)
    drawn = [_gain(ours.of(rows), theirs.of(rows)) for rows in _draws(len(ours.hit), draw)]
    return {name: _interval(gain, np.array([one[name] for one in drawn])) for name, gain in both.items()}


def _gain(ours: Said, theirs: Said) -> dict[str, float]:
    mine, other = figures(_where_both(ours, theirs)), figures(_where_both(theirs, ours))
    return {name: _better(name, other[name]) - _better(name, mine[name]) for name in mine if name in other}


def _better(name: str, figure: float) -> float:
    """Give it so that less is better."""
    if name in NOMINAL:
        return abs(figure - NOMINAL[name])
    return figure if name in LESS_IS_BETTER else -figure


def _where_both(said: Said, other: Said) -> Said:
    """Keep only the ranges that both told."""
    return Said(
        said.hit,
        said.p,
        np.where(np.isfinite(other.likely), said.likely, np.nan),
        np.where(np.isfinite(other.wide), said.wide, np.nan),
        said.alerts,
    )


def _draws(count: int, draw: np.random.Generator) -> list[Ints]:
    return [draw.integers(0, count, count) for _ in range(DRAWS)]


def _interval(value: float, drawn: Floats) -> Interval:
    told = drawn[np.isfinite(drawn)]
    low, high = np.quantile(told, [0.025, 0.975]) if len(told) else (np.nan, np.nan)
    return Interval(value, float(low), float(high))
