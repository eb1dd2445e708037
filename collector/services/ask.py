"""Turns due slots into questions, and answers into samples and gaps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.measure import Binding, Events, OnEmpty, WholeCycle
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, GapReason, Origin, Sample
from connectors.api import Failure, Moment, NoData, Outcome, Question, Reading

ASSUMED = "assumed"
"""Key of a sample's evidence that says what was taken as zero."""
MORE_THAN_ALL = 1.05
"""By this factor a part of the events may seem to be more than all of them: both are extrapolated."""


@dataclass(frozen=True, slots=True)
class Due:
    """A slot of a series that is to be read."""

    key_result: KeyResult
    binding: Binding
    series: int
    slot: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What a due slot gave, and when it was known."""

    due: Due
    left: Sample | Gap
    at: datetime
    asked: bool = True
    """Whether the source was asked for it at all."""


@dataclass(frozen=True, slots=True)
class Healed:
    """What asking one series about its past gave, up to `through`."""

    series: int
    findings: Sequence[Found]
    through: datetime


def moment_of(due: Due) -> Moment:
    """Give the instants that the question of a slot is about."""
    cycle, binding = due.key_result.cycle, due.binding
    return Moment(
        as_of=due.slot,
        until=binding.until(cycle, due.slot),
        since=binding.since(cycle, due.slot),
        cycle_start=cycle.starts,
        cycle_end=cycle.ends,
        every=binding.cadence(cycle).nominal(due.slot),
    )


class Moments:
    """The instants of slots, once for all that are asked together about the same ones."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Moment] = {}

    def of(self, due: Due) -> Moment:
        """Give the instants that the question of a slot is about."""
        binding = due.binding
        key = (id(due.key_result.cycle), due.slot, binding.every, binding.window, binding.matures)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = moment_of(due)
        return found


def questions_of(
    due: Due, number: int, *, historical: bool = False, moment: Moment | None = None
) -> list[Question]:
    """Make the one or two questions of a slot; `number` tells slots of one call apart."""
    moment = moment or moment_of(due)
    binding = due.binding
    return [
        Question(
            key=f"{number}:{part}",
            text=text,
            moment=moment,
            pick=binding.pick,
            historical=historical,
            allow_partial=binding.allow_partial,
        )
        for part, text in enumerate(binding.texts)
    ]


def left_by(due: Due, outcomes: Sequence[Outcome], at: datetime, origin: Origin) -> Sample | Gap:
    """Make a sample of complete answers, else a gap: a missing part is never taken as zero.

    Only a binding that says `on_empty: zero` turns an empty answer into zero, and only an answer, never a failure; of
    events that were counted, a counter that nobody ever raised has none (DESIGN §5).
    """
    # lists, not generators: this is done for every reading, and for most of them of one outcome
    if failures := [outcome for outcome in outcomes if isinstance(outcome, Failure)]:
        failure = failures[0]  # it says more than an empty answer beside it
        return Gap(due.slot, GapReason(failure.kind.value), failure.message)
    parts: list[float] = []
    readings: list[Reading] = []
    for part, outcome in enumerate(outcomes):
        match outcome:
            case NoData(reason=reason):
                if not _empty_is_zero(due.binding, part, outcomes):
                    return Gap(due.slot, GapReason.NO_DATA, reason)
                parts.append(0.0)
            case Reading(value=value):
                parts.append(value)
                readings.append(outcome)
    if isinstance(due.binding.form, Events) and (wrong := _impossible(*parts)):
        return Gap(due.slot, GapReason.BAD_VALUE, wrong)
    made = due.binding.value(tuple(parts))
    if made is None:
        return Gap(due.slot, GapReason.NO_DATA, "the denominator is 0: there is nothing to divide by")
    value, num, den = made
    if not math.isfinite(value):
        return Gap(due.slot, GapReason.BAD_VALUE, f"{num} / {den} is too large to be a measure of anything")
    return Sample(
        slot=due.slot,
        value=value,
        num=num,
        den=den,
        as_of=min(
            [due.slot, *[reading.at for reading in readings]]
        ),  # a clock ahead of ours makes nothing fresher
        recorded_at=at,
        origin=origin,
        evidence=_evidence(readings, due.binding, outcomes),
    )


def _impossible(counted: float, total: float) -> str:
    """Say what is wrong with counts of events; increases are estimates, so that a part may seem a little more than all."""
    if counted < 0 or total < 0:
        return f"counts of events are never negative, got {counted:g} of {total:g}; check both queries"
    if counted > total * MORE_THAN_ALL + 1:
        return f"{counted:g} of {total:g} events: a part is more than all; check that both queries count the same things"
    return ""


def _empty_is_zero(binding: Binding, part: int, outcomes: Sequence[Outcome]) -> bool:
    if isinstance(binding.form, Events):
        counted, total = outcomes
        return outcomes[part] is counted and isinstance(total, Reading)
    return binding.on_empty is OnEmpty.ZERO


def _assumed(binding: Binding, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Say what was taken as zero though the source had nothing: a name that is misspelt looks just like it."""
    if isinstance(binding.form, Events) and isinstance(outcomes[0], NoData):
        which = "bad" if binding.form.bad else "good"
        return {ASSUMED: f"`{which}` matched nothing and counts as 0; is its name right?"}
    return {}


def _evidence(
    readings: Sequence[Reading], binding: Binding, outcomes: Sequence[Outcome]
) -> dict[str, object]:
    if len(outcomes) == len(readings) == 1 and not readings[0].warnings:
        return dict(readings[0].evidence)
    evidence = _assumed(binding, outcomes)
    for part, reading in enumerate(readings):
        evidence |= {f"{name}_{part}" if part else name: fact for name, fact in reading.evidence.items()}
        if reading.warnings:
            evidence["warnings"] = list(reading.warnings)
    return evidence


def due_slots(
    key_result: KeyResult, binding: Binding, series: int, after: datetime, until: datetime
) -> Iterator[Due]:
    """Give the slots of a series with after < slot <= until. Totals are not read before the cycle's start (DESIGN §5)."""
    if isinstance(binding.window, WholeCycle):
        after = max(after, key_result.cycle.starts)
    for slot in binding.cadence(key_result.cycle).slots(after, until):
        yield Due(key_result, binding, series, slot)
