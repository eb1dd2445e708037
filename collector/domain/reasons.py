"""What holds a status where it is, beside the arithmetic: each reason in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collector.domain.baseline import Baseline
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.explanation import number, percent
from collector.domain.figures import Numbers
from collector.domain.health import Health
from collector.domain.observed import Guarded, Held, Sampling
from collector.domain.okr import Guardrail, KeyResult
from collector.domain.shape import LastCycle, Reach
from collector.domain.status import FULL_COVERAGE

LOST = "more is used than the whole cycle allows"
HARDLY = ("less than half of the cycle was read",)
SETTLING = "what may have come late is still to be read again"


def capping(key_result: KeyResult, numbers: Numbers, guarded: Sequence[Guarded]) -> tuple[str, ...]:
    """Say what keeps it from being on track whatever the days say: a budget that is lost, a guardrail that is broken or
    not measured.
    """
    lost = (LOST,) if numbers.exceeded else ()
    return (*lost, *of_guardrails(key_result, guarded))


def of_guardrails(key_result: KeyResult, guarded: Sequence[Guarded]) -> tuple[str, ...]:
    """Say which guardrails are broken, or not measured."""
    if not guarded:
        return ()
    known = {guardrail.id: guardrail for guardrail in key_result.guardrails}
    return tuple(_of_guardrail(one, known.get(one.id)) for one in guarded if one.caps)


def without_way(key_result: KeyResult, baseline: Baseline | None) -> tuple[str, ...]:
    """Say why a reach has no way to go: nobody knows where it began, or it begins at its target."""
    shape = key_result.shape
    if not isinstance(shape, Reach):
        return ()
    if baseline is None and isinstance(shape.start, LastCycle):
        return (no_last_close(key_result),)
    if baseline is None:
        return ("no baseline yet",)
    target = shape.target(baseline.value)
    if target == baseline.value:
        return (
            f"from {number(baseline.value)} to {number(target)} is no way to go: write `to`, or a change in points",
        )
    return ()


def no_last_close(key_result: KeyResult) -> str:
    """Say that no cycle was over with a level under its address, so that it cannot begin there."""
    told = f"no cycle that was over before this one has a level of {key_result.address}"
    return f"no baseline yet: {told}; if none did, write a number as `from`"


def thin(coverage: float | None) -> tuple[str, ...]:
    """Say that too little was read."""
    if coverage is None or coverage >= FULL_COVERAGE:
        return ()
    return (f"only {percent(coverage)} of the slots due were read",)


def unsure(sampling: Sampling | None) -> tuple[str, ...]:
    """Say that the sample is too small to tell on which side of its line it lies."""
    if sampling is None or sampling.distinguishable:
        return ()
    return (f"not yet distinguishable (n = {number(sampling.n)})",)


def waiting(cycle: Cycle, held: Held | None) -> tuple[str, ...]:
    """Say what is held, not used."""
    if held is None:
        return ()
    readings = "1 reading" if held.count == 1 else f"{held.count} readings"
    why = f", {held.why}" if held.why else ""
    return (f"{readings} held: {number(held.value)} at {_moment(cycle, held.slot)}{why}",)


def _of_guardrail(one: Guarded, guardrail: Guardrail | None) -> str:
    if not one.breached:
        read = (
            "was never read"
            if one.health is Health.NEVER
            else f"is not measured, its data is {one.health.value}"
        )
        return f"guardrail {one.id} {read}"
    if guardrail is None:
        return f"guardrail {one.id} is broken: {number(one.value)}"
    unit = f" {guardrail.binding.unit}" if guardrail.binding.unit else ""
    return f"guardrail {one.id} is broken: {number(one.value)}{unit}, {_bounds(guardrail)}{unit}"


def _bounds(guardrail: Guardrail) -> str:
    said = (("at most", guardrail.at_most), ("at least", guardrail.at_least))
    return " and ".join(f"{word} {number(bound)}" for word, bound in said if bound is not None)


def _moment(cycle: Cycle, at: datetime) -> str:
    if not isinstance(cycle.grid, CalendarDays):
        return cycle.grid.name(cycle.day_of(at))
    local = at.astimezone(cycle.grid.zone)
    return f"{local.day} {local:%b %H:%M}"
