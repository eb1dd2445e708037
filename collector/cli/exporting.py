"""Writes rows of the store on standard output while they are read."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from collector.cli.asked import Asked
from collector.cli.export import Form, What
from collector.cli.export_rows import COLUMNS, Rows
from collector.cli.instants import stretch
from collector.cli.opening import kept, now
from collector.cli.output import as_json
from collector.cli.plain import for_spreadsheet
from collector.cli.recorded import chosen, held


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, as typed."""

    names: tuple[str, ...]
    what: What
    since: str | None
    until: str | None
    form: Form


def write_rows(asked: Asked, wanted: Wanted) -> None:
    """Write them. Raises `UsageError` for a name that is not there and an instant that is none."""
    at = now()
    with kept(asked) as app:
        okrs = app.configuration.okrs
        some = chosen(okrs, held(app.store, okrs), wanted.names, at)
        bounds = {one.key: stretch(wanted.since, wanted.until, one.cycle) for one in some}
        rows = Rows(app.store, some, bounds, at, everything=not wanted.names)
        for text in _written(wanted.form, COLUMNS[wanted.what], rows.of(wanted.what)):
            sys.stdout.write(text)


def _written(form: Form, columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    match form:
        case Form.CSV:
            yield _csv_line(columns)
            for row in rows:
                yield _csv_line(_csv_cell(row[name]) for name in columns)
        case Form.JSONL:
            for row in rows:
                yield f"{as_json(row)}\n"
        case Form.JSON:
            before = "[\n"
            for row in rows:
                yield f"{before}{as_json(row)}"
                before = ",\n"
            yield "[]\n" if before == "[\n" else "\n]\n"
        case never:
            assert_never(never)


def _csv_line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _csv_cell(value: Any) -> Any:
    """Give a cell that no spreadsheet takes for a formula; a number is written so that reading it gives the same one."""
    match value:
        case bool():
            return str(value).lower()
        case None | int() | float():
            return value
        case str():
            return for_spreadsheet(value)
        case _:
            return for_spreadsheet(as_json(value))
