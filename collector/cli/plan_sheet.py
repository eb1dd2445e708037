"""Lays a plan out: one row a key result, its trouble in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from collector.cli.asked import Asked
from collector.cli.marks import outcome, promised, way, word
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.planning import Difference, Planned, make_plan
from collector.domain.sample import Gap, Sample
from collector.domain.shape import Reach

_SIGNS = {
    Difference.NEW: "+",
    Difference.MEASURE: "~",
    Difference.PROMISE: "~",
    Difference.BOTH: "~",
    Difference.SAME: " ",
}
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


def print_plan(asked: Asked) -> bool:
    """Plan, print, and tell whether every question was answered."""
    plan = make_plan(asked)
    emit(asked, _report(plan.key_results, plan.gone))
    return not any(one.failed for one in plan.key_results)


def _report(planned: Sequence[Planned], gone: Sequence[str]) -> Report:
    records = [_record(one) for one in planned]
    document = {"key_results": records, "gone": list(gone), "failed": sum(one.failed for one in planned)}
    rows = [_row(one) for one in planned]
    rows += [["-", key.partition(":")[2], "", "", "", "", Difference.GONE.value, ""] for key in gone]
    return Report(document, records, Sheet(COLUMNS, [Section(rows)], below=["", _summary(planned, gone)]))


def _row(one: Planned) -> list[Cell | str]:
    key_result = one.key_result
    mark = Cell("!", Tone.BAD) if one.failed else Cell(_SIGNS[one.difference])
    value = outcome(one.left, key_result.unit) if one.left is not None else Cell("–")
    status = word(one.standing) if one.standing is not None else Cell("–")
    source = key_result.binding.source if key_result.binding else "–"
    return [mark, key_result.address, source, value, _way(one), status, one.difference.value, _trouble(one)]


def _way(one: Planned) -> str:
    baseline, target = _numbers(one)
    return way(one.key_result, baseline, target)


def _numbers(one: Planned) -> tuple[float | None, float | None]:
    shape = one.key_result.shape
    if one.baseline is not None and isinstance(shape, Reach):
        return one.baseline.value, shape.target(one.baseline.value)
    return promised(one.key_result)


def _trouble(one: Planned) -> str:
    if isinstance(one.left, Gap):
        return one.left.detail
    return one.key_result.not_run or ""


def _record(one: Planned) -> dict[str, Any]:
    key_result, left = one.key_result, one.left
    baseline, target = _numbers(one)
    verdict = one.standing.evaluation if one.standing is not None else None
    return {
        "address": key_result.address,
        "cycle": key_result.cycle.id,
        "source": key_result.binding.source if key_result.binding else None,
        "unit": key_result.unit,
        "change": one.difference.value,
        "as_of": left.slot.isoformat() if left is not None else None,
        "value": left.value if isinstance(left, Sample) else None,
        "reason": left.reason.value if isinstance(left, Gap) else None,
        "trouble": _trouble(one) or None,
        "baseline": baseline,
        "baseline_kind": one.baseline.kind.value if one.baseline else None,
        "target": target,
        "status": verdict.status.value if verdict is not None else None,
        "place": key_result.place,
    }


def _summary(planned: Sequence[Planned], gone: Sequence[str]) -> str:
    counts = Counter(one.difference for one in planned)
    changed = counts[Difference.MEASURE] + counts[Difference.PROMISE] + counts[Difference.BOTH]
    failed = sum(one.failed for one in planned)
    parts = [
        f"{counts[Difference.NEW]} new",
        f"{changed} changed",
        f"{counts[Difference.SAME]} unchanged",
        f"{len(gone)} gone",
    ]
    return f"{', '.join(parts)}; {failed} of {len(planned)} failed. Nothing was written."
