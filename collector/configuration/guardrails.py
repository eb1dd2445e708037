"""Makes the guardrails of a key result: a series of its own for each, with the bounds that it must keep."""

from __future__ import annotations

from dataclasses import dataclass

from collector.configuration.bindings import Binder
from collector.configuration.documents.okrs import Guardrail as Written
from collector.configuration.findings import Findings
from collector.configuration.forms import resolve
from collector.configuration.parse import WrittenKeyResult, WrittenOkrs
from collector.configuration.yaml_tree import Loc
from collector.domain.cycle import Cycle
from collector.domain.okr import Guardrail


@dataclass(frozen=True, slots=True)
class Guarded:
    """What became of the guardrails: all of them, or one clause why they are not run; neither after an error."""

    guardrails: tuple[Guardrail, ...] = ()
    not_run: str | None = None
    sound: bool = True


def read_guardrails(found: WrittenKeyResult, okrs: WrittenOkrs, cycle: Cycle, binder: Binder) -> Guarded:
    """Read the guardrails of a key result in its cycle."""
    made: list[Guardrail] = []
    sound, not_run = True, None
    seen: set[str] = set()
    for number, written in enumerate(found.model.guardrails):
        loc = (*found.loc, "guardrails", number)
        if written.id in seen:
            what = f"there are two guardrails `{written.id}`"
            binder.findings.error("KRD408", okrs.file.place((*loc, "id")), what, "choose another id")
            sound = False
        seen.add(written.id)
        bounded = _bounded(written, loc, okrs, binder.findings)
        one = _read(written, loc, okrs, cycle, binder)
        if isinstance(one, Guardrail):
            made.append(one)
        elif one is not None:
            not_run = one
        sound = sound and bounded and one is not None
    return Guarded(tuple(made), not_run, sound)


def _read(
    written: Written, loc: Loc, okrs: WrittenOkrs, cycle: Cycle, binder: Binder
) -> Guardrail | str | None:
    """Give the guardrail, or why it is not run; nothing after an error."""
    measure = resolve(written.measure, (*loc, "measure"), okrs, binder.findings)
    if measure is None:
        return None
    if "by_hand" in measure.form:
        what = f"the guardrail `{written.id}` is entered by hand: between two values nobody watches"
        todo = "measure it at a source, or make it a key result"
        binder.findings.error("KRD507", measure.place(), what, todo)
        return None
    bound = binder.bind(measure, cycle)
    if bound.not_run is not None:
        return f"its guardrail {written.id} is not measured: {bound.not_run}"
    if bound.binding is None:
        return None
    return Guardrail(written.id, written.title, bound.binding, written.at_most, written.at_least)


def _bounded(written: Written, loc: Loc, okrs: WrittenOkrs, findings: Findings) -> bool:
    at_most, at_least = written.at_most, written.at_least
    if at_most is None and at_least is None:
        what, todo = f"the guardrail `{written.id}` has no bound", "write `at_most`, `at_least` or both"
    elif at_most is not None and at_least is not None and at_least >= at_most:
        what = f"nothing is within the bounds of the guardrail `{written.id}`"
        todo = "write an `at_least` below `at_most`"
    else:
        return True
    findings.error("KRD404", okrs.file.place(loc), what, todo)
    return False
