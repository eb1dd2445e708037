"""Single values of the format: names, numbers, dates, lengths of time, queries."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import PlainValidator, WithJsonSchema

from collector.configuration.documents.written import shown, wrong
from collector.domain.cadence import Cron, Every, Months
from collector.domain.cycle import REAL_DAY
from collector.domain.measure import WholeCycle, Window
from collector.domain.span import Span, parse_span
from connectors.api import LARGEST

LAST_YEAR = 2200
"""Dates later than this are mistakes; sums of dates stay far from the end of the calendar."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_CYCLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_NUMBER = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\s*([kMG]?)")
_THOUSANDS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}
_EVERY_WORDS: dict[str, Every] = {
    "minute": Span(real=timedelta(minutes=1)), "hour": Span(real=timedelta(hours=1)),
    "day": Span(days=1), "week": Span(days=7), "month": Months(1),
}  # fmt: skip
_MONTHS = re.compile(r"([0-9]{1,2}) months?")
_WEEKS = re.compile(r"([0-9]{1,2}) (day|week)s?")


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        # One line: texts end up in titles, tables and messages.
        text = " ".join(value.split())
        if any(unicodedata.category(character) == "Cc" for character in text):
            raise wrong("the text holds a control character", "remove it")
        return text
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise wrong(f"expected a text, got the number {value}", "put it in quotes")
    raise wrong(f"expected a text, got {'an empty one' if value == '' else shown(value)}", "write a text")


def _slug(value: Any) -> str:
    text = _text(value)
    if not _SLUG.fullmatch(text):
        raise wrong(
            f"{shown(text)} is not a short name",
            "use lower-case letters, digits, - and _, such as p95-latency (at most 63)",
        )
    return text


def _cycle_id(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)
    if not _CYCLE_ID.fullmatch(text):
        raise wrong(
            f"{shown(text)} is not the name of a cycle", "use letters, digits, - and ., such as 2026-Q4"
        )
    return text


def parse_number(value: Any) -> float:
    """Read a number as written: `12.5`, `100M` (k, M, G are powers of a thousand)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise wrong(f"expected a number, got {shown(value)}", "write a number such as 450 or 100M")
    if isinstance(value, str):
        return _written_number(value.strip())
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not abs(found) <= LARGEST:
        raise wrong("the number is too large", f"write a number within {LARGEST:g} of zero")
    return found


def _written_number(text: str) -> float:
    match = _NUMBER.fullmatch(text)
    if match:
        return parse_number(float(match[1]) * _THOUSANDS[match[2]])
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", text):
        raise wrong(
            f"{shown(text)} has a comma", f"write {text.replace(',', '.')}, or without a comma for thousands"
        )
    if text.endswith("%"):
        raise wrong(
            f"{shown(text)} has a percent sign", 'write the number alone, and `unit: "%"` in the measure'
        )
    raise wrong(
        f"expected a number, got {shown(text)}", "write a number such as 450 or 100M, the unit in `unit`"
    )


def _percent(value: Any) -> float:
    """A share of 100, with or without its sign."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return parse_number(value.strip()[:-1].strip())
    return parse_number(value)


