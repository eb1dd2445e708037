"""Plays key results day by day: what krd says of each at every close, before it knows the next day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.foresight_tasks import Task
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Ints
from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.outlook import Form, Launch, Outlook

WEEK = 7
Forecaster = Callable[[Sequence[Outlook]], Sequence[Forecast | None]]
"""What is measured."""


@dataclass(frozen=True, slots=True)
class Play:
    """A row a task, a column a day; NaN where nothing was said."""

    days: Ints
    """How many days of the cycle were known."""
    full: Floats
    """P(the whole way)."""
    most: Floats
    """P(the share with which an aspirational promise succeeds)."""
    likely: Floats
    """1 where the true landing is in the range of 50 %, else 0."""
    wide: Floats
    """1 where it is in the range of 90 %, else 0."""


def daily(length: int) -> Ints:
    """Give the days on which the verdict is stepped: from the first week to the last."""
    return np.arange(WEEK, length - WEEK + 1)


def syncs(length: int) -> Ints:
    """Give the days on which a team meets: every week but the last."""
    return np.arange(WEEK, length - WEEK + 1, WEEK)


def play(
    tasks: Sequence[Task],
    days: Ints,
    forecaster: Forecaster,
    belief: float = 0.3,
    declared: Sequence[Sequence[Launch]] = (),
) -> Play:
    """Forecast every task on every day. `declared` has the launches of each task; nothing: there are none."""
    plans = declared or [()] * len(tasks)
    columns = [_column(tasks, int(today), forecaster, belief, plans) for today in days]
    full, most, likely, wide = (np.stack(series, axis=1) for series in zip(*columns, strict=True))
    return Play(days, full, most, likely, wide)


def _column(
    tasks: Sequence[Task],
    today: int,
    forecaster: Forecaster,
    belief: float,
    plans: Sequence[Sequence[Launch]],
) -> tuple[Floats, Floats, Floats, Floats]:
    outlooks = [
        task.outlook(today, belief=belief, launches=plan) for task, plan in zip(tasks, plans, strict=True)
    ]
    said = np.full((len(tasks), 4), np.nan)
    for row, (task, forecast) in enumerate(zip(tasks, forecaster(outlooks), strict=True)):
        if forecast is not None:
            landed = task.landed_since(today)
            said[row] = (
                forecast.p_full,
                forecast.p_most,
                _holds(forecast.likely, landed, task),
                _holds(forecast.wide, landed, task),
            )
    full, most, likely, wide = said.T
    return full, most, likely, wide


def _holds(limits: tuple[float, float], landed: float, task: Task) -> bool:
    """Tell whether a range holds what came. Its ends belong to it; sums of many floats have a little leeway."""
    leeway = 0.0 if task.form is Form.EVENTS else 1e-9 * max(abs(landed), 1.0)
    return limits[0] - leeway <= landed <= limits[1] + leeway
