"""Says something beside the numbers, decides on held readings, and lists both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.cli import select
from collector.cli.actor import actor
from collector.cli.asked import Asked
from collector.cli.changing import changing
from collector.cli.instants import instant, written
from collector.cli.marks import measured
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.rulings import Ruling, rulings
from collector.domain.okr import MAIN, KeyResult
from collector.errors import UsageError
from collector.ports.kept import Annotation
from collector.services.account import WHY_HELD
from collector.services.annotate import annotate, annotations_of
from collector.services.release import Decided, Decision, decide, held_of


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed behind the key result."""

    words: tuple[str, ...]
    at: str | None
    why: str | None
    by: str | None
    release: bool
    discard: bool

    @property
    def decides(self) -> bool:
        """Whether it is about held readings."""
        return self.release or self.discard


def annotate_one(asked: Asked, name: str, said: Said) -> None:
    """Do what was said of the key result that `name` names. Raises `UsageError` for words that go with nothing."""
    if said.decides:
        _decide(asked, name, said)
    elif said.words:
        _annotate(asked, name, said)
    else:
        _list(asked, name, said)


def _annotate(asked: Asked, name: str, said: Said) -> None:
    if len(said.words) > 1:
        raise UsageError("the text is one word of the command: put it in quotes")
    if said.why is not None:
        raise UsageError("--why goes with --release or --discard; nothing was written")
    at, who = now(), actor(said.by)
    with kept(asked) as app:
        key_result = select.key_result(app.configuration.okrs, name, at)
        about = instant("--at", said.at, key_result.cycle) if said.at is not None else at
        one = annotate(app.store, key_result, said.words[0], about, who, at)
    document = _annotation(key_result, one)
    emit(asked, Report(document, [document], _sheet([_annotation_row(one)])))


def _decide(asked: Asked, name: str, said: Said) -> None:
    why = " ".join((said.why or "").split())
    if said.release and said.discard:
        raise UsageError("a reading is either used or not: say --release or --discard")
    if not why:
        raise UsageError("a decision on data needs a reason: say --why")
    if said.at is not None:
        raise UsageError("--at goes with a text; write the slots behind the key result")
    at, who = now(), actor(said.by)
    with changing(asked, [name], at) as (app, [key_result]):
        slots = {instant("SLOT", word, key_result.cycle) for word in said.words}
        decision = Decision(said.release, who, why, at)
        okrs, routes = app.configuration.okrs, app.configuration.notifiers
        decided = decide(app.store, okrs, routes, key_result, slots, decision)
    done = "released" if said.release else "discarded"
    records = _readings(key_result, decided, done)
    emit(asked, Report(records, records, _sheet(_reading_rows(key_result, decided, done))))


def _list(asked: Asked, name: str, said: Said) -> None:
    if said.at is not None or said.why is not None or said.by is not None:
        raise UsageError("there is no text to write down: say it behind the key result, in quotes")
    with kept(asked) as app:
        okrs = app.configuration.okrs
        key_result = select.key_result(okrs, name, now())
        annotations = annotations_of(app.store, key_result)
        held = held_of(app.store, okrs, key_result)
        with app.store.read() as tx:
            ruled = rulings(tx, key_result)
    records = [
        *(_annotation(key_result, one) for one in annotations),
        *(_ruling(key_result, one) for one in ruled),
        *_readings(key_result, held, "held"),
    ]
    rows = [
        *map(_annotation_row, annotations),
        *(_ruling_row(key_result, one) for one in ruled),
        *_reading_rows(key_result, held, "held"),
    ]
    below = [] if rows else ["nothing was said or decided, and nothing is held"]
    emit(asked, Report(records, records, _sheet(rows, below)))


def _sheet(rows: Sequence[Sequence[Cell | str]], below: Sequence[str] = ()) -> Sheet:
    columns = (Column("about"), Column("what"), Column("by"), Column("text"))
    return Sheet(columns, [Section(rows)], below=below)


def _annotation_row(one: Annotation) -> list[Cell | str]:
    return [written(one.at.replace(microsecond=0)), "said", one.author, one.text]


def _ruling_row(key_result: KeyResult, one: Ruling) -> list[Cell | str]:
    binding = key_result.bindings.get(one.role)
    series = "" if one.role == MAIN else f"{one.role}: "
    value = measured(one.value, binding.unit if binding is not None else "")
    return [written(one.slot), one.done, one.actor, f"{series}{value}" + (f", {one.why}" if one.why else "")]


def _reading_rows(key_result: KeyResult, decided: Sequence[Decided], what: str) -> list[list[Cell | str]]:
    rows: list[list[Cell | str]] = []
    for part in decided:
        unit = key_result.bindings[part.role].unit
        series = "" if part.role == MAIN else f"{part.role}: "
        for sample in part.samples:
            why = str(sample.evidence.get(WHY_HELD, ""))
            shown = f"{series}{measured(sample.value, unit)}" + (f", {why}" if why else "")
            rows.append([written(sample.slot), Cell(what, Tone.WORRY), "krd", shown])
    return rows


def _annotation(key_result: KeyResult, one: Annotation) -> dict[str, Any]:
    return _record(key_result, one.at, "said", MAIN) | {
        "value": None,
        "by": one.author,
        "text": one.text,
        "recorded_at": one.recorded_at.isoformat(),
    }


def _ruling(key_result: KeyResult, one: Ruling) -> dict[str, Any]:
    return _record(key_result, one.slot, one.done, one.role) | {
        "value": one.value,
        "by": one.actor,
        "text": one.why,
        "recorded_at": one.at.isoformat(),
    }


def _readings(key_result: KeyResult, decided: Sequence[Decided], what: str) -> list[dict[str, Any]]:
    return [
        _record(key_result, sample.slot, what, part.role)
        | {
            "value": sample.value,
            "by": "krd",
            "text": str(sample.evidence.get(WHY_HELD, "")),
            "recorded_at": sample.recorded_at.isoformat(),
        }
        for part in decided
        for sample in part.samples
    ]


def _record(key_result: KeyResult, at: datetime, what: str, role: str) -> dict[str, Any]:
    facts = {"address": key_result.address, "cycle": key_result.cycle.id}
    return {**facts, "at": at.isoformat(), "what": what, "role": role}
