"""What a team promised: cycles, teams, objectives and key results, as they stand after all files were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.domain.calendar import Calendar
from collector.domain.cycle import Cycle, CycleState
from collector.domain.drift_policy import DEFAULT, DriftPolicy
from collector.domain.measure import Binding
from collector.domain.pace import Linear, Pace
from collector.domain.policy import AlertPolicy
from collector.domain.promise import Promise
from collector.domain.shape import Commitment, Shape, within
from collector.domain.span import WEEK, Span


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who owns something. Addresses are for messages only."""

    id: str
    name: str
    email: str | None = None
    slack: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """Who meets together and is told together."""

    id: str
    zone: ZoneInfo
    lead: str | None = None
    notify: tuple[str, ...] = ()
    """Names of notifiers, in the order of the file."""
    alerts: AlertPolicy = field(default_factory=AlertPolicy)
    """How it wants to be told."""
    drift: Mapping[Commitment, DriftPolicy] = field(default_factory=lambda: DEFAULT)
    """When its key results are off track."""
    escalate: tuple[str, ...] = ()
    """Names of notifiers that are told, beside the usual ones, when nobody has acknowledged a drift half-way to the
    sync.
    """


@dataclass(frozen=True, slots=True)
class Objective:
    """A direction, with the reason for it."""

    address: str
    """`team/objective`."""
    title: str
    team: str
    cycle: str
    owner: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Retired:
    """A key result taken out on purpose."""

    on: date
    why: str


@dataclass(frozen=True, slots=True)
class Launch:
    """A planned change: `expect` percent of the way from baseline to target."""

    on: date
    expect: float


@dataclass(frozen=True, slots=True)
class Edit:
    """Why a definition was edited, as its author wrote it."""

    on: date
    why: str


MAIN = "main"
"""The role of a key result's own series; guardrails are `guardrail:<id>`, operands `<role>/<name>`."""


@dataclass(frozen=True, slots=True)
class Guardrail:
    """What must not get worse on the way: a series of its own, with bounds."""

    id: str
    title: str
    binding: Binding
    at_most: float | None = None
    at_least: float | None = None

    @property
    def role(self) -> str:
        """The role of its series."""
        return f"guardrail:{self.id}"

    def holds(self, value: float) -> bool:
        """Tell whether a reading keeps the bounds; their edges belong to them."""
        return within(value, self.at_most, self.at_least)


@dataclass(frozen=True, slots=True)
class KeyResult:
    """One promise bound to the source that measures it."""

    address: str
    """`team/key-result`, unique in a cycle."""
    title: str
    objective: str
    """Address of its objective."""
    team: str
    owner: str
    commitment: Commitment
    cycle: Cycle
    calendar: Calendar
    shape: Shape
    binding: Binding | None
    """Nothing only when `not_run` says why."""
    unit: str = ""
    pace: Pace = field(default_factory=Linear)
    deadline: datetime | None = None
    """Its own deadline (`by`), the first instant after that day; else the cycle's end counts."""
    judge_over: Span = WEEK
    launches: tuple[Launch, ...] = ()
    drift_policy: DriftPolicy | None = None
    """When its probability is called drift; nothing where what holds for its commitment does."""
    guardrails: tuple[Guardrail, ...] = ()
    retired: Retired | None = None
    changes: tuple[Edit, ...] = ()
    was: tuple[str, ...] = ()
    """Its earlier addresses in the same cycle."""
    not_run: str | None = None
    """One sentence why this version reads the definition but does not measure it yet."""
    measure_fingerprint: str = ""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """Of the measures of its other series, by role."""
    promise_fingerprint: str = ""
    document: str = ""
    """The definition as canonical JSON, without secrets, for the record."""
    place: str = ""
    """`file:line` where it is written."""
    key: str = field(init=False)
    """`cycle:address`: names it among all cycles."""
    ends: datetime = field(init=False)
    """The instant by which it must be there."""
    days: int = field(init=False)
    """Days from the cycle's start to its deadline."""
    level_days: int = field(init=False)
    """Days over which the level is taken: `judge_over` in days of the cycle, at least one."""
    settling: timedelta = field(init=False)
    """How long after the end late data may still come."""
    bindings: Mapping[str, Binding] = field(init=False)
    """Everything that has a series, by its role: itself, its guardrails, and what either is computed of."""

    def __post_init__(self) -> None:
        cycle, binding = self.cycle, self.binding
        ends = self.deadline or cycle.ends
        late = cycle.nominal(binding.settle) + cycle.nominal(binding.matures) if binding else timedelta(0)
        for name, value in (
            ("key", f"{cycle.id}:{self.address}"),
            ("ends", ends),
            ("days", cycle.day_of_until(ends) + 1),
            ("level_days", max(-(-cycle.nominal(self.judge_over) // cycle.grid.length), 1)),
            ("settling", late),
            ("bindings", _bindings(binding, self.guardrails)),
        ):
            object.__setattr__(self, name, value)  # frozen: said once, asked with every reading

    @property
    def drift(self) -> DriftPolicy:
        """When its probability is called drift."""
        return self.drift_policy or DEFAULT[self.commitment]

    @property
    def promise(self) -> Promise:
        """What is promised, apart from how it is measured."""
        return Promise(self.shape, self.pace, self.deadline, self.judge_over, self.commitment)

    def promising(self, promise: Promise) -> KeyResult:
        """Give the same key result with another promise: an earlier one, to tell both scores."""
        return replace(
            self,
            shape=promise.shape,
            pace=promise.pace,
            deadline=promise.deadline,
            judge_over=promise.judge_over,
            commitment=promise.commitment,
        )

    def state(self, at: datetime) -> CycleState:
        """Tell draft, active, closing or closed, by its own deadline where it has one."""
        if at < self.cycle.starts:
            return CycleState.DRAFT
        if at < self.ends:
            return CycleState.ACTIVE
        return CycleState.CLOSING if at < self.ends + self.settling else CycleState.CLOSED


def _bindings(main: Binding | None, guardrails: tuple[Guardrail, ...]) -> dict[str, Binding]:
    if main is None:
        return {}
    found: dict[str, Binding] = {}
    for role, binding in [(MAIN, main), *((guardrail.role, guardrail.binding) for guardrail in guardrails)]:
        found[role] = binding
        found |= {f"{role}/{name}": operand for name, operand in binding.operands.items()}
    return found


@dataclass(frozen=True, slots=True)
class Okrs:
    """Everything the files promise, ready to be measured."""

    key_results: Mapping[str, KeyResult]
    """By `cycle:address`, in the order of the files."""
    objectives: Mapping[str, Objective]
    """By `cycle:address`."""
    teams: Mapping[str, Team]
    people: Mapping[str, Person]
    calendars: Mapping[tuple[str, str], Calendar]
    """By (team, cycle)."""
    source_owners: Mapping[str, str | None]
    """Source name to the person who is told when it is down."""
    alerts: AlertPolicy = field(default_factory=AlertPolicy)
    """How what concerns no single team is told."""
    page: str = ""
    """Where people find krd's page, for links; empty where it has no public address."""
