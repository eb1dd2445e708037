"""Shows what was seen of the store, and what was done to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from collector.cli.actor import actor
from collector.cli.asked import Asked
from collector.cli.opening import now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.progress import working
from collector.ports.kept import Deed
from collector.store import engine
from collector.store.backup import backup
from collector.store.integrity import Inspection, inspect
from collector.store.restore import restore
from collector.store.vacuum import vacuum

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def print_check(asked: Asked) -> bool:
    """Look the store over, print, and tell whether it is whole."""
    with working(asked, "checking the store"):
        found = inspect(_url(asked))
    _emit(asked, _seen(found), _document(found))
    return found.whole


def print_backup(asked: Asked, file: Path, *, replace: bool) -> None:
    """Copy the store to `file`, and print what was seen of the copy."""
    with working(asked, f"copying the store to {file}"):
        found = backup(_url(asked), file, replace=replace)
    _emit(asked, [["copied to", str(file)], *_seen(found)[1:]], _document(found))


def print_restore(asked: Asked, file: Path, by: str | None) -> None:
    """Put `file` in the place of the store, write that into its audit log, and print what is there now."""
    url, at, who = _url(asked), now(), actor(by)
    with working(asked, f"putting {file} back"):
        done = restore(url, file, at)
        _note(url, Deed(at, who, "restore", str(file), {"before": done.before.name if done.before else ""}))
    before = str(done.before) if done.before else None
    rows: list[list[Cell | str]] = [*_seen(done.found), ["put back from", str(file)]]
    if before is not None:
        rows.append(["what was there", before])
    _emit(asked, rows, {**_document(done.found), "from": str(file), "before": before})


def print_vacuum(asked: Asked) -> None:
    """Vacuum the store, and print what that gave."""
    with working(asked, "vacuuming the store"):
        before, after = vacuum(_url(asked))
    rows: list[list[Cell | str]] = [*_seen(after), ["was", size(before.size)]]
    _emit(asked, rows, {**_document(after), "size_before": before.size})


def size(amount: int) -> str:
    """Write a number of bytes for people: `3.4 MiB`."""
    shown = float(amount)
    for unit in _UNITS[:-1]:
        if shown < _STEP:
            return f"{shown:.0f} {unit}" if unit == "B" else f"{shown:.1f} {unit}"
        shown /= _STEP
    return f"{shown:.1f} {_UNITS[-1]}"


def _url(asked: Asked) -> str:
    settings = asked.settings()
    asked.log(settings, ordinary="warning")
    return settings.database.url.get_secret_value()


def _note(url: str, deed: Deed) -> None:
    """Open what was put back, which leads an older one to this krd's schema."""
    store = engine.open(url, must_exist=True)
    try:
        with store.write() as tx:
            tx.note_deed(deed)
    finally:
        store.close()


def _seen(found: Inspection) -> list[list[Cell | str]]:
    rows: list[list[Cell | str]] = [
        ["store", found.name],
        ["kept in", found.engine],
        ["schema", found.schema or "–"],
    ]
    rows.append(["size", size(found.size)])
    named = (("log beside it", found.log), ("to be vacuumed", found.unused), ("free on the disk", found.free))
    rows += [[name, size(amount)] for name, amount in named if amount is not None]
    rows += [["warning", Cell(text, Tone.WORRY)] for text in found.warnings]
    rows += [["problem", Cell(text, Tone.BAD)] for text in found.problems]
    return rows if found.problems else [*rows, ["whole", Cell("yes", Tone.GOOD)]]


def _document(found: Inspection) -> dict[str, Any]:
    return {
        "store": found.name,
        "engine": found.engine,
        "schema": found.schema,
        "whole": found.whole,
        "size": found.size,
        "log": found.log,
        "unused": found.unused,
        "free": found.free,
        "problems": list(found.problems),
        "warnings": list(found.warnings),
    }


def _emit(asked: Asked, rows: list[list[Cell | str]], document: dict[str, Any]) -> None:
    columns = (Column("what"), Column("found"))
    emit(asked, Report(document, [document], Sheet(columns, [Section(rows)], header=False)))
