"""Keeps which key results there are, every revision of their definitions, and the series of each measure they had."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from collector.domain.okr import KeyResult
from collector.ports.store import MAIN, Enrolment
from collector.store.tables import cycles, definitions, key_results, series


def first_run(connection: Connection, cycle: str, at: datetime) -> datetime:
    """Give the first start of a cycle; the first to ask decides it."""
    known: datetime | None = connection.scalar(select(cycles.c.first_run).where(cycles.c.cycle == cycle))
    if known is not None:
        return known
    first = at.replace(microsecond=0)
    connection.execute(insert(cycles).values(cycle=cycle, first_run=first))
    return first


def first_runs(connection: Connection) -> Mapping[str, datetime]:
    """Give all first starts by cycle."""
    return {row.cycle: row.first_run for row in connection.execute(select(cycles))}


@dataclass(frozen=True, slots=True)
class _Known:
    """A key result as it stands in the database: its newest definition, and the newest segment of its main series."""

    id: int
    removed: datetime | None
    revision: int
    measure: str
    promise: str
    document: str
    series: int
    segment: int
    measured: str
    """The measure of that segment."""

    def is_defined_as(self, promised: KeyResult) -> bool:
        """Whether the newest revision says what the files say."""
        said = (promised.measure_fingerprint, promised.promise_fingerprint, promised.document)
        return (self.measure, self.promise, self.document) == said

    @property
    def enrolment(self) -> Enrolment:
        """Say it without news."""
        return Enrolment(key_result=self.id, series=self.series, segment=self.segment)


def enrolments(connection: Connection) -> Mapping[str, Enrolment]:
    """Give where the live key results stand, without news of changes."""
    return {key: known.enrolment for key, known in _known(connection).items() if known.removed is None}


def enrol(connection: Connection, promised: Sequence[KeyResult], at: datetime) -> Mapping[str, Enrolment]:
    """Bring the rows in line with the files; nothing is written where nothing changed.

    A measure that changed and changed back begins a segment each time: what was read in between was something else.
    """
    wanted = {f"{one.cycle.id}:{one.address}": one for one in promised}
    before = _known(connection)
    _live_or_removed(connection, before, wanted.keys(), at)
    _create(connection, [one for key, one in wanted.items() if key not in before])
    changes = [(key_result, before.get(key), wanted[key]) for key, key_result in _ids(connection, wanted)]
    _define(connection, changes, at)
    _begin_segments(connection, changes)
    after = _known(connection)
    return {key: _news(before.get(key), after[key]) for key in wanted}


def _live_or_removed(
    connection: Connection, known: Mapping[str, _Known], wanted: Collection[str], at: datetime
) -> None:
    gone = [one.id for key, one in known.items() if key not in wanted and one.removed is None]
    back = [one.id for key, one in known.items() if key in wanted and one.removed is not None]
    if rows := [{"one": one, "since": at} for one in gone] + [{"one": one, "since": None} for one in back]:
        mark = update(key_results).where(key_results.c.id == bindparam("one"))
        connection.execute(mark.values(removed=bindparam("since")), rows)


def _create(connection: Connection, new: Sequence[KeyResult]) -> None:
    if rows := [{"cycle": one.cycle.id, "address": one.address} for one in new]:
        connection.execute(insert(key_results), rows)


def _ids(connection: Connection, wanted: Collection[str]) -> list[tuple[str, int]]:
    query = select(key_results.c.cycle, key_results.c.address, key_results.c.id).order_by(key_results.c.id)
    named = [(f"{cycle}:{address}", one) for cycle, address, one in connection.execute(query)]
    return [(key, one) for key, one in named if key in wanted]


_Change = tuple[int, _Known | None, KeyResult]
"""Identifier of a key result, what was known of it, and what the files say."""


def _define(connection: Connection, changes: Sequence[_Change], at: datetime) -> None:
    rows = [
        {
            "key_result": one,
            "revision": known.revision + 1 if known else 1,
            "measure": promised.measure_fingerprint,
            "promise": promised.promise_fingerprint,
            "document": promised.document,
            "since": at,
        }
        for one, known, promised in changes
        if known is None or not known.is_defined_as(promised)
    ]
    if rows:
        connection.execute(insert(definitions), rows)


def _begin_segments(connection: Connection, changes: Sequence[_Change]) -> None:
    rows = [
        {
            "key_result": one,
            "role": MAIN,
            "segment": known.segment + 1 if known else 1,
            "measure": promised.measure_fingerprint,
        }
        for one, known, promised in changes
        if known is None or known.measured != promised.measure_fingerprint
    ]
    if rows:
        connection.execute(insert(series), rows)


def _news(before: _Known | None, after: _Known) -> Enrolment:
    if before is None:
        return after.enrolment
    return replace(
        after.enrolment,
        measure_changed=before.segment != after.segment,
        promise_changed=before.promise != after.promise,
    )


def _known(connection: Connection) -> dict[str, _Known]:
    """Read all key results in the order they were first seen."""
    newest = (
        select(definitions.c.key_result, func.max(definitions.c.revision).label("revision"))
        .group_by(definitions.c.key_result)
        .subquery()
    )
    last = (
        select(series.c.key_result, func.max(series.c.segment).label("segment"))
        .where(series.c.role == MAIN)
        .group_by(series.c.key_result)
        .subquery()
    )
    query = (
        select(
            key_results.c.cycle,
            key_results.c.address,
            key_results.c.id,
            key_results.c.removed,
            definitions.c.revision,
            definitions.c.measure,
            definitions.c.promise,
            definitions.c.document,
            series.c.id,
            series.c.segment,
            series.c.measure,
        )
        .join(newest, newest.c.key_result == key_results.c.id)
        .join(
            definitions,
            and_(
                definitions.c.key_result == newest.c.key_result, definitions.c.revision == newest.c.revision
            ),
        )
        .join(last, last.c.key_result == key_results.c.id)
        .join(
            series,
            and_(
                series.c.key_result == last.c.key_result,
                series.c.role == MAIN,
                series.c.segment == last.c.segment,
            ),
        )
        .order_by(key_results.c.id)
    )
    return {f"{cycle}:{address}": _Known(*rest) for cycle, address, *rest in connection.execute(query)}
