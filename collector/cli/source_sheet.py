"""Lists and checks the sources of the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.opening import asking, files_of, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.plain import counted
from collector.cli.progress import working
from collector.cli.together import together
from collector.errors import SourceUnavailable
from collector.ports.catalogue import Configuration
from collector.ports.sources import Sources
from connectors.api import ErrorKind, Health


def list_all(asked: Asked) -> None:
    """Print the sources as the files name them."""
    configuration = files_of(asked, now()).configuration
    behind = _behind(configuration)
    documents = [
        {"name": name, "kind": entry.kind, "owner": entry.owner, "key_results": behind[name]}
        for name, entry in configuration.sources.items()
    ]
    rows = [
        [str(one["name"]), str(one["kind"]), str(one["owner"] or "–"), str(one["key_results"])]
        for one in documents
    ]
    columns = (Column("source"), Column("kind"), Column("owner"), Column("key results", right=True))
    emit(asked, Report(documents, documents, Sheet(columns, [Section(rows)])))


def check(asked: Asked, names: Sequence[str]) -> bool:
    """Check all sources, or those named, at the same time; print, and tell whether all can be used."""
    files = files_of(asked, now())
    entries = files.configuration.sources
    wanted = [select.known("source", name, entries) for name in names] or list(entries)
    with asking(files) as sources, working(asked, f"checking {counted(len(wanted), 'source')}"):
        found = dict(zip(wanted, together(lambda name: _health(sources, name), wanted), strict=True))
    documents = [_document(name, health) for name, health in found.items()]
    columns = (Column(""), Column("source"), Column("says"), Column("version"), Column("as"), Column("clock"))
    rows = [row for name, health in found.items() for row in _rows(name, health)]
    emit(asked, Report(documents, documents, Sheet(columns, [Section(rows)])))
    return all(health.ok for health in found.values())


def _health(sources: Sources, name: str) -> Health:
    try:
        source = sources.open(name)
    except SourceUnavailable as error:
        return Health(ok=False, message=str(error), kind=ErrorKind.CONFIG)
    return source.connector.check(source.timeout)


def _behind(configuration: Configuration) -> dict[str, int]:
    """Count the key results that a source feeds, in whatever part; what a person enters has none."""
    counts = dict.fromkeys(configuration.sources, 0)
    for key_result in configuration.okrs.key_results.values():
        for source in {binding.source for binding in key_result.bindings.values() if binding.asked}:
            counts[source] += 1
    return counts


def _rows(name: str, health: Health) -> list[list[Cell | str]]:
    sign = Cell("●", Tone.GOOD) if health.ok else Cell("■", Tone.BAD)
    skew = f"{health.skew.total_seconds():+.1f} s" if health.skew is not None else "–"
    said: list[Cell | str] = [sign, name, health.message, health.version or "–", health.identity or "–", skew]
    rows = [said]
    rows.extend(["", "", Cell(f"warning: {text}", Tone.WORRY), "", "", ""] for text in health.warnings)
    return rows


def _document(name: str, health: Health) -> dict[str, Any]:
    return {
        "name": name,
        "ok": health.ok,
        "message": health.message,
        "kind": health.kind.value if health.kind else None,
        "version": health.version,
        "identity": health.identity,
        "skew_seconds": health.skew.total_seconds() if health.skew is not None else None,
        "warnings": list(health.warnings),
    }
