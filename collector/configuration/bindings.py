"""Makes bindings of written measures: which source is asked what, when, and what an answer may look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from collector.configuration.documents.measures import Measure
from collector.configuration.documents.scalars import QueryText
from collector.configuration.entries import LATER_SOURCES
from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.parse import WrittenKrd, WrittenOkrs
from collector.configuration.queries import Queries, counts_the_cycle, uses_window
from collector.configuration.roll import Roll
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc
from collector.domain.cadence import Cron, Every, Months
from collector.domain.cycle import REAL_DAY, Cycle
from collector.domain.lint.finding import Place
from collector.domain.measure import Binding, Form, OnEmpty, Query, Ratio, WholeCycle, Window
from collector.domain.span import ZERO, Span
from collector.ports.catalogue import SourceEntry
from connectors.api import ConnectorKind

_FORM_KEYS = ("query", "numerator", "denominator", "good", "bad", "total", "expression", "by_hand")
_FORMS: tuple[frozenset[str], ...] = (
    frozenset({"query"}), frozenset({"numerator", "denominator"}), frozenset({"good", "total"}),
    frozenset({"bad", "total"}), frozenset({"expression"}), frozenset({"by_hand"}),
)  # fmt: skip
_LATER = {
    frozenset({"good", "total"}): "events of an slo (good or bad, and total) are not measured yet",
    frozenset({"bad", "total"}): "events of an slo (good or bad, and total) are not measured yet",
    frozenset({"expression"}): "expressions over measures are not computed yet",
    frozenset({"by_hand"}): "values by hand are not taken yet",
}
_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class MeasureInFile:
    """A measure with its `use` resolved: each key still knows where it was written."""

    measure: Measure
    file: SourceFile
    loc: Loc
    shared: Loc | None = None
    own: frozenset[str] = frozenset()

    @property
    def form(self) -> frozenset[str]:
        """The keys that tell its form."""
        return frozenset(key for key in _FORM_KEYS if getattr(self.measure, key) is not None)

    def at(self, key: str) -> Loc:
        """Give the way to a key: in the key result's own measure, or in the one it uses."""
        return (*(self.loc if self.shared is None or key in self.own else self.shared), key)

    def place(self, key: str = "") -> Place:
        """Give the place of a key's value, or of the whole measure."""
        return self.file.place(self.at(key) if key else self.loc)


@dataclass(frozen=True, slots=True)
class Bound:
    """What became of a measure: a binding, or one clause why it is not run; neither after an error."""

    binding: Binding | None = None
    not_run: str | None = None


def resolve(measure: Measure, loc: Loc, okrs: WrittenOkrs, findings: Findings) -> MeasureInFile | None:
    """Follow `use` and check that the measure has exactly one form; nothing after an error."""
    found: MeasureInFile | None = MeasureInFile(measure, okrs.file, loc)
    if measure.use is not None:
        found = _used(measure, measure.use, loc, okrs, findings)
    if found is None:
        return None
    keys = found.form
    if keys in _FORMS:
        return found
    told = (
        f"the measure has {' and '.join(f'`{key}`' for key in _FORM_KEYS if key in keys)}"
        if keys
        else "the measure says not what is read"
    )
    findings.error(
        "KRD501", found.place(), told,
        "write exactly one form: query; numerator and denominator; good or bad, and total; expression; by_hand; or use",
    )  # fmt: skip
    return None


def _used(
    measure: Measure, name: str, loc: Loc, okrs: WrittenOkrs, findings: Findings
) -> MeasureInFile | None:
    place = okrs.file.place((*loc, "use"))
    if name not in okrs.measures:
        if name not in okrs.measure_names:
            findings.error(
                "KRD306",
                place,
                f"there is no measure `{name}` in this file",
                did_you_mean(name, okrs.measure_names),
            )
        return None
    shared = okrs.measures[name]
    if shared.use is not None:
        findings.error("KRD501", place, f"the measure `{name}` itself uses another one", "use that one")
        return None
    own = {key: getattr(measure, key) for key in measure.model_fields_set - {"use"}}
    if any(key in own for key in _FORM_KEYS):
        findings.error(
            "KRD501", okrs.file.place(loc), "the measure has `use` and a query of its own", "keep one of them"
        )
        return None
    return MeasureInFile(shared.model_copy(update=own), okrs.file, loc, ("measures", name), frozenset(own))


