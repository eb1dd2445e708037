"""How well `benchmarks.foresight` finds the day told on which a key result has its target, and how often that is said in vain."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from benchmarks.foresight_play import syncs
from benchmarks.foresight_sides import ORDINARY
from benchmarks.foresight_tasks import Task, tasks
from collector.domain.arrays import Floats
from collector.domain.forecasting.forecasts import forecasts
from collector.domain.forecasting.outlook import HISTORY, Form

AROUND = 3
"""A level has its target on the first day whose week, so many days before and after it, has it in the mean."""
FORMS = (Form.LEVEL, Form.AT_LEAST)


def crossing(seed: int, count: int) -> dict[str, float]:
    """Measure, over the weekly syncs of those that are to reach something and are not there yet: how often a day that is
    told comes true within the cycle (`kept`), by how many days it is off then, early or late (`off_days`, median), and how
    often those that get there were not told a day (`untold`).
    """
    made = [task for task in tasks(seed, count, ORDINARY) if task.form in FORMS]
    comes = [crossed(task) for task in made]
    off: list[float] = []
    told = there = untold = 0
    for today in syncs(ORDINARY.length):
        for when, ahead in zip(comes, forecasts([task.outlook(int(today)) for task in made]), strict=True):
            if ahead is None or (when is not None and when < today) or ahead.crosses == today:
                continue
            told += ahead.crosses is not None
            there += when is not None
            if when is not None and ahead.crosses is not None:
                off.append(abs(when - ahead.crosses))
            untold += when is not None and ahead.crosses is None
    return {"n": told, "kept": len(off) / told, "off_days": median(off), "untold": untold / there}


def crossed(task: Task) -> int | None:
    """Give the day on which a task truly has its target for the first time; nothing when it never has."""
    path = np.cumsum(task.true.values[HISTORY:]) if task.form is Form.AT_LEAST else _weeks(task.true.values)
    there = path >= task.target if task.rising else path <= task.target
    return int(np.argmax(there)) if there.any() else None


def _weeks(values: Floats) -> Floats:
    """Give the mean of the week around each day of the cycle, of what there is of it at the close."""
    days: Sequence[int] = range(HISTORY, len(values))
    return np.array([values[day - AROUND : day + AROUND + 1].mean() for day in days])
