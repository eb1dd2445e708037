"""Enters a value by hand, and shows what it did to level and status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from collector.app import App
from collector.cli.actor import actor
from collector.cli.asked import Asked
from collector.cli.changing import alone, changing
from collector.cli.instants import instant, stamp
from collector.cli.marks import measured, sign, word
from collector.cli.opening import now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.okr import KeyResult
from collector.errors import UsageError
from collector.services.read_models import Standing, standings
from collector.services.record_by_hand import Entered, Entry, record_by_hand


@dataclass(frozen=True, slots=True)
class Typed:
    """A value as it was typed."""

    key_result: str
    value: str
    as_of: str | None
    note: str
    by: str | None
    cycle: str | None


def record_value(asked: Asked, typed: Typed) -> None:
    """Enter it, and print what came of it. Raises `UsageError` for what cannot be entered."""
    at, value, who = now(), _number(typed.value), actor(typed.by)
    with changing(asked, [typed.key_result], at, typed.cycle) as (app, [key_result]):
        entry = Entry(value, _day(typed.as_of, key_result.cycle, at), who, " ".join(typed.note.split()))
        before = _standing(app, key_result, at)
        okrs, routes = app.configuration.okrs, app.configuration.notifiers
        entered = record_by_hand(app.store, okrs, routes, key_result, entry, at)
        after = _standing(app, key_result, at)
    emit(asked, _report(entered, before, after, at))


def _number(text: str) -> float:
    from collector.configuration.documents.scalars import parse_number

    try:
        return parse_number(text)
    except ValueError as error:
        raise UsageError(f"VALUE: {error}") from None


def _day(text: str | None, cycle: Cycle, at: datetime) -> date | datetime:
    """Read the day a value stands for; else today's."""
    grid = cycle.grid
    if text is None:
        return at.astimezone(grid.zone).date() if isinstance(grid, CalendarDays) else at
    found = instant("--as-of", text, cycle)
    return found.astimezone(grid.zone).date() if isinstance(grid, CalendarDays) else found


def _standing(app: App, key_result: KeyResult, at: datetime) -> Standing:
    return standings(app.store, alone(app.configuration.okrs, [key_result]), at)[0]


def _report(entered: Entered, before: Standing, after: Standing, at: datetime) -> Report:
    document = _document(entered, before, after)
    columns = (Column("what"), Column("found"))
    heading = Cell(f"{sign(after.evaluation).text} {after.key_result.title}", Tone.TITLE)
    sheet = Sheet(columns, [Section(_rows(entered, before, after, at))], above=[heading], header=False)
    return Report(document, [document], sheet)


def _rows(entered: Entered, before: Standing, after: Standing, at: datetime) -> list[list[Cell | str]]:
    key_result, unit = after.key_result, after.key_result.unit
    sample, was = entered.sample, entered.was
    rows: list[list[Cell | str]] = [
        ["recorded", f"{measured(sample.value, unit)} for {key_result.cycle.grid.name(entered.day)}"],
        ["by", f"{sample.evidence['by']}, by hand"],
    ]
    if sample.evidence.get("note"):
        rows.append(["note", str(sample.evidence["note"])])
    if not entered.changed:
        rows.append(["before", "the same: nothing was written"])
    elif was is not None:
        rows.append(
            ["before", f"{measured(was.value, unit)}, from {was.evidence.get('by', 'nobody known')}: kept"]
        )
    if sample.slot > at:
        rows.append(["counts", f"from {stamp(sample.slot)} UTC on: when that day is over"])
    rows.append(["level", f"{measured(_level(before), unit)} → {measured(_level(after), unit)}"])
    rows.append(["status", f"{word(before).text} → {word(after).text}"])
    return [*rows, ["verdict", after.evaluation.sentence]] if after.evaluation is not None else rows


def _level(standing: Standing) -> float | None:
    return standing.evaluation.level if standing.evaluation is not None else None


def _document(entered: Entered, before: Standing, after: Standing) -> dict[str, Any]:
    key_result, sample, was = after.key_result, entered.sample, entered.was
    return {
        "address": key_result.address,
        "cycle": key_result.cycle.id,
        "slot": sample.slot.isoformat(),
        "day": entered.day,
        "counts_from": sample.slot.isoformat(),
        "value": sample.value,
        "was": was.value if was is not None and entered.changed else None,
        "changed": entered.changed,
        "by": sample.evidence["by"],
        "note": sample.evidence["note"],
        "level_before": _level(before),
        "level": _level(after),
        "status_before": before.evaluation.status.value if before.evaluation else None,
        "status": after.evaluation.status.value if after.evaluation else None,
        "sentence": after.evaluation.sentence if after.evaluation else None,
    }
