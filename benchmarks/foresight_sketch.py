"""Another forecaster and its generator, read from a folder: the sketch that krd's forecaster began with.

The folder holds `gen.py` (`make(seed, i)`: one task as a dict), `core.py` (`Batch`) and `driftcore.py` (`from_batch`,
`raw_p`, and for levels `trend_state`, `trend_p` and `requirement`).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command import BenchmarkFailed
from benchmarks.foresight_noise import Readings
from benchmarks.foresight_play import Play
from benchmarks.foresight_tasks import Task
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Ints
from collector.domain.forecasting.outlook import HISTORY, NOTHING, Form, Scale

MODULES = ("gen", "core", "policy", "base_methods", "detectors", "driftcore")
"""They import each other by these names."""
SCALES = {"id": Scale.PLAIN, "log": Scale.LOG, "logit": Scale.LOGIT}
EIGHTY = 0.85
"""Half width of its 80 % range in standard deviations, as measured for it; the normal law would have 1.2816."""
WIDTHS = {"likely": EIGHTY * 0.6745 / 1.2816, "wide": EIGHTY * 1.6449 / 1.2816}


@dataclass(frozen=True, slots=True)
class Sketch:
    """The modules of the folder."""

    gen: Any
    core: Any
    driftcore: Any

    def made(self, seed: int, count: int) -> list[dict[str, Any]]:
        """Make tasks in its own words."""
        return [self.gen.make(seed, number) for number in range(count)]

    def batch(self, made: Sequence[Mapping[str, Any]]) -> Any:
        """Lay its tasks side by side, as it wants them."""
        return self.driftcore.from_batch(self.core.Batch(made))

    def p(self, batch: Any, day: int) -> Floats:
        """Give P(the whole way) of each task when so many days are known."""
        with np.errstate(all="ignore"):
            return np.asarray(self.driftcore.raw_p(batch, HISTORY + day))

    def play(self, made: Sequence[Mapping[str, Any]], days: Ints) -> Play:
        """Forecast all tasks on all days. It tells where levels land, and of the rest nothing."""
        batch = self.batch(made)
        landed = np.array([float(one["v"]) for one in made])
        full, likely, wide = (np.full((len(made), len(days)), np.nan) for _ in range(3))
        for column, day in enumerate(days):
            full[:, column] = self.p(batch, int(day))
            held = self._held(batch, HISTORY + int(day), landed)
            likely[:, column], wide[:, column] = held["likely"], held["wide"]
        return Play(days, full, np.full_like(full, np.nan), likely, wide)

    def _held(self, batch: Any, known: int, landed: Floats) -> dict[str, Floats]:
        """Tell of each range whether it holds what came. The landing is a line in the mean of the days to come, whose
        two ends the requirements of the targets 0 and 1 give.
        """
        rows = np.flatnonzero(self.driftcore.kr_class(batch) == 0)
        levels = self.driftcore.take(batch, rows)
        with np.errstate(all="ignore"):
            state = self.driftcore.trend_state(levels, known)
            _, mean, spread, _ = self.driftcore.trend_p(levels, known, T=state, full=True)
        none, whole = (self._required(levels, known, target) for target in (0.0, 1.0))
        held = {}
        for name, width in WIDTHS.items():
            low, high = (
                (_back(mean + side * width * spread, state["sc"]) - none) / (whole - none) for side in (-1, 1)
            )
            told = np.full(len(landed), np.nan)
            told[rows] = (low <= landed[rows]) & (landed[rows] <= high)
            held[name] = told
        return held

    def _required(self, levels: Any, known: int, target: float) -> Floats:
        asked = self.driftcore.take(levels, np.arange(levels.n))
        asked.target = np.full(levels.n, target)
        return np.asarray(self.driftcore.requirement(asked, known)[2])


def sketch_in(folder: Path) -> Sketch:
    """Import the modules of a folder, and leave the path and the loaded modules as they were. Raises `BenchmarkFailed`."""
    with _importing(folder):
        try:
            gen, core, driftcore = (importlib.import_module(name) for name in ("gen", "core", "driftcore"))
        except ImportError as error:
            raise BenchmarkFailed(
                f"{folder} does not hold the sketch ({error}): --against wants gen.py, core.py and driftcore.py"
            ) from None
    return Sketch(gen, core, driftcore)


def task_of(made: Mapping[str, Any]) -> Task:
    """Translate a task of its generator."""
    form = _form(made)
    window = int(made["W"])
    task = Task(
        family=str(made["fam"]),
        shape=str(made["shape"]),
        form=form,
        scale=SCALES[made["scale"]],
        length=len(made["y"]) - HISTORY,
        window=window,
        rising=made["dir"] > 0,
        target=float(made["target"]),
        baseline=float(made["baseline"]),
        read=_readings(made, ""),
        true=_readings(made, "_clean"),
        low=float(made["lo"]),
        high=float(made["hi"]),
        previous=float(made["prev"]),
        whole=made["fam"] == "budget" or (made["fam"] == "cumsum" and made["s"]["obs"] == "count"),
    )
    if form is Form.EVENTS:
        read, true = _bad(task.read), _bad(task.true)
        return replace(task, rising=False, target=1 - task.target, scale=Scale.PLAIN, read=read, true=true)
    return task


def _form(made: Mapping[str, Any]) -> Form:
    if made["fam"] == "slo":
        return Form.EVENTS
    match int(made["kind"]):
        case 2:
            return Form.AT_LEAST if made["dir"] > 0 else Form.AT_MOST
        case 3:
            return Form.STAY
        case _:
            return Form.LEVEL


def _readings(made: Mapping[str, Any], which: str) -> Readings:
    num, den = made["num" + which], made["den" + which]
    return Readings(
        np.asarray(made["y" + which], dtype=float),
        NOTHING if num is None else np.asarray(num, dtype=float),
        NOTHING if den is None else np.asarray(den, dtype=float),
    )


def _bad(good: Readings) -> Readings:
    """Turn shares of good events into those of bad ones."""
    return Readings(1 - good.values, good.den - good.num, good.den)


def _back(mean: Floats, scale: Ints) -> Floats:
    """From its working scale; 1 is logarithmic, 2 logit."""
    with np.errstate(over="ignore"):
        return np.where(scale == 1, np.exp(mean), np.where(scale == 2, 1 / (1 + np.exp(-mean)), mean))


@contextmanager
def _importing(folder: Path) -> Iterator[None]:
    """Let modules of the folder be imported by their bare names, for a while, writing nothing beside them."""
    path, writes = list(sys.path), sys.dont_write_bytecode
    before = {name: sys.modules.pop(name) for name in MODULES if name in sys.modules}
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = writes
        for name in MODULES:
            sys.modules.pop(name, None)
        sys.modules.update(before)
