"""Binds expressions over the named measures of a file, and finds those that are defined by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from collector.configuration.findings import Findings
from collector.configuration.forms import MeasureInFile, keys_fit, no_measure, resolve
from collector.configuration.parse import WrittenOkrs
from collector.configuration.yaml_tree import Loc
from collector.domain.cadence import Every
from collector.domain.cycle import Cycle
from collector.domain.expression import Formula, WrongExpression, parse_formula
from collector.domain.lint.finding import Place
from collector.domain.measure import Binding, Computed, WholeCycle, Window
from collector.domain.span import Span

_MOST_CIRCLES = 20
"""Circles of a file that are reported at once; the others show when these are gone."""
_SHOWN = 6
"""Names of a circle that a finding lists."""

Ask = Callable[[MeasureInFile, Cycle, Every | None], "Bound"]
"""Binds a measure that is asked of a source, at the interval given when there is one."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What became of a measure: a binding, or one clause why it is not run; neither after an error."""

    binding: Binding | None = None
    not_run: str | None = None


@dataclass(frozen=True, slots=True)
class Expressions:
    """Binds the expressions of all files; `look_at` each file first."""

    ask: Ask
    findings: Findings
    _circular: dict[str, frozenset[str]] = field(default_factory=dict)
    """By file: the measures that are defined by themselves."""

    def look_at(self, okrs: WrittenOkrs) -> None:
        """Report the shared measures of a file that are no expressions, or are defined by themselves."""
        needs: dict[str, tuple[str, ...]] = {}
        for name, measure in okrs.measures.items():
            if measure.expression is not None:
                formula = self._formula(measure.expression, ("measures", name, "expression"), okrs)
                needs[name] = formula.names if formula else ()
            elif measure.use is not None:
                needs[name] = (measure.use,)
        circular: set[str] = set()
        for circle in islice(circles(needs), _MOST_CIRCLES):
            circular |= set(circle)
            self._report(circle, okrs)
        self._circular[okrs.file.name] = frozenset(circular)

    def bind(self, found: MeasureInFile, cycle: Cycle) -> Bound:
        """Make the binding of an expression, each operand with one of its own."""
        loc = found.at("expression")
        formula = self._formula(found.measure.expression or "", loc, found.okrs)
        if formula is None:
            return Bound()
        operands: dict[str, Binding] = {}
        for name in formula.names:
            operand = self._operand(name, self._place(formula.text, name, found, loc), found)
            bound = self.ask(operand, cycle, found.measure.every) if operand else Bound()
            if bound.not_run is not None:
                return bound
            if bound.binding is not None:
                operands[name] = bound.binding
        if len(operands) < len(formula.names) or not self._agree(operands, found, cycle):
            return Bound()
        return Bound(_binding(formula, operands, found, cycle))

    def _formula(self, text: str, loc: Loc, okrs: WrittenOkrs) -> Formula | None:
        try:
            return parse_formula(text)
        except WrongExpression as error:
            todo = "" if ";" in error.message else "correct the expression"
            self.findings.error("KRD511", okrs.file.in_words(loc, error.column), error.message, todo)
            return None

    def _operand(self, name: str, place: Place, found: MeasureInFile) -> MeasureInFile | None:
        okrs = found.okrs
        if name not in okrs.measures:
            if name not in okrs.measure_names:
                no_measure(name, okrs, place, self.findings)
            return None
        if name in self._circular[okrs.file.name]:
            return None
        operand = resolve(okrs.measures[name], ("measures", name), okrs, self.findings)
        if operand is None or not keys_fit(operand, self.findings):
            return None
        if operand.form & {"expression", "by_hand", "total"}:
            is_what = (
                "is itself an expression"
                if "expression" in operand.form
                else "is entered by hand"
                if "by_hand" in operand.form
                else "counts the events of an slo"
            )
            todo = "name measures with a `query`, or with `numerator` and `denominator`"
            self.findings.error("KRD513", place, f"the operand `{name}` {is_what}", todo)
            return None
        return operand

    def _agree(self, operands: Mapping[str, Binding], found: MeasureInFile, cycle: Cycle) -> bool:
        """Check that all operands have the same slots, and speak of the same time at each."""
        first, *others = operands.items()
        for name, binding in others:
            if binding.every != first[1].every:
                what = f"`{first[0]}` is read every {first[1].every}, `{name}` every {binding.every}: they never meet"
                todo = "add `every` to the expression"
                self.findings.error("KRD514", found.place("expression"), what, todo)
                return False
            if cycle.nominal(binding.matures) != cycle.nominal(first[1].matures):
                what = f"`{first[0]}` matures {first[1].matures}, `{name}` {binding.matures}: they speak of different days"
                todo = "write the same `matures` at both"
                self.findings.error("KRD514", found.place("expression"), what, todo)
                return False
        return True

    def _place(self, text: str, name: str, found: MeasureInFile, loc: Loc) -> Place:
        match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
        return found.file.in_words(loc, match.start() + 1 if match else 1)

    def _report(self, circle: Sequence[str], okrs: WrittenOkrs) -> None:
        name = circle[0]
        key = "use" if okrs.measures[name].use is not None else "expression"
        shown = [*circle[:_SHOWN], *(["…"] if len(circle) > _SHOWN else []), name]
        what = f"the measure `{name}` is defined by itself: {' needs '.join(shown)}"
        place = okrs.file.place(("measures", name, key))
        self.findings.error("KRD512", place, what, "let one of them ask a source")


def circles(needs: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Give ways that lead back to where they begin, one for every step back on a walk through all names."""
    done: set[str] = set()
    for start in needs:
        way: list[str] = []
        standing: dict[str, int] = {}
        ahead: list[Iterator[str]] = [iter((start,))]
        while ahead:
            name = next(ahead[-1], None)
            if name is None:
                ahead.pop()
                if way:
                    left = way.pop()
                    del standing[left]
                    done.add(left)
            elif name in standing:
                yield tuple(way[standing[name] :])
            elif name in needs and name not in done:
                standing[name] = len(way)
                way.append(name)
                ahead.append(iter(needs[name]))


def _binding(
    formula: Formula, operands: Mapping[str, Binding], found: MeasureInFile, cycle: Cycle
) -> Binding:
    bindings = tuple(operands.values())
    return Binding(
        source="",
        form=Computed(formula, operands),
        every=bindings[0].every,
        window=_window(bindings, cycle),
        unit=found.measure.unit or "",
        matures=bindings[0].matures,
        settle=max((binding.settle for binding in bindings), key=cycle.nominal),
        plausible=found.measure.plausible,
        answers_the_past=all(binding.answers_the_past for binding in bindings),
    )


def _window(bindings: Sequence[Binding], cycle: Cycle) -> Window:
    """The longest window of all: a slot whose operand counts the cycle has no value before the cycle's start."""
    spans = [binding.window for binding in bindings if isinstance(binding.window, Span)]
    return WholeCycle() if len(spans) < len(bindings) else max(spans, key=cycle.nominal)
