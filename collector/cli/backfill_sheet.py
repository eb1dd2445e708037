"""Reads the past of key results again, and tells what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.app import App
from collector.cli.actor import actor
from collector.cli.asked import Asked
from collector.cli.changing import alone, changing
from collector.cli.instants import stamp, stretch
from collector.cli.marks import measured
from collector.cli.opening import now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.progress import working
from collector.cli.reasons import REFUSED
from collector.domain.okr import KeyResult
from collector.domain.sample import Restatement
from collector.errors import KrdError, SourceUnavailable, UsageError
from collector.services.backfill import Backfill, Backfilled, Wish, parts_of, refused
from collector.services.ledger import Ledger
from connectors.api import ErrorKind, Failure

SHOWN_RESTATEMENTS = 10
COLUMNS = (
    Column(""),
    Column("key result"),
    Column("series"),
    Column("asked", right=True),
    Column("filled", right=True),
    Column("restated", right=True),
    Column("still empty"),
    Column("trouble"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read again, as typed."""

    since: str | None
    until: str | None
    restate: bool
    by: str | None


@dataclass(frozen=True, slots=True)
class _Read:
    key_result: KeyResult
    parts: Sequence[Backfilled]


def run_backfill(asked: Asked, names: Sequence[str], wanted: Wanted) -> int:
    """Do it, print, and give the exit code. Raises `UsageError` before anything is asked, where one cannot be."""
    at = now()
    who = actor(wanted.by)
    with changing(asked, names, at) as (app, chosen):
        for key_result in chosen:
            if why := refused(key_result):
                raise UsageError(f"{key_result.key}: {why}")
        wishes = {one.key: _wish(one, wanted, who, at) for one in chosen}
        with working(asked, "reading the past") as say:
            read = [_Read(one, _one(app, one, wishes[one.key], say)) for one in chosen]
    emit(asked, _report(read))
    return _code(read)


def _wish(key_result: KeyResult, wanted: Wanted, who: str, at: datetime) -> Wish:
    after, until = stretch(wanted.since, wanted.until, key_result.cycle)
    if after is not None and after > at:
        raise UsageError(f"--from {wanted.since} lies in the future: nothing was due there yet")
    return Wish(after, until, wanted.restate, who)


def _one(app: App, key_result: KeyResult, wish: Wish, say: Any) -> list[Backfilled]:
    ledger = Ledger(alone(app.configuration.okrs, [key_result]))
    with app.store.read() as tx:
        ledger.load(tx)
    work = Backfill(app.store, ledger, app.configuration.notifiers, wish, app.clock)
    done: list[Backfilled] = []
    for series, role, name in [
        (one.series, one.role, one.binding.source) for one in parts_of(ledger, key_result)
    ]:
        try:
            source = app.sources.open(name)
        except SourceUnavailable as error:
            done.append(Backfilled(role, failure=Failure(ErrorKind.CONFIG, str(error))))
            continue
        done.append(
            work.run(source, series, lambda slot: say(f"reading {key_result.address} from {stamp(slot)}"))
        )
    return done


def _code(read: Sequence[_Read]) -> int:
    parts = [part for one in read for part in one.parts]
    if any(part.failure for part in parts):
        return SourceUnavailable.exit_code
    return KrdError.exit_code if any(part.empty[reason] for part in parts for reason in REFUSED) else 0


def _report(read: Sequence[_Read]) -> Report:
    records = [_record(one.key_result, part) for one in read for part in one.parts]
    documents = [
        {**_record(one.key_result, part), "restatements": [_restatement(r) for r in part.restated]}
        for one in read
        for part in one.parts
    ]
    rows = [_row(one.key_result, part) for one in read for part in one.parts]
    below: list[Cell | str] = []
    for one in read:
        for part in one.parts:
            below += _restatements(one.key_result, part)
    return Report(documents, records, Sheet(COLUMNS, [Section(rows)], below=below))


def _row(key_result: KeyResult, part: Backfilled) -> list[Cell | str]:
    failure = part.failure
    return [
        Cell("■", Tone.BAD) if failure else Cell("●", Tone.GOOD),
        key_result.address,
        part.role,
        str(part.asked),
        str(part.filled),
        str(len(part.restated)),
        ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in part.empty.items()) or "–",
        f"stopped: {failure.message}" if failure else _doubts(part),
    ]


def _doubts(part: Backfilled) -> str:
    said = "implausible beside what is known; `krd backfill --restate` once more believes it"
    return f"{part.implausible} {said}" if part.implausible else ""


def _restatements(key_result: KeyResult, part: Backfilled) -> list[Cell | str]:
    unit = key_result.unit if part.role == "main" else ""
    lines: list[Cell | str] = [
        f"{key_result.address} {stamp(one.now.slot)}: {measured(one.was.value, unit)} → {measured(one.now.value, unit)}"
        for one in part.restated[:SHOWN_RESTATEMENTS]
    ]
    more = len(part.restated) - SHOWN_RESTATEMENTS
    return [*lines, f"… and {more} more: -o json shows all"] if more > 0 else lines


def _record(key_result: KeyResult, part: Backfilled) -> dict[str, Any]:
    return {
        "address": key_result.address,
        "cycle": key_result.cycle.id,
        "role": part.role,
        "asked": part.asked,
        "filled": part.filled,
        "restated": len(part.restated),
        "same": part.same,
        "put_aside": part.put_aside,
        "implausible": part.implausible,
        "empty": dict(part.empty),
        "failure": part.failure.message if part.failure else None,
    }


def _restatement(one: Restatement) -> dict[str, Any]:
    return {"slot": one.now.slot.isoformat(), "was": one.was.value, "now": one.now.value}
