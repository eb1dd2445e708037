"""The steps about what a verdict rests on beside its days: trust in the data, operands, guardrails, replaced numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collector.cli.everything import Everything
from collector.cli.history_rows import stamp
from collector.cli.marks import measured
from collector.cli.measure_rows import part
from collector.cli.step import Step
from collector.domain.measure import Computed
from collector.domain.okr import MAIN
from collector.domain.phrases import BY_HAND, guardrail, release, unexplained
from collector.domain.sample import Restatement


def trust_steps(everything: Everything) -> Iterator[Step]:
    """Say what keeps newer data from counting, and whose word it is."""
    standing = everything.standing
    verdict = standing.evaluation
    if verdict is None:
        return
    if verdict.by_hand:
        yield Step("entered", f"{BY_HAND} by hand", "a person's word: no source is asked")
    if standing.waiting:
        yield Step("waiting", "for the load", verdict.trouble)
    if verdict.held is not None:
        value = measured(verdict.held.value, standing.key_result.unit)
        how = f"{verdict.held.why}; {release(standing.key_result.address)}"
        yield Step("held", f"{verdict.held.count}, newest {value}", how)
    newest = max(
        (one for found in everything.restatements.values() for one in found), key=_when, default=None
    )
    if newest is not None:
        how = f"the newest: {newest.was.value:g} of {stamp(newest.was.recorded_at)} by {newest.now.value:g} of {stamp(newest.at)}"
        yield Step("replaced", str(everything.restated), how)
    if standing.unexplained:
        yield Step("edited", "without a reason", unexplained(standing.unexplained))


def _when(one: Restatement) -> datetime:
    return one.at


def part_steps(everything: Everything) -> Iterator[Step]:
    """Give the operands of a computed value with their newest values, and each guardrail with value, bound and health."""
    standing = everything.standing
    key_result, verdict = standing.key_result, standing.evaluation
    binding = key_result.binding
    if verdict is None or binding is None:
        return
    if isinstance(binding.form, Computed):
        yield Step("computed", measured(verdict.current, key_result.unit), binding.form.formula.text)
    for one in everything.parts:
        if one.role.startswith(f"{MAIN}/"):
            value, _, how = part(one, verdict).partition(", ")
            yield Step(f"· {one.name}", value, how)
    for guarded in verdict.guardrails:
        state = "broken" if guarded.breached else guarded.health.value
        how = f"{guarded.title}: {guardrail(guarded, key_result.guardrails)}"
        yield Step(f"guardrail {guarded.id}", state, how)
