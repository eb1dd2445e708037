"""Finds what a measure says wherever it was written, and checks that its keys belong to one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.configuration.documents.measures import Measure
from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.parse import WrittenOkrs
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc
from collector.domain.lint.finding import Place

_FORM_KEYS = ("query", "numerator", "denominator", "good", "bad", "total", "expression", "by_hand")
_FORMS: tuple[frozenset[str], ...] = (
    frozenset({"query"}), frozenset({"numerator", "denominator"}), frozenset({"good", "total"}),
    frozenset({"bad", "total"}), frozenset({"expression"}), frozenset({"by_hand"}),
)  # fmt: skip
_ASKED = ("source", "pick", "window", "matures", "settle", "lag", "on_empty", "allow_partial")
"""Keys that speak to a source; `allow_partial` and the rest mean nothing where none is asked."""


@dataclass(frozen=True, slots=True)
class MeasureInFile:
    """A measure with its `use` resolved: each key still knows where it was written."""

    measure: Measure
    okrs: WrittenOkrs
    loc: Loc
    shared: Loc | None = None
    own: frozenset[str] = frozenset()

    @property
    def file(self) -> SourceFile:
        """The file it stands in."""
        return self.okrs.file

    @property
    def form(self) -> frozenset[str]:
        """The keys that tell its form."""
        return frozenset(key for key in _FORM_KEYS if getattr(self.measure, key) is not None)

    def says(self, key: str) -> bool:
        """Tell whether a key is written with a value."""
        return key in self.measure.model_fields_set and getattr(self.measure, key) is not None

    def at(self, key: str) -> Loc:
        """Give the way to a key: in the key result's own measure, or in the one it uses."""
        return (*(self.loc if self.shared is None or key in self.own else self.shared), key)

    def place(self, key: str = "") -> Place:
        """Give the place of a key's value, or of the whole measure."""
        return self.file.place(self.at(key) if key else self.loc)


def resolve(measure: Measure, loc: Loc, okrs: WrittenOkrs, findings: Findings) -> MeasureInFile | None:
    """Follow `use` and check that the measure has exactly one form; nothing after an error."""
    found: MeasureInFile | None = MeasureInFile(measure, okrs, loc)
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
            no_measure(name, okrs, place, findings)
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
    return MeasureInFile(shared.model_copy(update=own), okrs, loc, ("measures", name), frozenset(own))


def no_measure(name: str, okrs: WrittenOkrs, place: Place, findings: Findings) -> None:
    """Report a measure that is named and not there."""
    what = f"there is no measure `{name}` in this file"
    findings.error("KRD306", place, what, did_you_mean(name, okrs.measure_names))


def keys_fit(found: MeasureInFile, findings: Findings) -> bool:
    """Check that no key stands there that its form does not act on, since nobody would obey it; and the plausible range."""
    unfit = _unfit(found)
    for key, (why, todo) in unfit.items():
        findings.error("KRD509", found.place(key), why, todo)
    plausible = found.measure.plausible
    if plausible is not None and plausible[0] >= plausible[1]:
        what = "the plausible range is empty"
        findings.error("KRD506", found.place("plausible"), what, "write [lowest, highest]")
        return False
    return not unfit


def _unfit(found: MeasureInFile) -> Mapping[str, tuple[str, str]]:
    told: dict[str, tuple[str, str]] = {}
    form = found.form
    if "expression" in form:
        todo = "write it at the measures that the expression names"
        told |= {key: (f"an expression asks no source and has no `{key}`", todo) for key in _ASKED}
    elif "by_hand" in form:
        todo = f"remove it, or `by_hand: {found.measure.by_hand}`"
        told |= {key: (f"a value by hand is read from no source and has no `{key}`", todo) for key in _ASKED}
    elif "total" in form:
        told["on_empty"] = (
            "events have no `on_empty`: without one in all nothing is measured, and without a counted one none was",
            "remove it",
        )
        told["plausible"] = ("the share of events is always within 0 and 100", "remove `plausible`")
        if found.measure.unit != "%":
            told["unit"] = ("the share of events is told in percent", "remove `unit`")
    if "by_hand" not in form:
        told["values"] = ("`values` are entered by hand", "write `by_hand: person`, or remove them")
    return {key: words for key, words in told.items() if found.says(key)}
