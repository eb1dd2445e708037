"""Reads how far a warehouse is loaded from the one cell that says so."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from connectors.api import ErrorKind, Failure
from connectors.sql_rows import Rows
from connectors.sql_statement import Times
from connectors.sql_text import problems, variables


class LoadedUntil(BaseModel):
    """Asks a warehouse how far it is loaded: one SELECT that gives one instant. A slot past it waits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: str = Field(min_length=1)
    """Gives one row of one column: an instant up to which all rows are there. A naive one is read in the zone of `times`,
    a date as its midnight there; NULL, or no row, means that nothing is loaded yet."""

    @field_validator("query")
    @classmethod
    def _one_select(cls, query: str) -> str:
        if variables(query):
            said = "it is asked for no slot, so it has no variables; write SELECT max(finished_at) FROM …"
            raise PydanticCustomError("loaded_until", "{reason}", {"reason": said})
        for problem in problems(query):
            raise PydanticCustomError("loaded_until", "{reason}", {"reason": problem.message})
        return query


def loaded_instant(rows: Rows, times: Times) -> datetime | Failure | None:
    """Give the instant (UTC); nothing when nothing is loaded. Anything else than one instant is `Failure(BAD_VALUE)`."""
    if len(rows.cells) > 1 or len(rows.columns) != 1:
        return _refused("gave more than one row or column")
    cell = rows.cells[0][0] if rows.cells else None
    if cell is None:
        return None
    try:
        return _instant(cell, times)
    except (ValueError, OverflowError, OSError):
        return _refused(f"gave no instant but {_shown(cell)}")


def _instant(cell: Any, times: Times) -> datetime | Failure:
    match cell:
        case datetime():
            return _aware(cell, times)
        case date():
            return _aware(datetime.combine(cell, time()), times)
        case str():
            return _aware(datetime.fromisoformat(cell.strip()), times)
        case bool():
            return _refused(f"gave no instant but {_shown(cell)}")
        case int() | float() | Decimal():
            return _counted(float(cell), times)
        case _:
            return _refused(f"gave no instant but {_shown(cell)}")


def _aware(found: datetime, times: Times) -> datetime:
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(times.zone) if times.zone else UTC)
    return found.astimezone(UTC)


def _counted(number: float, times: Times) -> datetime | Failure:
    """Read a count since 1970, where the source says that it writes instants so."""
    if not math.isfinite(number):
        return _refused("gave no instant but an infinity or NaN")
    match times.format:
        case "epoch":
            return datetime.fromtimestamp(number, UTC)
        case "epoch-ms":
            return datetime.fromtimestamp(number / 1000, UTC)
        case "iso" | "iso-t" | "iso-z" | None:
            return _refused("gave a number; say `times: {format: epoch}` or epoch-ms if it counts from 1970")
        case _:
            assert_never(times.format)


def _shown(cell: object) -> str:
    return f"the text {cell[:40]!r}" if isinstance(cell, str) else f"a {type(cell).__name__}"


def _refused(what: str) -> Failure:
    return Failure(
        ErrorKind.BAD_VALUE,
        f"the source's `loaded_until` query {what}; it must give one instant, such as a timestamp",
    )
