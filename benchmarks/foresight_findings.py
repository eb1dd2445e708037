"""What `benchmarks.foresight` asks of the forecaster beside its peers: launches, committed key results, other cycles, speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.foresight_intervals import mean_interval
from benchmarks.foresight_launches import Plan, declared
from benchmarks.foresight_play import daily, play, syncs
from benchmarks.foresight_scores import UNSAID, Said, figures
from benchmarks.foresight_shapes import Effort
from benchmarks.foresight_sides import ORDINARY, said
from benchmarks.foresight_sketch import sketch_in
from benchmarks.foresight_tasks import Population, Task, tasks
from collector.domain.arrays import Floats
from collector.domain.drift_policy import DEFAULT
from collector.domain.forecasting.forecasts import forecasts
from collector.domain.forecasting.outlook import Form, Launch
from collector.domain.outlooks import BELIEF
from collector.domain.shape import Commitment

COMMITTED_EFFORT = Effort(gain=2.2)
"""About two thirds of the key results hit: what is promised is mostly kept."""
SPEED_DAYS = (21, 49, 77)
"""Of the cycle, on which the batches are timed."""
ROUNDS = 3


def lengths(seed: int, counts: Mapping[int, int]) -> dict[str, dict[str, float]]:
    """Measure cycles of other lengths, each on its own tasks, at their syncs."""
    found = {}
    for length, count in counts.items():
        made = tasks(seed, count, Population(length=length))
        found[str(length)] = {"n": count, **figures(_at_syncs(made))}
    return found


def committed(seed: int, count: int) -> dict[str, float]:
    """Measure key results that are mostly kept, with the prior and the policy of committed ones, and with the usual prior
    beside it (`default_prior_…`).
    """
    made = tasks(seed, count, Population(effort=COMMITTED_EFFORT))
    hit = np.array([task.hit for task in made])
    days = daily(ORDINARY.length)
    foreseen = play(made, days, forecasts, BELIEF[Commitment.COMMITTED])
    usual = figures(_at_syncs(made))
    found = figures(said(foreseen, hit, ORDINARY.length, DEFAULT[Commitment.COMMITTED]))
    beside = {f"default_prior_{name}": usual[name] for name in ("brier", "logloss", "ece")}
    return {"n": count, "hits": float(hit.mean()), **found, **beside}


def _at_syncs(made: Sequence[Task], belief: float = BELIEF[Commitment.ASPIRATIONAL]) -> Said:
    foreseen = play(made, syncs(made[0].length), forecasts, belief)
    hit = np.array([task.hit for task in made])
    return Said(hit, foreseen.full, foreseen.likely, foreseen.wide)


def launches(seed: int, count: int) -> dict[str, Any]:
    """Measure by how much declared launches change the Brier score, of the key results that declare them and of all of them.
    Only levels declare launches, so only those are played.
    """
    made = tasks(seed, count, ORDINARY)
    levels = [row for row, task in enumerate(made) if task.form is Form.LEVEL]
    without = _errors([made[row] for row in levels])
    found: dict[str, Any] = {}
    for plan, name, better in _EFFECTS:
        everything = declared(plan, made, seed)
        stated = [everything[row] for row in levels]
        rows = np.flatnonzero([len(one) > 0 for one in stated])
        plans = [stated[row] for row in rows]
        change = better * (without[rows] - _errors([made[levels[row]] for row in rows], plans))
        interval = mean_interval(change, seed)
        found[name] = interval.value
        found[f"{name}_interval"] = [interval.low, interval.high]
        found[f"{name}_everywhere"] = float(change.sum() / count)
        found[f"{name}_n"] = len(rows)
    return found


_EFFECTS = (
    (Plan.TRUE, "launches_gain", 1),
    (Plan.LATE, "late_launches_gain", 1),
    (Plan.WISHFUL, "wishful_harm", -1),
)
"""(plan, figure, whether the figure is a gain)."""


def _errors(given: Sequence[Task], plans: Sequence[Sequence[Launch]] = ()) -> Floats:
    """Give the Brier score of each task, over its syncs."""
    p = play(given, syncs(given[0].length), forecasts, declared=plans).full
    hit = np.array([task.hit for task in given])[:, None]
    return np.asarray(((np.where(np.isfinite(p), p, UNSAID) - hit) ** 2).mean(axis=1))


def per_second(seed: int, batch: int) -> float:
    """Time batches from outlooks to forecasts: evaluations per second of one core, the median of some rounds."""
    made = tasks(seed, batch, ORDINARY)
    batches = [[task.outlook(day) for task in made] for day in SPEED_DAYS]
    return _rate(batch, [partial(forecasts, outlooks) for outlooks in batches])


def sketch_per_second(folder: Path, seed: int, batch: int) -> float:
    """Time the forecaster in a folder alike, from matrices to P alone."""
    sketch = sketch_in(folder)
    made = sketch.batch(sketch.made(seed, batch))
    return _rate(batch, [partial(sketch.p, made, day) for day in SPEED_DAYS])


def _rate(batch: int, works: Sequence[Callable[[], object]]) -> float:
    rates = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for work in works:
            work()
        rates.append(batch * len(works) / (time.process_time() - begun))
    return median(rates)
