"""Promises, levels and guardrails in a few words: the same ones in terminal, plan and page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from collector.domain.cycle import Cycle, CycleState
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import number
from collector.domain.health import Health
from collector.domain.observed import Guarded
from collector.domain.okr import Guardrail, KeyResult
from collector.domain.shape import Change, Keep, Reach, Shape, Slo, Total

BY_HAND = "✎"
"""The sign of a value that a person entered; the words `by hand` stand beside it (law 7)."""
_FINEST = 6
"""So many decimals a share near 100 % is told with at most."""


def measured(value: float | None, unit: str) -> str:
    """Write a number with its unit; unknown is a dash."""
    return f"{number(value)} {unit}" if value is not None and unit else number(value)


def level_of(key_result: KeyResult, level: float | None) -> str:
    """Write a level: in the unit of the key result, but that of a keep or an slo is a share of slots or events."""
    if isinstance(key_result.shape, Keep | Slo):
        return share(level)
    return measured(level, key_result.unit)


def share(percentage: float | None) -> str:
    """Write a share (0-100) as percent with as many nines as it has, so that 99.97 is not told as 100."""
    if percentage is None:
        return "–"
    missing = 100.0 - percentage
    if not 0 < missing < 10:  # below 90 % there are no nines to lose
        return f"{number(percentage)} %"
    decimals = min(max(math.ceil(-math.log10(missing)), 0) + 1, _FINEST)
    scale = 10.0**decimals
    # down, never up: what is not all is never told as all; the tiny part undoes what 0.1 + 0.2 does
    return f"{math.floor(percentage * scale + 1e-6) / scale:.{decimals}f}".rstrip("0").rstrip(".") + " %"


def way(key_result: KeyResult, baseline: float | None, target: float | None) -> str:
    """Write where it began and where it is to go: `120 → 60 ms`, `– → -40 %` while the baseline is not known, `at most 3`,
    `at most 200 ms in 99 % of slots`, `99.95 %`.
    """
    shape, unit = key_result.shape, f" {key_result.unit}" if key_result.unit else ""
    match shape:
        case Reach(to=Change(amount=amount, relative=relative)) if target is None:
            return f"{number(baseline)} → {amount:+g}{' %' if relative else ' pt'}"
        case Reach(to=to):
            goal = target if target is not None or isinstance(to, Change) else to
            return f"{number(baseline)} → {number(goal)}{unit}"
        case Total():
            return f"at {'most' if shape.at_most is not None else 'least'} {number(shape.limit)}{unit}"
        case Keep():
            return f"{bounds(shape.at_most, shape.at_least)}{unit} in {shape.share:g} % of slots"
        case Slo():
            return f"{shape.objective:g} %"
        case _:
            assert_never(shape)


def bounds(at_most: float | None, at_least: float | None) -> str:
    """Write a band: `at most 200`, `at least 5`, `5 to 200`."""
    if at_most is not None and at_least is not None:
        return f"{number(at_least)} to {number(at_most)}"
    return f"at most {number(at_most)}" if at_most is not None else f"at least {number(at_least)}"


def used_of(shape: Shape, evaluation: Evaluation) -> str:
    """Write what is used of a budget, in its own unit: `2 of 9.1 slots`, `99 of 98.5 events`, `2 of 3`."""
    budget = evaluation.budget
    if budget is None:
        return f"{number(evaluation.level)} of {number(evaluation.target)}"
    unit = {Keep: " slots", Slo: " events"}.get(type(shape), "")
    return f"{number(budget.used)} of {number(budget.allowed)}{unit}"


def scores(evaluation: Evaluation) -> str:
    """Write the score, and the one by the promise as first made where that was another: `0.62, by the first promise 0.41`.
    Nothing when there is none.
    """
    if evaluation.score is None:
        return ""
    first = evaluation.first_score
    return f"{evaluation.score:.2f}" + (f", by the first promise {first:.2f}" if first is not None else "")


def guardrail(one: Guarded, written: Sequence[Guardrail]) -> str:
    """Write what a guardrail says against what it may: `3.1 %, at most 2: broken`, `1 %, at most 2`, `never read, at most 2`."""
    known = next((other for other in written if other.id == one.id), None)
    limit = f", {bounds(known.at_most, known.at_least)}" if known is not None else ""
    value = measured(one.value, known.binding.unit if known else "")
    if one.health is Health.NEVER:
        return f"never read{limit}"
    said = f"{value}{limit}"
    if one.health is not Health.FRESH:
        said += f" (data {one.health.value})"
    return f"{said}: broken" if one.breached else said


def release(address: str) -> str:
    """Say how a person decides about readings that are held."""
    decide = f"krd annotate {address}"
    return f"`{decide} --release --why TEXT` uses what is held, `--discard --why TEXT` never does"


def unexplained(what: str) -> str:
    """Say that a definition was edited without a reason, and how to give one. `what` is `measure`, `promise`, or both."""
    return f"its {what} changed without a reason: add `changes: [{{on: DATE, why: …}}]` to its file"


def settlings(key_results: Iterable[KeyResult]) -> dict[str, timedelta]:
    """Give how long after its end late data may still come, by cycle."""
    found: dict[str, timedelta] = {}
    for one in key_results:
        found[one.cycle.id] = max(found.get(one.cycle.id, timedelta(0)), one.settling)
    return found


def cycle_rank(cycle: Cycle, at: datetime, settling: timedelta) -> int:
    """Order cycles for a reader: the active ones first, then those that close, drafts, and the closed ones last."""
    order = (CycleState.ACTIVE, CycleState.CLOSING, CycleState.DRAFT, CycleState.CLOSED)
    return order.index(cycle.state(at, settling))


def span_of(cycle: Cycle, at: datetime, settling: timedelta) -> str:
    """Write from when to when a cycle goes, and how many of its days are over, as verdicts count them: `1 Oct – 31 Dec, day 40
    of 92`. Late data may come for `settling` after its end.
    """
    days = f"{cycle.grid.name(0)} – {cycle.grid.name(cycle.days - 1)}"
    match state := cycle.state(at, settling):
        case CycleState.DRAFT:
            return f"{days}, not begun"
        case CycleState.ACTIVE:
            return f"{days}, day {cycle.day_of(at)} of {cycle.days}"
        case CycleState.CLOSING:
            return f"{days}, over, late data may still come"
        case CycleState.CLOSED:
            return f"{days}, over"
        case _:
            assert_never(state)
