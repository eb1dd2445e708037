"""Makes bindings of written measures: which source is asked what, when, and what an answer may look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from collector.configuration.by_hand import bind_by_hand
from collector.configuration.documents.scalars import QueryText
from collector.configuration.entries import LATER_SOURCES
from collector.configuration.expressions import Bound, Expressions
from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.forms import MeasureInFile, keys_fit
from collector.configuration.intervals import as_every, every_fits, window_of
from collector.configuration.parse import WrittenKrd, WrittenOkrs
from collector.configuration.queries import Asked, Queries, counts_the_cycle
from collector.configuration.roll import Roll
from collector.domain.cadence import Every
from collector.domain.cycle import Cycle
from collector.domain.measure import Binding, Events, Form, OnEmpty, Query, Ratio, WholeCycle
from collector.domain.span import ZERO
from collector.ports.catalogue import SourceEntry
from connectors.api import ConnectorKind

_PARTS = ("query", "numerator", "denominator", "good", "bad", "total")
"""Keys that hold a question, in the order of the parts of a form."""


@dataclass(frozen=True, slots=True)
class Binder:
    """Binds measures to the sources of `krd.yaml`, as things stand `at`."""

    krd: WrittenKrd
    sources: Mapping[str, SourceEntry]
    kinds: Mapping[str, ConnectorKind]
    queries: Queries
    roll: Roll
    at: datetime
    _expressions: Expressions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_expressions", Expressions(self._asked, self.findings))

    @property
    def findings(self) -> Findings:
        """Where mistakes go."""
        return self.roll.findings

    def look_at(self, okrs: WrittenOkrs) -> None:
        """Check the measures that a file shares, before any of them is bound."""
        self._expressions.look_at(okrs)

    def bind(self, found: MeasureInFile, cycle: Cycle) -> Bound:
        """Make the binding of a measure in a cycle."""
        if not keys_fit(found, self.findings):
            return Bound()
        if "expression" in found.form:
            every = found.measure.every
            if every is not None and not every_fits(every, found, cycle, self.findings):
                return Bound()
            return self._expressions.bind(found, cycle)
        if "by_hand" in found.form:
            self.roll.person(found.measure.by_hand, found.place("by_hand"))
            return Bound(bind_by_hand(found, cycle, self.at, self.findings))
        return self._asked(found, cycle, None)

    def counting(self, found: MeasureInFile, binding: Binding) -> Binding:
        """Check that the measure of a total counts the whole cycle; what a person enters is such a count."""
        if binding.by_hand:
            return replace(binding, window=WholeCycle())
        if not isinstance(binding.window, WholeCycle):
            self.findings.error(
                "KRD508",
                found.place("window"),
                "the measure of a total covers less than the cycle",
                "add `window: cycle`" if binding.asked else "add `window: cycle` to what it is computed of",
            )
        elif binding.asked and not any(counts_the_cycle(text) for text in binding.texts):
            self.findings.warn(
                "KRD505", found.place("query"), "the query of this total does not look at the cycle's start",
                "count from `since` (the cycle's start) to `until`",
            )  # fmt: skip
        return binding

    def _asked(self, found: MeasureInFile, cycle: Cycle, given: Every | None) -> Bound:
        """Bind a measure that is asked of a source; the `every` of an expression goes before its own."""
        kind = self._kind(found)
        if isinstance(kind, Bound):
            return kind
        measure = found.measure
        every = given or measure.every or as_every(kind.default_every)
        parts = [self._part(found, kind, key) for key in _PARTS if key in found.form]
        asked = [part for part in parts if part is not None]
        # What an expression gives was checked where it stands.
        fits = given is not None or every_fits(every, found, cycle, self.findings)
        if not fits or len(asked) < len(parts):
            return Bound()
        window = window_of(found, every, [part.text for part in asked], self.findings)
        past = all(part.past for part in asked)
        if window is None or measure.source is None or not self._can_settle(found, past=past):
            return Bound()
        return Bound(
            Binding(
                source=measure.source,
                form=_form(found, [part.text for part in asked]),
                every=every,
                window=window,
                unit=measure.unit or ("%" if "total" in found.form else ""),
                pick=measure.pick or {},
                matures=measure.matures or ZERO,
                settle=measure.settle or ZERO,
                lag=measure.lag or ZERO,
                plausible=measure.plausible,
                on_empty=measure.on_empty or OnEmpty.GAP,
                allow_partial=measure.allow_partial,
                answers_the_past=past,
            )
        )

    def _can_settle(self, found: MeasureInFile, *, past: bool) -> bool:
        if past or not found.measure.settle:
            return True
        what = "`settle` reads late rows again, but this query cannot be asked about the past"
        self.findings.error("KRD510", found.place("settle"), what, "end its window with `until`")
        return False

    def _kind(self, found: MeasureInFile) -> ConnectorKind | Bound:
        name = found.measure.source
        if name is None:
            what, todo = "the key `source` is missing in `measure`", "name a source of krd.yaml"
            self.findings.error("KRD202", found.place(), what, todo)
            return Bound()
        sources = self.krd.names["sources"]
        if name not in sources:
            what = f"there is no source `{name}` in krd.yaml"
            self.findings.error("KRD303", found.place("source"), what, did_you_mean(name, sources))
            return Bound()
        source = self.krd.model.sources.get(name)
        if source is None:
            return Bound()
        kind = self.kinds.get(source.kind)
        if kind is not None:
            # A source whose options are wrong was reported there.
            return kind if name in self.sources else Bound()
        if source.kind not in LATER_SOURCES:
            return Bound()
        return Bound(not_run=f"the source {name} is of the kind {source.kind}, which is not read yet")

    def _part(self, found: MeasureInFile, kind: ConnectorKind, key: str) -> Asked | None:
        """Give one question as it is asked; nothing after an error."""
        written: QueryText = getattr(found.measure, key)
        loc = found.at(key)
        text = self.queries.text(written, found.file, loc)
        if text is None:
            return None
        if "total" not in found.form or kind.counter is None:
            return Asked(text, self.queries.check(text, written, kind, found.file, loc))
        if found.measure.pick is not None:
            what = "the increases of all series of a counter are added up: there is nothing to pick"
            todo = "write the labels into the selectors"
            self.findings.error("KRD509", found.place("pick"), what, todo)
        return self.queries.counted(text, written, kind, found.file, loc)


def _form(found: MeasureInFile, texts: list[str]) -> Form:
    if "query" in found.form:
        return Query(texts[0])
    if "numerator" in found.form:
        return Ratio(texts[0], texts[1])
    return Events(texts[0], texts[1], bad="bad" in found.form)
