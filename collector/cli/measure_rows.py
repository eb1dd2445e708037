"""How a key result is read, in rows: what is asked of whom, what its value is computed of, and what guards it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from collector.cli.everything import Everything, Part
from collector.cli.marks import measured
from collector.cli.output import Cell, Tone
from collector.cli.plain import counted
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import ago
from collector.domain.measure import Binding, ByHand, Computed, Events, Query, Ratio
from collector.domain.okr import KeyResult
from collector.domain.phrases import BY_HAND, guardrail

Rows = list[list[Cell | str]]


def measure(key_result: KeyResult) -> Rows:
    """Give what is asked for the main series."""
    binding = key_result.binding
    if binding is None:
        return []
    rows: Rows = [[who, what] for who, what in _asked_of(binding)]
    rows.append(["every", str(binding.every)])
    for name, text in texts(binding).items():
        first, *others = text.strip().split("\n")
        rows.append([name, first])
        rows += [["", line] for line in others]
    rows += [["pick", f"{label}={value}"] for label, value in binding.pick.items()]
    rows += [
        [name, str(span)] for name, span in (("matures", binding.matures), ("settle", binding.settle)) if span
    ]
    if binding.plausible is not None:
        rows.append(["plausible", f"{binding.plausible[0]:g} to {binding.plausible[1]:g}"])
    return rows


def _asked_of(binding: Binding) -> list[tuple[str, str]]:
    match binding.form:
        case ByHand(person=person):
            return [("entered", f"{BY_HAND} by hand, by {person}")]
        case Computed(formula=formula):
            return [("computed", formula.text)]
        case Query() | Ratio() | Events():
            return [("source", binding.source)]


def texts(binding: Binding) -> Mapping[str, str]:
    """Give the questions by what each asks for."""
    match binding.form:
        case Query(text=text):
            return {"query": text}
        case Ratio(numerator=numerator, denominator=denominator):
            return {"numerator": numerator, "denominator": denominator}
        case Events(counted=counted_, total=total, bad=bad):
            return {"bad" if bad else "good": counted_, "total": total}
        case Computed() | ByHand():
            return {}


def named(name: str, evidence: Collection[str], asks: Sequence[str]) -> str:
    """Call a fact of the evidence after the question it belongs to: `query_1` beside `query` is the second one's."""
    fact, _, part = name.rpartition("_")
    if fact in evidence and part.isdecimal() and int(part) < len(asks):
        return f"{asks[int(part)]}: {fact}"
    return f"{asks[0]}: {name}" if asks and f"{name}_1" in evidence else name


def guardrails(key_result: KeyResult, verdict: Evaluation | None) -> Rows:
    """Give each guardrail with its value, bound and health."""
    said = verdict.guardrails if verdict is not None else ()
    rows: Rows = []
    for one in said:
        tone = Tone.BAD if one.breached else Tone.FAINT if one.health.freezes else None
        rows.append([one.id, Cell(f"{one.title}: {guardrail(one, key_result.guardrails)}", tone)])
    return rows


def parts(everything: Everything) -> Rows:
    """Give the series beside the main one, with their newest values and where these come from."""
    verdict = everything.standing.evaluation
    return [[one.name, part(one, verdict)] for one in everything.parts]


def part(one: Part, verdict: Evaluation | None) -> str:
    """Say the newest value of a part, its age, its source, and what is wrong with it."""
    current = one.current
    words = [measured(current.value, one.binding.unit)]
    if current.as_of is not None and verdict is not None:
        words.append(f"{ago(verdict.at - current.as_of)} old")
    words += [f"{who} {what}" if who == "source" else what for who, what in _asked_of(one.binding)]
    if current.held:
        words.append(f"{counted(current.held, 'reading')} held")
    if current.failing:
        reason = current.failing.replace("_", " ")
        words.append(f"{reason}: {current.detail}" if current.detail else reason)
    return ", ".join(words)
