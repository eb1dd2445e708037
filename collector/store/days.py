"""Keeps one aggregate a day and series, for ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from collector.domain.days import Day
from collector.store.bulk import chunks, replace
from collector.store.instants import millis
from collector.store.tables import days
from collector.store.values import finite, finite_or_none


def of(connection: Connection, series: Collection[int]) -> Mapping[int, list[Day]]:
    """Give the days of each asked series, ascending."""
    found: dict[int, list[Day]] = {one: [] for one in series}
    for chunk in chunks(series):
        query = select(days).where(days.c.series.in_(chunk)).order_by(days.c.series, days.c.day)
        for one, *rest in connection.execute(query):
            found[one].append(Day(*rest))
    return found


def put(connection: Connection, aggregates: Sequence[tuple[int, Day]]) -> None:
    """Replace days. Raises `StoreError` for no number."""
    _REPLACE.run(connection, [_row(series, day) for series, day in aggregates])


def drop(connection: Connection, gone: Collection[tuple[int, int]]) -> None:
    """Forget days."""
    for series, day in gone:
        connection.execute(delete(days).where(days.c.series == series, days.c.day == day))


def _row(series: int, day: Day) -> tuple[Any, ...]:
    return (
        series,
        day.day,
        day.n,
        finite_or_none(day.value, "the value of a day"),
        finite(day.low, "the low of a day"),
        finite(day.high, "the high of a day"),
        finite(day.last, "the last value of a day"),
        millis(day.last_slot),
        finite_or_none(day.num, "the numerator of a day"),
        finite_or_none(day.den, "the denominator of a day"),
        day.inside,
    )


_REPLACE = replace(days)
