"""When a probability is called drift: the lines of P(hit) and the days in a row, apart for each commitment."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from collector.configuration.documents.scalars import parse_number
from collector.configuration.documents.written import Written, shown, wrong

_MOST_DAYS = 31


def _probability(value: Any) -> float:
    probability = parse_number(value)
    if not 0 < probability < 1:
        raise wrong(f"{shown(value)} is no probability to draw a line at", "write a number such as 0.20")
    return probability


def _days(value: Any) -> int:
    days = parse_number(value)
    if not days.is_integer() or not 1 <= days <= _MOST_DAYS:
        raise wrong(
            f"{shown(value)} is no number of days in a row", f"write a whole number, 1 to {_MOST_DAYS}"
        )
    return int(days)


Probability = Annotated[
    float,
    PlainValidator(_probability),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
]
Days = Annotated[
    int, PlainValidator(_days), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _MOST_DAYS})
]


class Lines(Written):
    """The lines for one commitment; what is left out is as usual."""

    off_track: Probability | None = None
    """P(hit) below this is a low day; 0.20 unless told."""
    on_track: Probability | None = None
    """P(hit) from this on is on track, and a high day; 0.50 unless told, 0.70 for committed ones."""
    days: Days | None = None
    """So many low days in a row raise drift; 3 unless told."""
    back: Days | None = None
    """So many high days in a row end it, when the next sync has passed, too; 7 unless told."""


class Drift(Written):
    """When drift is raised and when it ends."""

    committed: Lines | None = None
    """For key results that promise the whole way."""
    aspirational: Lines | None = None
    """For those that promise most of it."""
