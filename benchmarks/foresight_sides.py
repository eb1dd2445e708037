"""The forecaster and what it is measured against, on the same key results: day by day through a quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.foresight_intervals import gains
from benchmarks.foresight_machine import alerts, off_track
from benchmarks.foresight_naive import Calibration, as_probability, behind, calibrated, gaps
from benchmarks.foresight_play import WEEK, Play, daily, play, syncs
from benchmarks.foresight_scores import Said, figures
from benchmarks.foresight_sketch import sketch_in, task_of
from benchmarks.foresight_tasks import Population, Task, tasks
from collector.domain.drift_policy import DEFAULT, DriftPolicy
from collector.domain.forecasting.cohort import Bools
from collector.domain.forecasting.forecasts import forecasts
from collector.domain.shape import Commitment

ORDINARY = Population()


@dataclass(frozen=True, slots=True)
class _Made:
    """Key results to be measured on, others to learn from, and what another forecaster said of the former."""

    tasks: list[Task]
    training: list[Task]
    sketch: Said | None = None


def compared(seed: int, count: int, training: tuple[int, int], against: Path | None = None) -> dict[str, Any]:
    """Give the figures of every side. `training` is the seed and the number of the key results to learn from."""
    made = _made(seed, count, training) if against is None else _made_in(against, seed, count, training)
    ours = played(made.tasks)
    calibration = calibrated(made.training, syncs(ORDINARY.length))
    found: dict[str, Any] = {
        **figures(ours.full),
        "naive": figures(_naive(made.tasks)),
        "calibrated": figures(_calibrated(made.tasks, calibration)),
        "aspirational": figures(ours.most),
    }
    if made.sketch is not None:
        gained = gains(ours.full, made.sketch, seed)
        found["sketch"] = figures(made.sketch)
        found["gains"] = {name: [gain.value, gain.low, gain.high] for name, gain in gained.items()}
        found["worse"] = [name for name, gain in gained.items() if gain.high < 0]
    return found


@dataclass(frozen=True, slots=True)
class Played:
    """What was said of the whole way, and of the share with which aspirational key results succeed."""

    full: Said
    most: Said


def played(given: Sequence[Task]) -> Played:
    """Play our forecaster on every day of a cycle."""
    foreseen = play(given, daily(given[0].length), forecasts)
    hit, partly = np.array([task.hit for task in given]), np.array([task.hit_partly for task in given])
    return Played(
        said(foreseen, hit, given[0].length),
        said(replace(foreseen, full=foreseen.most), partly, given[0].length),
    )


def said(
    foreseen: Play, hit: Bools, length: int, policy: DriftPolicy = DEFAULT[Commitment.ASPIRATIONAL]
) -> Said:
    """Give what a daily play said at its syncs, and its alerts."""
    sync = foreseen.days % WEEK == 0
    raised = alerts(off_track(foreseen.full, foreseen.days, policy), foreseen.days, length)
    return Said(hit, foreseen.full[:, sync], foreseen.likely[:, sync], foreseen.wide[:, sync], raised)


def _naive(given: Sequence[Task]) -> Said:
    days = daily(given[0].length)
    gap = gaps(given, days)
    p, hit = as_probability(gap)[:, days % WEEK == 0], np.array([task.hit for task in given])
    untold = np.full_like(p, np.nan)
    return Said(hit, p, untold, untold, alerts(behind(gap), days, given[0].length))


def _calibrated(given: Sequence[Task], calibration: Calibration) -> Said:
    days = daily(given[0].length)
    p = calibration.p(given, gaps(given, days), days)
    untold = np.full_like(p, np.nan)
    hit = np.array([task.hit for task in given])
    return said(Play(days, p, untold, untold, untold), hit, given[0].length)


def _made(seed: int, count: int, training: tuple[int, int]) -> _Made:
    return _Made(tasks(seed, count, ORDINARY), tasks(*training, ORDINARY))


def _made_in(folder: Path, seed: int, count: int, training: tuple[int, int]) -> _Made:
    sketch = sketch_in(folder)
    made = sketch.made(seed, count)
    given = [task_of(one) for one in made]
    hit = np.array([task.hit for task in given])
    foreseen = sketch.play(made, daily(given[0].length))
    return _Made(
        given, [task_of(one) for one in sketch.made(*training)], said(foreseen, hit, given[0].length)
    )
