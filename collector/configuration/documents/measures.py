"""How a measure is written: what is read, from where, when, and what an answer may look like."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from collector.configuration.documents.scalars import (
    Day,
    EveryText,
    Number,
    Query,
    Slug,
    SpanText,
    Text,
    WindowText,
    parse_number,
)
from collector.configuration.documents.written import Written, shown, wrong
from collector.domain.measure import OnEmpty


def _range(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise wrong(f"expected a range, got {shown(value)}", "write [lowest, highest]")
    return parse_number(value[0]), parse_number(value[1])


def _on_empty(value: Any) -> OnEmpty:
    if value in (OnEmpty.GAP, OnEmpty.ZERO):
        return OnEmpty(value)
    raise wrong(f"{shown(value)} is not a way to take an empty answer", "write gap or zero")


def _labels(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise wrong(
            f"expected labels, got {shown(value)}", "write {label: value}, such as {service: checkout}"
        )
    for name, text in value.items():
        if not isinstance(text, str):
            raise wrong(f"the label `{name}` is not a text", "put its value in quotes")
    return value


class HandValue(Written):
    """A value entered by hand."""

    as_of: Day
    """The day it stands for."""
    value: Number
    """The value."""
    note: Text | None = None
    """Where it comes from."""


class Measure(Written):
    """What is read. Exactly one form: `query`, `numerator` + `denominator`, `good` or `bad` + `total`, `expression`,
    `use`, or `by_hand`.
    """

    source: Text | None = None
    """The source that is asked: a name from `sources`."""
    query: Query | None = None
    """One question with one number as its answer; a text, or {file: path}."""
    numerator: Query | None = None
    """The upper part of a ratio, asked at the same instant as `denominator`."""
    denominator: Query | None = None
    """The lower part of a ratio."""
    good: Query | None = None
    """The good events of an slo: a query, or, on Prometheus, the selector of a counter."""
    bad: Query | None = None
    """The bad events of an slo: a query, or, on Prometheus, the selector of a counter."""
    total: Query | None = None
    """All events of an slo, asked like the good or bad ones."""
    expression: Text | None = None
    """Arithmetic over named measures: `failed / paid`, with numbers, + - * / ( ), min, max and abs."""
    use: Slug | None = None
    """A measure from `measures`."""
    by_hand: Text | None = None
    """Who enters the value: a name from `people`."""
    values: list[HandValue] | None = None
    """Values entered by hand that stand in the file; `krd record` enters others."""
    pick: Annotated[dict[str, str], PlainValidator(_labels), WithJsonSchema(
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1})] | None = None  # fmt: skip
    """Labels or columns that single out one series or row."""
    unit: str | None = None
    """The unit, such as ms. With `%`, and only then, a ratio is multiplied by 100."""
    every: EveryText | None = None
    """How often it is read: 15m, 1h, 1d, month, or a cron expression."""
    window: WindowText | None = None
    """What one reading covers: a length of time, or `cycle`; else the same as `every`."""
    matures: SpanText | None = None
    """How long a cohort takes until it counts."""
    settle: SpanText | None = None
    """How long late rows may still change a reading: it is read again until then, where the query answers the past."""
    lag: SpanText | None = None
    """How long the source takes to know a slot."""
    plausible: Annotated[tuple[float, float], PlainValidator(_range), WithJsonSchema(
        {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2})] | None = None  # fmt: skip
    """[lowest, highest]: a value outside is held until it is confirmed."""
    on_empty: (
        Annotated[OnEmpty, PlainValidator(_on_empty), WithJsonSchema({"enum": ["gap", "zero"]})] | None
    ) = None
    """What an answer with nothing in it means: gap (the default) or zero."""
    allow_partial: bool = False
    """Whether an answer that the source calls incomplete is taken."""