@dataclass(frozen=True, slots=True)
class Binder:
    """Binds measures to the sources of `krd.yaml`."""

    krd: WrittenKrd
    sources: Mapping[str, SourceEntry]
    kinds: Mapping[str, ConnectorKind]
    queries: Queries
    roll: Roll

    @property
    def findings(self) -> Findings:
        """Where mistakes go."""
        return self.roll.findings

    def bind(self, found: MeasureInFile, cycle: Cycle) -> Bound:
        """Make the binding of a measure in a cycle."""
        measure, form = found.measure, found.form
        if measure.plausible is not None and measure.plausible[0] >= measure.plausible[1]:
            self.findings.error(
                "KRD506", found.place("plausible"), "the plausible range is empty", "write [lowest, highest]"
            )
            return Bound()
        if measure.by_hand is not None:
            self.roll.person(measure.by_hand, found.place("by_hand"))
        if form in _LATER and measure.source is None:
            return Bound(not_run=_LATER[form])
        kind = self._kind(found)
        if isinstance(kind, Bound):
            return kind
        if form in _LATER:
            return Bound(not_run=_LATER[form])
        return self._bind(found, kind, cycle)

    def _bind(self, found: MeasureInFile, kind: ConnectorKind, cycle: Cycle) -> Bound:
        measure = found.measure
        every = measure.every or _as_every(kind.default_every)
        texts = [
            self._text(found, kind, key) for key in ("query", "numerator", "denominator") if key in found.form
        ]
        if not self._every_fits(every, found, cycle) or any(text is None for text in texts):
            return Bound()
        good = [text for text in texts if text is not None]
        window = self._window(found, every, [text for text, _ in good])
        if window is None or measure.source is None:
            return Bound()
        form: Form = Query(good[0][0]) if len(good) == 1 else Ratio(good[0][0], good[1][0])
        return Bound(
            Binding(
                source=measure.source,
                form=form,
                every=every,
                window=window,
                unit=measure.unit or "",
                pick=measure.pick or {},
                matures=measure.matures or ZERO,
                settle=measure.settle or ZERO,
                lag=measure.lag or ZERO,
                plausible=measure.plausible,
                on_empty=measure.on_empty or OnEmpty.GAP,
                allow_partial=measure.allow_partial,
                answers_the_past=all(past for _, past in good),
            )
        )

    def check_total(self, found: MeasureInFile, binding: Binding) -> None:
        """Check that the query of a total counts the whole cycle."""
        if not isinstance(binding.window, WholeCycle):
            self.findings.error(
                "KRD508",
                found.place("window"),
                "the measure of a total covers less than the cycle",
                "add `window: cycle`",
            )
        elif not any(counts_the_cycle(text) for text in binding.texts):
            self.findings.warn(
                "KRD505", found.place("query"), "the query of this total does not look at the cycle's start",
                "count from `since` (the cycle's start) to `until`",
            )  # fmt: skip

    def _kind(self, found: MeasureInFile) -> ConnectorKind | Bound:
        name = found.measure.source
        if name is None:
            self.findings.error(
                "KRD202",
                found.place(),
                "the key `source` is missing in `measure`",
                "name a source of krd.yaml",
            )
            return Bound()
        sources = self.krd.names["sources"]
        if name not in sources:
            self.findings.error(
                "KRD303",
                found.place("source"),
                f"there is no source `{name}` in krd.yaml",
                did_you_mean(name, sources),
            )
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

    def _text(self, found: MeasureInFile, kind: ConnectorKind, key: str) -> tuple[str, bool] | None:
        written: QueryText = getattr(found.measure, key)
        loc = found.at(key)
        text = self.queries.text(written, found.file, loc)
        return None if text is None else (text, self.queries.check(text, written, kind, found.file, loc))

    def _every_fits(self, every: Every, found: MeasureInFile, cycle: Cycle) -> bool:
        place = found.place("every")
        if isinstance(every, Months) and cycle.short:
            what = f"the cycle {cycle.id} sets its own `day` and has no months"
            self.findings.error("KRD603", place, what, "write `every` in days, or in seconds")
            return False
        if not isinstance(every, Span):
            return True
        if cycle.nominal(every) < _SHORTEST:
            self.findings.error("KRD603", place, f"every {every} is less than a second", "write at least 1s")
            return False
        if cycle.nominal(every) > cycle.ends - cycle.starts:
            self.findings.warn(
                "KRD603", place, f"every {every} is longer than the cycle {cycle.id}: it would be read once at most",
                "write a shorter `every`",
            )  # fmt: skip
        return True

    def _window(self, found: MeasureInFile, every: Every, texts: list[str]) -> Window | None:
        if found.measure.window is not None:
            if isinstance(found.measure.window, Span) and not found.measure.window:
                self.findings.error(
                    "KRD605", found.place("window"), "the window has no length", "write 1d, 7d or cycle"
                )
                return None
            return found.measure.window
        if isinstance(every, Span):
            return every
        if any(uses_window(text) for text in texts):
            what = f"the query uses its window, but `every: {every}` does not tell how long one is"
            self.findings.error("KRD605", found.place("every"), what, "add `window`, such as 30d or cycle")
            return None
        return Span(days=1)


def _as_every(default: timedelta) -> Span:
    """A whole number of days means days of the cycle (`ConnectorKind.default_every`)."""
    days, rest = divmod(default, REAL_DAY)
    return Span(real=default) if rest else Span(days=days)


def longest(every: Every) -> Span:
    """Give a span that one interval never exceeds; nothing for cron, whose intervals differ."""
    match every:
        case Span():
            return every
        case Months(count=count):
            return Span(days=31 * count)
        case Cron():
            return ZERO
