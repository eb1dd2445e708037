"""`okrs/*.yaml`: objectives and key results of one team in one cycle."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from collector.configuration.documents.measures import Measure
from collector.configuration.documents.scalars import (
    CycleId,
    Day,
    Length,
    Number,
    Percent,
    Slug,
    Text,
    parse_number,
    read_day,
    read_span,
)
from collector.configuration.documents.written import Written, shown, wrong
from collector.domain.pace import Late, Linear, Pace, Points, WorkingDays
from collector.domain.shape import Change, Commitment, From, LastCycle, Measured, Typed

_CHANGE = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)\s*(%|pt)")


def _commitment(value: Any) -> Commitment:
    if value in ("committed", "aspirational"):
        return Commitment(value)
    raise wrong(f"{shown(value)} is not a commitment", "write committed or aspirational")


def _from(value: Any) -> From:
    if value == "measured":
        return Measured()
    if value == "last_cycle":
        return LastCycle()
    if isinstance(value, dict) and set(value) == {"measured"}:
        span = read_span(value["measured"])
        if not span:
            raise wrong("the baseline is measured over no time", "write {measured: 28d}")
        return Measured(span)
    if isinstance(value, dict) or (isinstance(value, str) and value[:1].isalpha()):
        raise wrong(
            f"{shown(value)} is not a baseline", "write a number, measured, {measured: 28d} or last_cycle"
        )
    return Typed(parse_number(value))


def _change(value: Any) -> Change:
    match = _CHANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise wrong(
            f"{shown(value)} is not a change", "write -40% (of the baseline) or -5pt (points of its unit)"
        )
    amount = float(match[1])
    if amount == 0:
        raise wrong("the change is zero", "write how far it should move, such as -40% or -5pt")
    return Change(amount, relative=match[2] == "%")


def _pace(value: Any) -> Pace:
    if value == "linear":
        return Linear()
    if value == "working-days":
        return WorkingDays()
    if isinstance(value, dict) and set(value) == {"late"}:
        return Late(read_day(value["late"]))
    if isinstance(value, dict) and set(value) == {"points"} and isinstance(value["points"], list):
        return Points(tuple(_point(point) for point in value["points"]))
    raise wrong(
        f"{shown(value)} is not a pace",
        "write linear, working-days, {late: DATE} or {points: [[DATE, value]]}",
    )


def _point(value: Any) -> tuple[Any, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise wrong("a point of the pace is not a pair", "write [DATE, value]")
    return read_day(value[0]), parse_number(value[1])


class Bounds(Written):
    """A bound on a count or a level."""

    at_most: Number | None = None
    """The highest that is good."""
    at_least: Number | None = None
    """The lowest that is good."""


class Keep(Bounds):
    """A band to stay in."""

    share: Percent
    """Percent of measured slots that must lie in the band."""


class Launch(Written):
    """A planned change of a reach, which its forecast counts on until the days show otherwise."""

    on: Day
    """The day it goes live."""
    expect: Percent
    """The share of the way from baseline to target that it should bring."""


class Reason(Written):
    """Why a definition was edited."""

    on: Day
    """The day of the edit."""
    why: Text
    """The reason."""


class Guardrail(Bounds):
    """What must not get worse on the way."""

    id: Slug
    """Its short name."""
    title: Text
    """What is protected."""
    measure: Measure
    """What is read."""


class KeyResult(Written):
    """One promise. Exactly one shape: `from` + `to` (or `change`), `total`, `keep`, or `slo`."""

    id: Slug
    """Its short name; `team/id` is its address."""
    title: Text
    """The sentence, from X to Y."""
    owner: Text | None = None
    """Who owns it: a name from `people`; else the objective's owner."""
    team: Text | None = None
    """The team that carries it, when it is not the file's."""
    commitment: Annotated[Commitment, PlainValidator(_commitment), WithJsonSchema(
        {"enum": ["committed", "aspirational"]})]  # fmt: skip
    """committed succeeds at the whole way, aspirational at 70 % of it."""
    measure: Measure
    """What is read."""
    from_: Annotated[From, PlainValidator(_from), WithJsonSchema(
        {"type": ["number", "string", "object"], "examples": ["measured", 31, "last_cycle"]})] | None = Field(
        default=None, alias="from")  # fmt: skip
    """Where it begins: a number, `measured`, {measured: 28d}, or `last_cycle`."""
    to: Number | None = None
    """Where it should be at the close."""
    change: Annotated[Change, PlainValidator(_change), WithJsonSchema(
        {"type": "string", "examples": ["-40%", "-5pt"]})] | None = None  # fmt: skip
    """How far it should move: -40% of the baseline, or -5pt."""
    total: Bounds | None = None
    """At most or at least so many in the cycle."""
    keep: Keep | None = None
    """A band to stay in."""
    slo: Percent | None = None
    """Percent of events that are good."""
    pace: Annotated[Pace, PlainValidator(_pace), WithJsonSchema({"type": ["string", "object"]})] | None = None
    """How the way is spread: linear (the default), working-days, {late: DATE}, {points: [[DATE, value]]}.
    Only a reach and a total of at least so many have one.
    """
    by: Day | None = None
    """Its own deadline, which belongs to it; else the cycle's end."""
    judge_over: Length | None = None
    """The days whose mean is the level it is judged by; else 7d, or one `every` when that is longer."""
    launches: list[Launch] = Field(default_factory=list)
    """Planned changes."""
    guardrails: list[Guardrail] = Field(default_factory=list)
    """What must not get worse on the way: a breach caps the status at at_risk."""
    depends_on: list[Text] = Field(default_factory=list)
    """Addresses of what it waits for."""
    changes: list[Reason] = Field(default_factory=list)
    """Why the definition was edited."""
    retired: Reason | None = None
    """When and why it was given up."""
    was: list[Slug] = Field(default_factory=list)
    """Its earlier ids in this cycle: their history goes on under the new one."""


class Supports(Written):
    """What an objective serves."""

    of: Text
    """Address of an objective or key result: `team/id`."""
    how: Text | None = None
    """In which way."""


class With(Written):
    """Another team that takes part."""

    team: Text
    """Its name from `teams`."""
    role: Text | None = None
    """What it does."""


class Objective(Written):
    """A direction, with the reason for it."""

    id: Slug
    """Its short name; `team/id` is its address."""
    title: Text
    """The direction in one sentence."""
    why: Text | None = None
    """The reason for it."""
    owner: Text | None = None
    """Who owns it: a name from `people`; else the team's lead."""
    supports: list[Supports] = Field(default_factory=list)
    """What it serves (vertical alignment)."""
    with_: list[With] = Field(default_factory=list, alias="with")
    """Other teams that take part (horizontal alignment)."""
    key_results: list[KeyResult] = Field(default_factory=list)
    """How one sees that the objective is reached; three are ideal."""


class OkrFile(Written):
    """Objectives of one team in one cycle."""

    team: Text
    """The team: a name from `teams`."""
    cycle: CycleId
    """The cycle: a name from `cycles`."""
    measures: dict[Slug, Measure] = Field(default_factory=dict)
    """Measures shared by several key results, or operands of expressions."""
    objectives: list[Objective]
    """The objectives; at most four keep a focus."""
