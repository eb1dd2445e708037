"""Replays closed days of key results as if each had just closed, by the rules of every verdict and by no others.

A day sees the days up to it and no later one. What is foreseen does not depend on a drift policy, so that it is foreseen once
and played by as many policies as are asked about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.baseline import Baseline
from collector.domain.closes import patience_of
from collector.domain.days import Day
from collector.domain.drift_policy import DriftPolicy
from collector.domain.evaluation import Evaluation
from collector.domain.figures import Numbers
from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.forecasts import forecasts
from collector.domain.health import Health, Pulse
from collector.domain.history import History
from collector.domain.landing import foretold
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.reasons import capping
from collector.domain.status import Drift, Status
from collector.domain.steps import Foretold, Step, stepped, steps_due

_NO_PULSE = Pulse(attempted=None, succeeded=None, as_of=None, failing=None)
"""How the last attempt ended says nothing of a day long past."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept of a key result, to be replayed."""

    key_result: KeyResult
    binding: Binding
    days: Sequence[Day]
    """Ascending; those before the cycle, and open ones, too."""
    baseline: Baseline | None
    first_slot: datetime | None
    """Slot of the first reading ever."""
    closed: int
    """How many days of the cycle are closed: these are replayed."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The closed days of a key result, each with what was known and foreseen at its close."""

    past: Past
    steps: tuple[Step, ...]
    """With what was foreseen on each."""

    def by(self, policy: DriftPolicy) -> list[PlayedDay]:
        """Step the drift machine through the days by `policy`."""
        past, drift = self.past, Drift()
        key_result = replace(past.key_result, drift_policy=policy)
        played: list[PlayedDay] = []
        for step in self.steps:
            history = _history(past, step.day, drift)
            drift = stepped(key_result, past.binding, history, [step], {})
            status = _status(key_result, step.numbers, drift)
            played.append(PlayedDay(step.day, step.ends, step.numbers, drift, status))
        return played


@dataclass(frozen=True, slots=True)
class PlayedDay:
    """A day as its close was judged."""

    day: int
    ends: datetime
    numbers: Numbers | None
    """Nothing of a day that was passed over: its data was stale, or nothing could be judged."""
    drift: Drift
    status: Status
    """What a verdict said without its guardrails, which are of the instant."""

    @property
    def p_hit(self) -> float | None:
        """P(success for its commitment)."""
        return self.numbers.p_hit if self.numbers is not None else None

    @property
    def off_track(self) -> bool:
        """Whether a drift alert was on."""
        return self.drift.status is Status.OFF_TRACK


def replays(pasts: Sequence[Past]) -> list[Replay]:
    """Replay many key results together: every day of all of them is foreseen in one batch."""
    laid = [[_step(past, day) for day in range(past.closed)] for past in pasts]
    asked = [
        (number, step.numbers.closed, step.numbers.outlook)
        for number, steps in enumerate(laid)
        for step in steps
        if step.numbers is not None and step.numbers.outlook is not None
    ]
    ahead: list[dict[int, Forecast | None]] = [{} for _ in pasts]
    for (number, closed, _), one in zip(asked, forecasts([one for _, _, one in asked]), strict=True):
        ahead[number][closed] = replace(one, model={}) if one is not None else None
    return [
        Replay(past, tuple(_foreseen(past.key_result, step, found) for step in steps))
        for past, steps, found in zip(pasts, laid, ahead, strict=True)
    ]


def _foreseen(key_result: KeyResult, step: Step, ahead: Foretold) -> Step:
    """Add what is foreseen, and drop what it was foreseen from: of many days of many key results it is most of the memory."""
    if step.numbers is None:
        return step
    told = foretold(key_result, step.numbers, ahead.get(step.numbers.closed))
    return replace(step, numbers=replace(told, outlook=None))


def _step(past: Past, day: int) -> Step:
    """Look at a day as it stood at its close."""
    patience = patience_of(past.key_result, past.binding, past.key_result.cycle.grid.starts(day + 1))
    history = _history(past, day, Drift(day=day - 1))
    [step] = steps_due(past.key_result, past.binding, history, day + 1, patience)
    return step


def _history(past: Past, day: int, drift: Drift) -> History:
    """Give what was known at the close of `day`, when the machine stood at `drift` since the one before."""
    at = past.key_result.cycle.grid.starts(day + 1)
    return History(
        days=past.days[: bisect_left(past.days, day + 1, key=_number)],
        baseline=past.baseline,
        pulse=_NO_PULSE,
        current=None,
        covered=None,
        pending=None,
        first_slot=past.first_slot,
        previous=Evaluation(at=at, status=drift.status, health=Health.FRESH, drift=drift),
    )


def _number(day: Day) -> int:
    return day.day


def _status(key_result: KeyResult, numbers: Numbers | None, drift: Drift) -> Status:
    lost = numbers is not None and capping(key_result, numbers, ())
    return Status.AT_RISK if lost and drift.status is Status.ON_TRACK else drift.status
