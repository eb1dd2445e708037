"""Lays a plan out: one row a key result, its trouble in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from collector.cli.asked import Asked
from collector.cli.marks import outcome, promised, way, word
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.plain import for_markdown
from collector.cli.plan_comment import Remarked, comment
from collector.cli.planning import Difference, Planned, make_plan
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS
from collector.domain.measure import ByHand
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, Sample
from collector.domain.shape import Reach
from collector.services.ask import ASSUMED
from collector.services.read_models import Standing

_SIGNS = {
    Difference.NEW: "+",
    Difference.RENAMED: ">",
    Difference.MEASURE: "~",
    Difference.PROMISE: "~",
    Difference.BOTH: "~",
    Difference.SAME: " ",
}
NOT_KNOWN = "not_known"
"""What stands for a status that only reading the source can tell."""
COLUMNS = (
    Column(""),
    Column("key result"),
    Column("source"),
    Column("value now", right=True),
    Column("baseline → target"),
    Column("status"),
    Column("change"),
    Column("trouble"),
)


def print_plan(asked: Asked, *, offline: bool) -> bool:
    """Plan, print, and tell whether every question was answered."""
    plan = make_plan(asked, offline=offline)
    emit(asked, _report(plan.key_results, plan.gone))
    return not any(one.failed for one in plan.key_results)


def _report(planned: Sequence[Planned], gone: Sequence[str]) -> Report:
    records = [_record(one) for one in planned]
    document = {"key_results": records, "gone": list(gone), "failed": sum(one.failed for one in planned)}
    rows = [_row(one) for one in planned] + _gone_rows(gone)
    below = ["", *_notes(planned), _summary(planned, gone)]
    sheet = Sheet(COLUMNS, [Section(rows)], below=below)
    return Report(document, records, sheet, markdown=_comment(planned, gone))


def _gone_rows(gone: Sequence[str]) -> list[list[Cell | str]]:
    return [["-", key.partition(":")[2], "", "", "", "", Difference.GONE.value, _GONE] for key in gone]


def _comment(planned: Sequence[Planned], gone: Sequence[str]) -> str:
    told = [one for one in planned if one.difference is not Difference.SAME or one.failed]
    remarked = Remarked(
        warnings=[
            f"{for_markdown(one.key_result.address)}: the {one.unexplained} changes without a reason; add a `changes:` entry "
            f"({for_markdown(one.key_result.place)})"
            for one in planned
            if one.unexplained
        ],
        changed=[_row(one) for one in told] + _gone_rows(gone),
        reasons=[for_markdown(f"{one.key_result.address}: {why}") for one in told if (why := _reason(one))],
        same=[_row(one) for one in planned if one not in told],
        summary=_summary(planned, gone),
    )
    return comment(COLUMNS, remarked)


def _reason(one: Planned) -> str:
    """Give the newest reason that the file tells for an edit that is explained."""
    if one.difference not in _EDITED or one.unexplained or not one.key_result.changes:
        return ""
    newest = max(one.key_result.changes, key=lambda edit: edit.on)
    return f"{newest.why} ({newest.on})"


_EDITED = (Difference.MEASURE, Difference.PROMISE, Difference.BOTH)
_GONE = "stays on the sheets as removed without a reason; write `retired: {on, why}` before taking it out"


def _notes(planned: Sequence[Planned]) -> list[str]:
    """Say what a reviewer should ask about: edits without a reason, in the order of the files."""
    return [
        f"{one.key_result.address}: the {one.unexplained} changes without a reason; add "
        f"`changes: [{{on: DATE, why: …}}]` ({one.key_result.place})"
        for one in planned
        if one.unexplained
    ]


def _row(one: Planned) -> list[Cell | str]:
    key_result = one.key_result
    mark = Cell("!", Tone.BAD) if one.failed else Cell(_SIGNS[one.difference])
    value = outcome(one.left, key_result.unit) if one.left is not None else Cell("–")
    return [
        mark,
        key_result.address,
        _source(key_result),
        value,
        _way(one),
        _status(one),
        _difference(one),
        _trouble(one),
    ]


def _source(key_result: KeyResult) -> str:
    """Name what is asked for it: its source, those of its operands, or the person who enters it."""
    if key_result.binding is None:
        return "–"
    if isinstance(key_result.binding.form, ByHand):
        return f"by hand: {key_result.binding.form.person}"
    asked = (key_result.binding, *key_result.binding.operands.values())
    return ", ".join(dict.fromkeys(binding.source for binding in asked if binding.asked))


def _status(one: Planned) -> Cell:
    """Give the verdict, and where the files change it, the one before and the one after, as far as that can be known."""
    if one.unread:
        was = f"{WORDS[one.said.status]} → " if one.said is not None else ""
        return Cell(f"{was}not known until it is read", Tone.WORRY)
    if one.said is not None and one.would_say is not None and one.said.status is not one.would_say.status:
        return Cell(f"{WORDS[one.said.status]} → {WORDS[one.would_say.status]}", Tone.WORRY)
    if (coming := _coming(one)) is not None:
        return word(Standing(one.key_result, coming))
    return word(one.standing) if one.standing is not None else Cell("–")


def _coming(one: Planned) -> Evaluation | None:
    """Give the verdict of a key result under whose address nothing is kept yet: one that was renamed brings its own."""
    known = one.standing is not None and one.standing.evaluation is not None
    return one.would_say if not known else None


def _difference(one: Planned) -> str:
    was = one.renamed_from.partition(":")[2]
    return f"{one.difference.value}, was {was}" if was else one.difference.value


def _way(one: Planned) -> str:
    baseline, target = _numbers(one)
    return way(one.key_result, baseline, target)


def _numbers(one: Planned) -> tuple[float | None, float | None]:
    shape = one.key_result.shape
    if one.baseline is not None and isinstance(shape, Reach):
        return one.baseline.value, shape.target(one.baseline.value)
    baseline, target = promised(one.key_result)
    would = _coming(one)
    if would is None:
        return baseline, target
    return (baseline if baseline is not None else would.baseline), (
        target if target is not None else would.target
    )


def _trouble(one: Planned) -> str:
    if isinstance(one.left, Gap):
        return one.left.detail
    if one.left is not None and ASSUMED in one.left.evidence:
        return str(one.left.evidence[ASSUMED])
    return one.key_result.not_run or ""


def _record(one: Planned) -> dict[str, Any]:
    key_result, left = one.key_result, one.left
    baseline, target = _numbers(one)
    stands = one.standing.evaluation if one.standing is not None else None
    return {
        "address": key_result.address,
        "cycle": key_result.cycle.id,
        "source": _source(key_result) if key_result.binding else None,
        "unit": key_result.unit,
        "change": one.difference.value,
        "as_of": left.slot.isoformat() if left is not None else None,
        "value": left.value if isinstance(left, Sample) else None,
        "reason": left.reason.value if isinstance(left, Gap) else None,
        "trouble": _trouble(one) or None,
        "baseline": baseline,
        "baseline_kind": _baseline_kind(one),
        "target": target,
        "status": stands.status.value if stands is not None else _status_after(one),
        "status_before": one.said.status.value if one.said is not None else None,
        "status_after": _status_after(one),
        "renamed_from": one.renamed_from or None,
        "unexplained": one.unexplained or None,
        "place": key_result.place,
    }


def _status_after(one: Planned) -> str | None:
    if one.unread:
        return NOT_KNOWN
    return one.would_say.status.value if one.would_say is not None else None


def _baseline_kind(one: Planned) -> str | None:
    if one.baseline is not None:
        return one.baseline.kind.value
    coming = _coming(one)
    return (coming.baseline_kind or None) if coming is not None else None


def _summary(planned: Sequence[Planned], gone: Sequence[str]) -> str:
    counts = Counter(one.difference for one in planned)
    changed = counts[Difference.MEASURE] + counts[Difference.PROMISE] + counts[Difference.BOTH]
    failed = sum(one.failed for one in planned)
    asked = sum(one.left is not None for one in planned)
    parts = [
        f"{counts[Difference.NEW]} new",
        f"{changed} changed",
        f"{counts[Difference.SAME]} unchanged",
        f"{len(gone)} gone",
    ]
    if counts[Difference.RENAMED]:
        parts.append(f"{counts[Difference.RENAMED]} renamed")
    answers = f"{failed} of {asked} failed" if asked else "no source was asked"
    return f"{', '.join(parts)}; {answers}. Nothing was written."
