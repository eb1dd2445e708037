"""Turns a query's text into a statement that can only be one SELECT with a bounded number of rows.

The text becomes a subquery: `SELECT * FROM (⏎ text ⏎) AS krd_q LIMIT :limit`. The line end before the bracket keeps a
trailing `--` from swallowing it; the *bound* limit makes PostgreSQL's drivers use the extended protocol, which refuses a
second statement even when the brackets are forged; a READ ONLY transaction alone does not ("COMMIT; DELETE …" leaves it).

A subquery is not a statement everywhere: SQL Server wants its columns named, and neither WITH nor ORDER BY in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import BigInteger, ColumnElement, DateTime, Select, String, bindparam, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TextualSelect
from sqlalchemy.types import TypeEngine

from connectors.api import Moment
from connectors.sql_text import lexemes, variables, without_end

TimeFormat = Literal["iso", "iso-t", "iso-z", "epoch", "epoch-ms"]


class Times(BaseModel):
    """How a warehouse writes instants down, so that `:since` and its sisters compare as they should.

    Without options: aware timestamps in UTC; in SQLite, which has no timestamps, the text `2026-01-15 00:00:00` in UTC, as
    SQLite's own `datetime()` writes. The trap is comparison by letters: `2026-01-15` sorts before `2026-01-15 00:00:00`,
    and a `T` after every blank, so the format must be the column's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    zone: str | None = None
    """Zone of naive columns, such as `Europe/Berlin`: instants are bound naive, as clocks there show them. In the hour that
    clocks show twice in autumn both instants look alike."""
    format: TimeFormat | None = None
    """For columns of text or numbers: `iso` 2026-01-15 00:00:00, `iso-t` 2026-01-15T00:00:00, `iso-z` the same with Z,
    `epoch` whole seconds, `epoch-ms` milliseconds."""

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (KeyError, ValueError, OSError):
                raise PydanticCustomError(
                    "zone", "{zone} is not a known time zone; write one like Europe/Berlin", {"zone": zone}
                ) from None
        return zone

    @model_validator(mode="after")
    def _sensible(self) -> Times:
        if self.zone is not None and self.format in ("iso-z", "epoch", "epoch-ms"):
            raise PydanticCustomError(
                "times", "{format} is always UTC; leave out the zone or the format", {"format": self.format}
            )
        return self

    def bound(self, instant: datetime, *, textual: bool) -> Any:
        """Give the value to bind for `instant`; `textual` databases (SQLite) get `iso` where no format is set."""
        local = instant.astimezone(ZoneInfo(self.zone) if self.zone else UTC)
        match self.format or ("iso" if textual else None):
            case None:
                return local.replace(tzinfo=None) if self.zone else local
            case "iso":
                return local.replace(tzinfo=None).isoformat(" ")
            case "iso-t":
                return local.replace(tzinfo=None).isoformat("T")
            case "iso-z":
                return local.replace(tzinfo=None).isoformat("T") + "Z"
            case "epoch":
                return int(instant.timestamp())
            case "epoch-ms":
                return int(instant.timestamp() * 1000)


def instants(text: str, moment: Moment) -> dict[str, datetime]:
    """The instants that `text` asks for, by name; equal texts with equal instants are one statement."""
    return {name: getattr(moment, name) for name in variables(text)}


def wrapped(text: str, binds: Mapping[str, Any], limit: int) -> Select[Any]:
    """Make the statement that answers `text`, giving at most `limit` rows; it is executed with `binds`, of which the types
    count here.

    One text asked at many moments is one statement, written once: SQLAlchemy keeps what it compiled.
    """
    return _wrapped(text, tuple((name, _type_of(value)) for name, value in binds.items()), limit)


_AWARE, _NAIVE, _WHOLE, _WORDS = DateTime(timezone=True), DateTime(), BigInteger(), String()


def _type_of(value: Any) -> TypeEngine[Any]:
    match value:
        case datetime():
            return _NAIVE if value.tzinfo is None else _AWARE
        case int():
            return _WHOLE
        case _:
            return _WORDS


@lru_cache(maxsize=1024)
def _wrapped(text: str, types: tuple[tuple[str, TypeEngine[Any]], ...], limit: int) -> Select[Any]:
    question = TextualSelect(_Text(*_parts(without_end(text), dict(types))), [])  # type: ignore[arg-type]  # a text to it
    return select(literal_column("*")).select_from(question.subquery("krd_q")).limit(limit)


class _Text(FunctionElement[Any]):
    """The user's words with binds between them. SQLAlchemy's `text()` would see variables inside string literals."""

    inherit_cache = True


@compiles(_Text)
def _render(element: _Text, compiler: SQLCompiler, **_: Any) -> str:
    return "\n" + "".join(compiler.process(part) for part in element.clauses) + "\n"


def _parts(text: str, types: Mapping[str, TypeEngine[Any]]) -> list[ColumnElement[Any]]:
    parts: list[ColumnElement[Any]] = []
    words: list[str] = []
    for kind, match in lexemes(text):
        match kind:
            case "variable":
                name = match["name"]
                parts += [literal_column("".join(words)), bindparam(name, type_=types[name])]
                words = []
            case "escaped":
                words.append(":")
            case _:
                words.append(match[0])
    return [*parts, literal_column("".join(words))]
