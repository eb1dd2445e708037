"""What teams declare of launches: what will truly come, what comes later than that, and what never does."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import assert_never

import numpy as np
from numpy.random import Generator

from benchmarks.foresight_tasks import Task
from collector.domain.forecasting.outlook import Form, Launch

OPTIMISM = 7, 28
"""Days by which a late launch comes after its declared one."""
WISH = 0.3, 0.6
"""Shares of the way that a launch is wished to bring."""
WHEN = 0.15, 0.85
"""Share of the cycle at which it is wished for."""


class Plan(Enum):
    """How a declared plan relates to what comes."""

    TRUE = "on its day, as much as declared"
    LATE = "1-4 weeks after the declared day"
    WISHFUL = "nothing of it"


def declared(plan: Plan, tasks: Sequence[Task], seed: int) -> list[tuple[Launch, ...]]:
    """Give the launches that each task declares under a plan; none where it has no such."""
    return [_of(plan, task, np.random.default_rng([seed, number, 2])) for number, task in enumerate(tasks)]


def _of(plan: Plan, task: Task, draw: Generator) -> tuple[Launch, ...]:
    """A launch is declared of a level; of a count it would be a change of its rate."""
    if task.form is not Form.LEVEL:
        return ()
    match plan:
        case Plan.TRUE:
            return task.launches
        case Plan.LATE:
            late = int(draw.integers(OPTIMISM[0], OPTIMISM[1] + 1))
            return tuple(Launch(max(launch.day - late, 0), launch.share) for launch in task.launches)
        case Plan.WISHFUL:
            when, share = draw.uniform(*WHEN), draw.uniform(*WISH)
            return () if task.launches else (Launch(int(when * task.length), float(share)),)
        case _:
            assert_never(plan)
