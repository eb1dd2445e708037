"""A scenario as it is played: what the sources answer, and what happens when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from collector.domain.alert import AlertKind, AlertState
from collector.domain.cadence import offset
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.lint.finding import Place
from collector.domain.measure import Binding, WholeCycle
from collector.domain.okr import KeyResult
from collector.domain.shape import Measured, Reach
from collector.domain.span import ZERO
from collector.ports.catalogue import Configuration
from collector.scenario.document import At, ByHand, Decision
from collector.scenario.series_text import Said
from collector.scenario.source import Played
from collector.services.heal import PAST

MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the source says to one measure, from the slot that follows `since` on."""

    since: int | date | None
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Files:
    """The files at a time, and what the sources of their measures say."""

    configuration: Configuration
    answers: Mapping[str, Answers]
    """By role."""

    @property
    def key_result(self) -> KeyResult | None:
        """The one that is rehearsed; nothing once it was taken out."""
        return next(iter(self.configuration.okrs.key_results.values()), None)

    def played(self) -> dict[str, list[Played]]:
        """Give what each source answers."""
        found: dict[str, list[Played]] = {name: [] for name in self.configuration.sources}
        key_result = self.key_result
        for role, binding in (key_result.bindings if key_result else {}).items():
            if key_result is not None and role in self.answers:
                found[binding.source].append(_played(key_result, binding, self.answers[role]))
        return found


def _played(key_result: KeyResult, binding: Binding, answers: Answers) -> Played:
    cadence = binding.cadence(key_result.cycle)
    slot = _begins(key_result, binding, answers)
    slots: dict[datetime, Said] = {}
    for said in answers.said:
        slot = cadence.following(slot)
        slots[slot] = said
    return Played(binding, slots)


def _begins(key_result: KeyResult, binding: Binding, answers: Answers) -> datetime:
    cycle = key_result.cycle
    if answers.since is not None:
        return boundary(key_result, answers.since)
    if isinstance(binding.window, WholeCycle):
        return cycle.starts
    match key_result.shape:
        case Reach(start=Measured(over=over)) if over.days > PAST.days:
            return cycle.back(cycle.starts, over)
        case _:
            return cycle.back(cycle.starts, PAST)


class Turn(IntEnum):
    """In which order things happen that happen at the same moment."""

    STOP = 0
    START = 1
    EDIT = 2
    PERSON = 3
    LOOK = 4


@dataclass(frozen=True, slots=True)
class Look:
    """What is expected at a moment: values by key, and where they are written."""

    when: str
    wanted: Mapping[str, object]
    place: Place


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens."""

    at: datetime
    turn: Turn
    what: Files | ByHand | Decision | Look | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """An alert changed its state when so many days were over."""

    day: int
    kind: AlertKind
    state: AlertState

    def __str__(self) -> str:
        return f"day {self.day}: {self.kind} {self.state}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A quarter ready to be played."""

    title: str
    place: Place
    cycle: Cycle
    files: Files
    begins: datetime
    acts: Sequence[Act]
    """Ascending."""
    transitions: Sequence[Moved] | None
    """What alerts do, in order; nothing when that is not looked at."""


def boundary(key_result: KeyResult, day: int | date) -> datetime:
    """Give the instant at which so many days of the cycle are over; of a date, its end. Raises `ValueError` for a date in
    a cycle that sets its own `day`.
    """
    return key_result.cycle.grid.starts(days_over(key_result, day))


def days_over(key_result: KeyResult, day: int | date) -> int:
    """Count the days that are over then. Raises `ValueError` as `boundary` does."""
    if not isinstance(day, date):
        return day
    grid = key_result.cycle.grid
    if not isinstance(grid, CalendarDays):
        raise ValueError(f"the cycle {key_result.cycle.id} sets its own `day` and has no dates")  # noqa: TRY004 - a wrong file, not a wrong type
    return (day - grid.first).days + 1


def moment_of(key_result: KeyResult, at: At) -> datetime:
    """Give the instant that `at` means: what was due by then has been read. Raises `ValueError` as `boundary` does."""
    cycle = key_result.cycle
    begun = key_result.ends + key_result.settling if at.day is None else boundary(key_result, at.day)
    return begun + cycle.nominal(at.after or ZERO) + _reading(key_result)


def _reading(key_result: KeyResult) -> timedelta:
    """Tell how long after a slot all that is due then has been read."""
    cycle = key_result.cycle
    delays = [
        cycle.nominal(one.lag) + offset(one.source, one.every, one.cadence(cycle).nominal(cycle.starts))
        for one in key_result.bindings.values()
        if one.asked
    ]
    return max(delays, default=timedelta(0)) + MOMENT