def read_day(value: Any) -> date:
    """Read a date: `2026-12-31`."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise wrong(
                f"{shown(value)} is not a day of the calendar", "write a date such as 2026-12-31"
            ) from None
    raise wrong(f"expected a date, got {shown(value)}", "write year-month-day, such as 2026-12-31")


def _zone(value: Any) -> ZoneInfo:
    text = _text(value)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(
            f"{shown(text)} is not a time zone", "write a name such as Europe/Berlin or UTC"
        ) from None


def read_span(value: Any) -> Span:
    """Read a length of time: `90s`, `15m`, `7d`."""
    if not isinstance(value, str):
        raise wrong(
            f"expected a length of time, got {shown(value)}",
            "write a number with its unit: 90s, 15m, 6h, 7d, 2w",
        )
    try:
        return parse_span(value)
    except ValueError:
        raise wrong(f"{shown(value)} is not a length of time", "write 90s, 15m, 6h, 7d or 2w") from None


def _length(value: Any) -> Span:
    span = read_span(value)
    if not span:
        raise wrong(f"{shown(value)} is no time at all", "write at least 1s")
    return span


def _real_span(value: Any) -> timedelta:
    return read_span(value).nominal(REAL_DAY)


def _window(value: Any) -> Window:
    return WholeCycle() if value == "cycle" else read_span(value)


def _every(value: Any) -> Every:
    if not isinstance(value, str):
        raise wrong(
            f"expected an interval, got {shown(value)}", "write 15m, 1h, 1d, month, or a cron expression"
        )
    text = value.strip()
    if text in _EVERY_WORDS:
        return _EVERY_WORDS[text]
    if match := _MONTHS.fullmatch(text):
        return Months(_at_least_one(int(match[1]), text))
    if match := _WEEKS.fullmatch(text):
        return Span(days=_at_least_one(int(match[1]), text) * (7 if match[2] == "week" else 1))
    return _cron(text) if len(text.split()) >= 5 else _interval(text)


def _at_least_one(count: int, text: str) -> int:
    if count < 1:
        raise wrong(f"{shown(text)} is no interval", "write 15m, 1h, 1d, month, or a cron expression")
    return count


def _cron(text: str) -> Cron:
    try:
        # Only the syntax is asked for: the instant does not matter.
        CronSim(text, _ANY_INSTANT)
    except CronSimError as error:
        raise wrong(
            f"{shown(text)} is not a cron expression: {error}",
            "write five fields: minute hour day month weekday",
        ) from None
    return Cron(text)


def _interval(text: str) -> Span:
    span = read_span(text)
    if span.days and span.real:
        raise wrong(
            f"{shown(text)} mixes days of the cycle with real time", "write either, such as 36h or 2d"
        )
    if not span:
        raise wrong(f"{shown(text)} is no interval", "write at least 1s")
    return span


@dataclass(frozen=True, slots=True)
class QueryText:
    """A query inline, or the file that holds it."""

    text: str = ""
    file: str | None = None


def _query(value: Any) -> QueryText:
    if isinstance(value, dict):
        if set(value) == {"file"} and isinstance(value["file"], str) and value["file"].strip():
            return QueryText(file=value["file"].strip())
        raise wrong("expected a query, got a mapping", "write the text itself, or {file: path}")
    if not isinstance(value, str):
        raise wrong(f"expected a query, got {shown(value)}", "write the text in quotes, or {file: path}")
    if not value.strip():
        raise wrong("the query is empty", "write its text, or {file: path}")
    return QueryText(text=value.rstrip())


_ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
_SPAN_SCHEMA = {"type": "string", "examples": ["90s", "15m", "6h", "7d", "2w"]}
_NUMBER_SCHEMA = {"type": ["number", "string"], "examples": [450, "100M"]}

Text = Annotated[str, PlainValidator(_text), WithJsonSchema({"type": "string", "minLength": 1})]
Slug = Annotated[
    str, PlainValidator(_slug), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$"})
]
CycleId = Annotated[
    str, PlainValidator(_cycle_id), WithJsonSchema({"type": ["string", "integer"], "examples": ["2026-Q4"]})
]
Number = Annotated[float, PlainValidator(parse_number), WithJsonSchema(_NUMBER_SCHEMA)]
Percent = Annotated[
    float, PlainValidator(_percent), WithJsonSchema({"type": ["number", "string"], "examples": ["30%"]})
]
Day = Annotated[date, PlainValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})]
Zone = Annotated[
    ZoneInfo, PlainValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]})
]
SpanText = Annotated[Span, PlainValidator(read_span), WithJsonSchema(_SPAN_SCHEMA)]
Length = Annotated[Span, PlainValidator(_length), WithJsonSchema(_SPAN_SCHEMA)]
RealTime = Annotated[timedelta, PlainValidator(_real_span), WithJsonSchema(_SPAN_SCHEMA)]
WindowText = Annotated[
    Window, PlainValidator(_window), WithJsonSchema({"type": "string", "examples": ["1d", "cycle"]})
]
EveryText = Annotated[
    Every, PlainValidator(_every), WithJsonSchema({"type": "string", "examples": ["15m", "1d", "month"]})
]
Query = Annotated[
    QueryText,
    PlainValidator(_query),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "properties": {"file": {"type": "string", "description": "Relative to the naming file."}},
                    "required": ["file"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
