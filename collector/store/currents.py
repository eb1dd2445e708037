"""Keeps the newest facts of each series in one row that every recording replaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from collector.ports.store import Current
from collector.store.bulk import chunks, replace
from collector.store.instants import millis_or_none
from collector.store.tables import currents
from collector.store.values import finite_or_none, plain


def of(connection: Connection, series: Collection[int]) -> Mapping[int, Current]:
    """Give the newest facts of each asked series; one never asked for has none."""
    found = {one: Current(one) for one in series}
    for chunk in chunks(series):
        for row in connection.execute(select(currents).where(currents.c.series.in_(chunk))):
            found[row.series] = Current(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return found


def put(connection: Connection, newest: Sequence[Current]) -> None:
    """Replace the newest facts. Raises `StoreError` for no number."""
    _REPLACE.run(connection, [_row(current) for current in newest])


def _row(current: Current) -> tuple[Any, ...]:
    return (
        current.series,
        millis_or_none(current.attempted),
        millis_or_none(current.succeeded),
        millis_or_none(current.covered),
        millis_or_none(current.slot),
        millis_or_none(current.as_of),
        finite_or_none(current.value, "a current value"),
        finite_or_none(current.num, "a current numerator"),
        finite_or_none(current.den, "a current denominator"),
        millis_or_none(current.first_slot),
        finite_or_none(current.first_value, "a first value"),
        current.failing,
        plain(current.detail),
        millis_or_none(current.heal_since),
        millis_or_none(current.heal_until),
        millis_or_none(current.restated),
        millis_or_none(current.settled),
        current.held,
    )


_REPLACE = replace(currents)
