"""Prints a result in the form that was asked for: a table for people, JSON, JSON Lines and CSV for machines, Markdown."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

import typer

from collector.cli.asked import Asked, Output
from collector.cli.plain import for_json, for_markdown, for_spreadsheet, plain
from collector.cli.room import room

BETWEEN = "  "
"""Stands between two columns."""
NARROWEST = 24
"""Columns of characters that a text needs at least to be read."""


class Tone(StrEnum):
    """What a cell wants to say by its colour; the words say it too."""

    GOOD = "green"
    WORRY = "yellow"
    BAD = "red"
    FAINT = "bright_black"
    TITLE = "bold"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with its tone."""

    text: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name; numbers stand to the right."""

    name: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title; without one they stand alone."""

    rows: Sequence[Sequence[Cell | str]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What people see."""

    columns: Sequence[Column]
    sections: Sequence[Section]
    above: Sequence[Cell | str] = ()
    """Lines before the table."""
    below: Sequence[Cell | str] = ()
    header: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """A result in all its forms. `records` are its flat rows for JSON Lines and CSV."""

    document: Any
    records: Sequence[Mapping[str, Any]]
    sheet: Sheet
    markdown: str | None = field(default=None)
    """Its own Markdown, harmless already; else the sheet is written as a table."""


def emit(asked: Asked, report: Report) -> None:
    """Print `report` on standard output."""
    match asked.output:
        case Output.TABLE:
            typer.echo(table(report.sheet, room()), color=asked.colour, nl=False)
        case Output.JSON:
            typer.echo(as_json(report.document, indent=2))
        case Output.JSONL:
            for record in report.records:
                typer.echo(as_json(record))
        case Output.CSV:
            typer.echo(as_csv(report.records), nl=False)
        case Output.MD:
            typer.echo(report.markdown or markdown(report.sheet), nl=False)
        case never:
            assert_never(never)


def as_json(document: Any, indent: int | None = None) -> str:
    """Write JSON (RFC 8259): no NaN, no infinity, nothing that acts on a terminal."""
    return for_json(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent, default=str))


def as_csv(records: Sequence[Mapping[str, Any]]) -> str:
    """Write CSV (RFC 4180) with a header; an unknown value is an empty cell, and no text becomes a formula."""
    names = list(dict.fromkeys(name for record in records for name in record))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    if names:
        writer.writerow(names)
    for record in records:
        writer.writerow([_csv_cell(record.get(name)) for name in names])
    return written.getvalue()


def _csv_cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    return for_spreadsheet(value if isinstance(value, str) else as_json(value))


def table(sheet: Sheet, wide: int | None = None) -> str:
    """Lay the sheet out in columns, wide characters counted as two. In a terminal that is only so `wide` the texts of the
    last column go on below themselves.
    """
    rows = [[*map(_cell, row)] for section in sheet.sections for row in section.rows]
    header = [Cell(column.name, Tone.FAINT) for column in sheet.columns]
    shown = [header, *rows] if sheet.header and rows else rows
    widths = [max((_width(row[place]) for row in shown), default=0) for place in range(len(sheet.columns))]
    if wide is not None and widths:
        widths[-1] = min(
            widths[-1], max(wide - sum(widths[:-1]) - len(BETWEEN) * (len(widths) - 1), NARROWEST)
        )
    lines = [_painted(_cell(line)) for line in sheet.above]
    if sheet.header and rows:
        lines += _laid(header, sheet.columns, widths)
    for section in sheet.sections:
        if section.title:
            lines += ["", _painted(Cell(plain(section.title), Tone.TITLE))]
        for row in section.rows:
            lines += _laid([*map(_cell, row)], sheet.columns, widths)
    lines += [_painted(_cell(line)) for line in sheet.below]
    return "".join(f"{line}\n" for line in lines)


def _cell(given: Cell | str) -> Cell:
    return Cell(plain(given)) if isinstance(given, str) else Cell(plain(given.text), given.tone)


def _width(cell: Cell) -> int:
    from rich.cells import cell_len

    return cell_len(cell.text)


def _laid(row: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int]) -> Iterator[str]:
    *others, last = row
    beside = textwrap.wrap(last.text, widths[-1], break_long_words=False, break_on_hyphens=False)
    for number, text in enumerate(beside if _width(last) > widths[-1] else [last.text]):
        cells = [*(Cell("") if number else cell for cell in others), Cell(text, last.tone)]
        parts = []
        for cell, column, width in zip(cells, columns, widths, strict=True):
            space = " " * (width - _width(cell))
            parts.append(f"{space}{_painted(cell)}" if column.right else f"{_painted(cell)}{space}")
        yield BETWEEN.join(parts).rstrip()


def _painted(cell: Cell) -> str:
    if cell.tone is None or not cell.text:
        return cell.text
    return (
        typer.style(cell.text, bold=True) if cell.tone is Tone.TITLE else typer.style(cell.text, fg=cell.tone)
    )


def markdown(sheet: Sheet) -> str:
    """Write the sheet as Markdown tables, ready for a comment on a pull request."""
    blocks = [_md(line) for line in sheet.above if _cell(line).text]
    for section in sheet.sections:
        if section.title:
            blocks.append(f"### {_md(section.title)}")
        if section.title and not section.rows:
            continue  # a heading alone
        head = "| " + " | ".join(_md(column.name) for column in sheet.columns) + " |"
        rule = "|" + "|".join(" ---: " if column.right else " --- " for column in sheet.columns) + "|"
        body = ["| " + " | ".join(map(_md, row)) + " |" for row in section.rows]
        blocks.append("\n".join([head, rule, *body]))
    blocks += [_md(line) for line in sheet.below if _cell(line).text]
    return "\n\n".join(blocks) + "\n"


def _md(given: Cell | str) -> str:
    return for_markdown(given if isinstance(given, str) else given.text)
