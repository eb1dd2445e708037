"""Makes a wide table fit a narrow terminal: fewer days are drawn, and what can be read elsewhere is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.cli.output import Cell, Section, Sheet
from collector.cli.room import room

DRAWN = "last days"
FEWEST_DRAWN = 7
DISPENSABLE = ("expected", "P(hit)", "way", DRAWN, "progress")
"""Columns that are left out, in this order, when drawing fewer days is not enough; `krd show` has them all."""
_BETWEEN = 2


def fitted(sheet: Sheet) -> Sheet:
    """Give the sheet as it fits the terminal; whole where the result goes elsewhere."""
    wide = room()
    return sheet if wide is None else narrowed(sheet, wide)


def narrowed(sheet: Sheet, room: int) -> Sheet:
    """Give the sheet with rows of at most `room` columns of characters, as far as leaving things out brings it there."""
    for name in ("", *DISPENSABLE):
        sheet = _without(sheet, name)
        over = sum(_widths(sheet)) + _BETWEEN * (len(sheet.columns) - 1) - room
        if over <= 0:
            return sheet
        drawn = _place(sheet, DRAWN)
        if drawn is not None and _widths(sheet)[drawn] - over >= FEWEST_DRAWN:
            return _drawing(sheet, drawn, max(_widths(sheet)[drawn] - over, len(DRAWN)))
    return sheet


def _place(sheet: Sheet, name: str) -> int | None:
    return next((place for place, column in enumerate(sheet.columns) if column.name == name), None)


def _without(sheet: Sheet, name: str) -> Sheet:
    place = _place(sheet, name) if name else None
    if place is None:
        return sheet
    sections = [Section([_less(row, place) for row in one.rows], one.title) for one in sheet.sections]
    return replace(sheet, columns=(*sheet.columns[:place], *sheet.columns[place + 1 :]), sections=sections)


def _less(row: Sequence[Cell | str], place: int) -> list[Cell | str]:
    return [*row[:place], *row[place + 1 :]]


def _drawing(sheet: Sheet, place: int, days: int) -> Sheet:
    """Draw the newest days only."""
    sections = [
        Section([[*row[:place], _text(row[place])[-days:], *row[place + 1 :]] for row in one.rows], one.title)
        for one in sheet.sections
    ]
    return replace(sheet, sections=sections)


def _widths(sheet: Sheet) -> list[int]:
    from rich.cells import cell_len

    rows = [row for section in sheet.sections for row in section.rows]
    return [
        max(len(column.name), *(cell_len(_text(row[place])) for row in rows), 0)
        for place, column in enumerate(sheet.columns)
    ]


def _text(cell: Cell | str) -> str:
    return cell if isinstance(cell, str) else cell.text
