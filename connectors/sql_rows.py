"""Finds the one number in a database's answer, or says why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.api import ErrorKind, Failure, NoData, number

PICK_ROWS = 10_000
"""An answer to pick from may have this many rows; among more, krd could not prove that a row is the only one."""

VALUE = "value"
"""The column that holds the number where there are several."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement gave, and how long it took."""

    columns: tuple[str, ...]
    cells: Sequence[Sequence[Any]]
    milliseconds: float


def the_number(rows: Rows, pick: Mapping[str, str]) -> float | NoData | Failure:
    """Read the number: the only row, or the only row whose columns equal `pick` as text; its column `value`, or the only other.

    No row and NULL are no data. A text is never a number here, not even `'12'`: a column of text also holds `'12,5'` and
    `'n/a'` one day, so the query must say `CAST(… AS REAL)`. Whole decimals past 2^53 are refused as integers are.
    """
    names = [name.casefold() for name in rows.columns]
    for wanted in pick:
        if wanted.casefold() not in names:
            return Failure(
                ErrorKind.BAD_QUERY,
                f"the answer has no column {wanted!r} to pick by; it has {_list(rows.columns)}",
            )
    if pick and len(rows.cells) > PICK_ROWS:
        return Failure(
            ErrorKind.BAD_VALUE, f"the answer has more than {PICK_ROWS:,} rows; group or filter in the query"
        )
    picks = {names.index(name.casefold()): text for name, text in pick.items()}
    found = [row for row in rows.cells if all(_text(row[at]) == text for at, text in picks.items())]
    if not found:
        return NoData(f"no row has {_pairs(pick)}" if pick else "the query gave no row")
    if len(found) > 1:
        return Failure(ErrorKind.BAD_VALUE, _several(pick))
    at = _value_column(names, set(picks))
    if at is None:
        return Failure(
            ErrorKind.BAD_VALUE,
            f"the answer has the columns {_list(rows.columns)}; name the number's column {VALUE!r}, or select it alone",
        )
    return _cell(found[0][at])


def _cell(cell: object) -> float | NoData | Failure:
    if cell is None:
        return NoData("the query gave NULL")
    if isinstance(cell, str):
        return Failure(
            ErrorKind.BAD_VALUE,
            f"expected a number, got the text {cell[:40]!r}; write CAST(… AS REAL) in the query",
        )
    if (
        isinstance(cell, Decimal)
        and cell.is_finite()
        and abs(cell) > 2**53
        and cell == cell.to_integral_value()
    ):
        return Failure(ErrorKind.BAD_VALUE, "the whole number is past 2^53 and cannot be kept exactly")
    return number(cell)


def _value_column(names: Sequence[str], picked: set[int]) -> int | None:
    others = [at for at in range(len(names)) if at not in picked]
    named = [at for at in others if names[at] == VALUE]
    match named or others:
        case [only]:
            return only
        case _:
            return None


def _text(cell: object) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return str(cell).lower()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def _several(pick: Mapping[str, str]) -> str:
    if pick:
        return f"several rows have {_pairs(pick)}; pick by more columns, or group in the query"
    return "the query gave several rows; aggregate to one, or single one out with `pick: {column: text}`"


def _pairs(pick: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text!r}" for name, text in pick.items())


def _list(columns: Sequence[str]) -> str:
    return ", ".join(columns[:20])
