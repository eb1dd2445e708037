"""Tells what is promised: the one shape of a key result, from its keys."""

from __future__ import annotations

from dataclasses import dataclass

from collector.configuration.documents.okrs import Bounds, KeyResult
from collector.configuration.documents.okrs import Keep as WrittenKeep
from collector.configuration.findings import Findings
from collector.configuration.forms import MeasureInFile
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc
from collector.domain.shape import Change, Keep, Measured, Reach, Shape, Slo, Total, Typed

_SHAPES = "write `from` and `to` (or `change`), or `total`, or `keep`, or `slo`"


def read_shape(written: KeyResult, file: SourceFile, loc: Loc, findings: Findings) -> Shape | None:
    """Give the shape of the key result at `loc`; nothing after an error."""
    found = [key for key in ("to", "change", "total", "keep", "slo") if getattr(written, key) is not None]
    if len(found) != 1:
        findings.error("KRD401", file.place(loc), _count_told(written, found), _SHAPES)
        return None
    if written.from_ is not None and found[0] in ("keep", "slo"):
        what = f"`from` stands beside `{found[0]}`, which has no way to go"
        findings.error("KRD401", file.place((*loc, "from")), what, "remove `from`")
        return None
    reader = _Reader(file, loc, findings)
    match found[0]:
        case "total":
            return reader.total(written, written.total or Bounds())
        case "keep" if written.keep is not None:
            return reader.keep(written.keep)
        case "slo" if written.slo is not None:
            return reader.slo(written.slo)
        case _:
            return reader.reach(written)


def fits(shape: Shape, found: MeasureInFile, findings: Findings) -> bool:
    """Check that the measure gives what the shape judges: events for an slo, a count for a total, a value otherwise."""
    events = "total" in found.form
    if isinstance(shape, Slo) and not events:
        findings.error(
            "KRD507",
            found.place(),
            "an slo counts events",
            "write `good` or `bad`, and `total`, in the measure",
        )
        return False
    if events and not isinstance(shape, Slo):
        findings.error(
            "KRD507",
            found.place(),
            "`good` or `bad` and `total` are events of an slo",
            "write `query`, or `slo` as the promise",
        )
        return False
    if isinstance(shape, Total) and "numerator" in found.form:
        findings.error("KRD507", found.place(), "a total counts, a ratio does not", "write `query`")
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Reader:
    file: SourceFile
    loc: Loc
    findings: Findings

    def reach(self, written: KeyResult) -> Reach | None:
        if written.change is not None:
            return self._change(written, written.change)
        if written.from_ is None or written.to is None:
            self._error(
                "KRD402", (), "`to` stands without `from`", "add `from`: a number, measured or last_cycle"
            )
            return None
        if isinstance(written.from_, Typed) and written.from_.value == written.to:
            self._error(
                "KRD402",
                ("to",),
                f"from {written.to:g} to {written.to:g} is no way to go",
                "write another target, or use `keep`",
            )
            return None
        return Reach(written.from_, written.to)

    def _change(self, written: KeyResult, change: Change) -> Reach | None:
        start = written.from_ or Measured()
        if isinstance(start, Typed) and change.relative and start.value == 0:
            what = f"{change.amount:+g} % of a baseline of 0 is 0"
            self._error("KRD402", ("change",), what, "write `to`, or a change in points such as -5pt")
            return None
        return Reach(start, change)

    def total(self, written: KeyResult, bounds: Bounds) -> Total | None:
        if (bounds.at_most is None) == (bounds.at_least is None):
            self._error(
                "KRD403",
                ("total",),
                "the total needs exactly one of `at_most` and `at_least`",
                "write one bound",
            )
            return None
        if bounds.at_least is not None and bounds.at_least <= 0:
            self._error(
                "KRD403", ("total", "at_least"), "at least 0 is always reached", "write a number above 0"
            )
            return None
        if bounds.at_most is not None and bounds.at_most < 0:
            self._error("KRD403", ("total", "at_most"), "a count is never below 0", "write 0 or more")
            return None
        if isinstance(written.from_, Measured):
            what = "the baseline of a total cannot be measured before the cycle"
            self._error("KRD403", ("from",), what, "write a number or last_cycle, or leave it out")
            return None
        return Total(bounds.at_most, bounds.at_least, written.from_)

    def keep(self, keep: WrittenKeep) -> Keep | None:
        if keep.at_most is None and keep.at_least is None:
            self._error("KRD404", ("keep",), "the band has no bound", "write `at_most`, `at_least` or both")
            return None
        if keep.at_most is not None and keep.at_least is not None and keep.at_least >= keep.at_most:
            self._error("KRD404", ("keep",), "the band is empty", "write an `at_least` below `at_most`")
            return None
        if not 0 < keep.share < 100:
            what = f"a share of {keep.share:g} % leaves nothing to judge"
            self._error(
                "KRD404",
                (
                    "keep",
                    "share",
                ),
                what,
                "write a number above 0 and below 100, such as 99",
            )
            return None
        return Keep(keep.share, keep.at_most, keep.at_least)

    def slo(self, percent: float) -> Slo | None:
        if not 0 < percent < 100:
            what = (
                f"an slo of {percent:g} % leaves no error budget"
                if percent >= 100
                else "an slo of 0 % promises nothing"
            )
            self._error("KRD405", ("slo",), what, "write a number above 0 and below 100, such as 99.9")
            return None
        return Slo(percent)

    def _error(self, code: str, steps: Loc, what: str, todo: str) -> None:
        self.findings.error(code, self.file.place((*self.loc, *steps)), what, todo)


def _count_told(written: KeyResult, found: list[str]) -> str:
    if found:
        return (
            f"the key result has {' and '.join(f'`{key}`' for key in found)}: they belong to different shapes"
        )
    return (
        "the key result has `from` but no target"
        if written.from_ is not None
        else "the key result has no target"
    )
