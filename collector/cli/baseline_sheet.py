"""Shows a baseline with its evidence, and has it taken anew or frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.cli import select
from collector.cli.actor import actor
from collector.cli.asked import Asked
from collector.cli.changing import changing
from collector.cli.instants import stamp
from collector.cli.marks import measured
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.show_sheet import why_no_baseline
from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.explanation import number
from collector.domain.okr import KeyResult
from collector.errors import UsageError
from collector.services.read_models import standings
from collector.services.rebaseline import By, Rebaselined, freeze_baseline, rebaseline

KINDS = {
    BaselineKind.TYPED: "typed: the author's word",
    BaselineKind.MEASURED: "measured: the median of the days before the cycle",
    BaselineKind.FIRST_READING: "first reading: the source gave nothing about the time before",
    BaselineKind.LAST_CYCLE: "last cycle: what it closed with",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done to the baseline, as typed."""

    again: bool
    freeze: bool
    why: str | None
    by: str | None

    @property
    def changes(self) -> bool:
        """Whether anything is to be done at all."""
        return self.again or self.freeze

    def signed(self, at: datetime) -> By:
        """Give who does it and why. Raises `UsageError` where the reason is missing."""
        why = (self.why or "").strip()
        if self.again and not why:
            raise UsageError("--again takes a frozen word back: say --why")
        return By(actor(self.by), why, at)


def show_baseline(asked: Asked, name: str, wanted: Wanted) -> None:
    """Print the baseline of the key result that `name` names, after having changed it where that is wanted."""
    at = now()
    if wanted.changes:
        by = wanted.signed(at)
        with changing(asked, [name], at) as (app, [key_result]):
            change = freeze_baseline if wanted.freeze and not wanted.again else None
            okrs, routes = app.configuration.okrs, app.configuration.notifiers
            if change is not None:
                done = change(app.store, okrs, routes, key_result, by)
            else:
                done = rebaseline(app.store, okrs, routes, key_result, by, freeze=wanted.freeze)
        emit(asked, _report(key_result, done.now, done))
        return
    if wanted.why is not None or wanted.by is not None:
        raise UsageError("--why and --by go with --again or --freeze; nothing was changed")
    with kept(asked) as app:
        key_result = select.key_result(app.configuration.okrs, name, at)
        standing = next(
            one
            for one in standings(app.store, app.configuration.okrs, at)
            if one.key_result.key == key_result.key
        )
    emit(asked, _report(key_result, standing.baseline, None))


def _report(key_result: KeyResult, baseline: Baseline | None, done: Rebaselined | None) -> Report:
    document = _document(key_result, baseline, done)
    flat = {name: value for name, value in document.items() if name not in ("evidence", "was")}
    columns = (Column("what"), Column("found"))
    sections = [
        Section(_rows(key_result, baseline, done)),
        Section(_evidence(key_result, baseline), "Evidence"),
    ]
    sheet = Sheet(
        columns,
        [one for one in sections if one.rows],
        above=[Cell(key_result.title, Tone.TITLE)],
        header=False,
    )
    return Report(document, [flat], sheet)


def _rows(
    key_result: KeyResult, baseline: Baseline | None, done: Rebaselined | None
) -> list[list[Cell | str]]:
    rows: list[list[Cell | str]] = [["address", key_result.key]]
    if baseline is None:
        return [*rows, ["baseline", Cell(why_no_baseline(key_result), Tone.FAINT)]]
    if done is not None:
        rows.append(["was", measured(done.was.value, key_result.unit) if done.was else "nothing"])
    rows += [
        ["baseline", Cell(measured(baseline.value, key_result.unit), Tone.TITLE)],
        ["kind", KINDS[baseline.kind]],
        ["spread", f"±{number(baseline.spread)}" if baseline.spread is not None else "–"],
        ["may move", "yes: late data may still come" if baseline.provisional else "no: it is frozen"],
    ]
    return [*rows, ["counts from", stamp(baseline.at)]] if baseline.at is not None else rows


def _evidence(key_result: KeyResult, baseline: Baseline | None) -> list[list[Cell | str]]:
    if baseline is None:
        return []
    rows: list[list[Cell | str]] = []
    for name, fact in baseline.evidence.items():
        if isinstance(fact, dict):
            rows += [
                [f"· {key_result.cycle.grid.name(int(day))}", number(value)] for day, value in fact.items()
            ]
        elif fact not in (None, ""):
            rows.append([name.replace("_", " "), str(fact)])
    return rows


def _document(key_result: KeyResult, baseline: Baseline | None, done: Rebaselined | None) -> dict[str, Any]:
    known = (
        baseline.document()
        if baseline is not None
        else dict.fromkeys(("kind", "value", "spread", "provisional", "at", "evidence"))
    )
    was = done.was.document() if done is not None and done.was is not None else None
    head = {"address": key_result.address, "cycle": key_result.cycle.id, "unit": key_result.unit}
    return {**head, **known, "was": was}
