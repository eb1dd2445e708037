"""A key result looked at: all that its verdict rests on but what is foreseen, which is computed for many together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.closes import closed_days, first_open, patience_of
from collector.domain.cycle import CycleState
from collector.domain.drafts import draft_outlook
from collector.domain.evaluation import Evaluation
from collector.domain.figures import Numbers, numbers_again
from collector.domain.forecasting.outlook import Outlook
from collector.domain.health import Patience
from collector.domain.history import History
from collector.domain.measure import Binding
from collector.domain.numbers import numbers_of
from collector.domain.okr import KeyResult
from collector.domain.shape import Reach, Total
from collector.domain.status import Status
from collector.domain.steps import Step, steps_due


@dataclass(frozen=True, slots=True)
class Sight:
    """A key result looked at: everything its verdict rests on but what is foreseen, which is made for many together."""

    key_result: KeyResult
    binding: Binding
    history: History
    at: datetime
    patience: Patience
    closed: int
    steps: Sequence[Step]
    numbers: Numbers
    kept: Evaluation | None
    """The verdict whose numbers these are, when nothing moved them since."""

    @property
    def outlooks(self) -> dict[int, Outlook]:
        """What is to be foreseen, by how many days were closed."""
        numbers = [step.numbers for step in self.steps if step.numbers is not None]
        return {one.closed: one.outlook for one in (*numbers, self.numbers) if one.outlook is not None}


def sight_of(key_result: KeyResult, history: History, at: datetime) -> Sight:
    """Look at a key result at `at`. Raises `ValueError` for one that is not measured (`not_run`)."""
    binding = key_result.binding
    if binding is None:
        raise ValueError(f"{key_result.address} is not measured: {key_result.not_run}")
    patience = patience_of(key_result, binding, at)
    closed = min(closed_days(key_result, binding, history, at, patience), first_open(history.days))
    steps = list(steps_due(key_result, binding, history, closed, patience))
    kept = _kept(key_result, history, at, closed)
    return Sight(
        key_result=key_result,
        binding=binding,
        history=history,
        at=at,
        patience=patience,
        closed=closed,
        steps=steps,
        numbers=numbers_again(kept) if kept else _seen(key_result, binding, history, at, closed, steps),
        kept=kept,
    )


def _kept(key_result: KeyResult, history: History, at: datetime, closed: int) -> Evaluation | None:
    """Give the last verdict when its arithmetic still holds: between closes a new sample moves nothing that a reach or a
    draft is judged by, and of a total only the count.
    """
    previous = history.previous
    if previous is None or history.changed or history.restep or previous.day != closed:
        return None
    if previous.status is Status.DRAFT:
        # what was said of a draft says nothing of the day on which it begins
        return previous if key_result.state(at) is CycleState.DRAFT else None
    match key_result.shape:
        case Reach():
            return previous
        case Total():
            return previous if previous.current == history.current else None
        case _:
            return None


def _seen(
    key_result: KeyResult,
    binding: Binding,
    history: History,
    at: datetime,
    closed: int,
    steps: Sequence[Step],
) -> Numbers:
    """Compute the numbers; a draft is foreseen as if it began today."""
    numbers = _numbers(key_result, binding, history, closed, steps)
    if key_result.state(at) is not CycleState.DRAFT:
        return numbers
    return replace(numbers, outlook=draft_outlook(key_result, binding, history, at))


def _numbers(
    key_result: KeyResult, binding: Binding, history: History, closed: int, steps: Sequence[Step]
) -> Numbers:
    """Compute the numbers, unless the drift is stepped on the same ones: a reach does not know the open day."""
    last = steps[-1].numbers if steps else None
    if last is not None and last.closed == closed and isinstance(key_result.shape, Reach):
        return last
    # At the close it is what it was at the close: a later reading may count what came after it.
    current = history.current if closed < key_result.days else None
    previous = history.previous
    same = (
        previous is not None
        and previous.day == closed
        and previous.status is not Status.DRAFT
        and not (history.changed or history.restep)
    )
    return numbers_of(
        key_result,
        binding,
        history.days,
        history.baseline,
        closed,
        current,
        history.first_slot,
        previous if same else None,
    )
