"""Keeps one outcome a slot and series: a sample, or a gap, never both, and the first sample for good."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)

from collector.domain.sample import Gap, GapReason, Origin, Sample, SampleState
from collector.store.bulk import Insert, chunks, insert_into, keep_first, raw, replace
from collector.store.instants import instant, millis
from collector.store.tables import gaps, samples
from collector.store.values import finite, finite_or_none, pack, plain

Outcome = TypeVar("Outcome", Sample, Gap)


def recorded(connection: Connection, slots: Collection[datetime]) -> set[tuple[datetime, int]]:
    """Give the (slot, series) pairs that have a sample."""
    found: set[tuple[datetime, int]] = set()
    for chunk in chunks({millis(slot) for slot in slots}):
        query = select(samples.c.slot, samples.c.series).where(samples.c.slot.in_(map(instant, chunk)))
        found.update((slot, series) for slot, series in connection.execute(query))
    return found


def add(connection: Connection, read: Sequence[tuple[int, Sample]]) -> None:
    """Keep samples where there is none; a gap at the same slot goes away. Raises `StoreError` for no number."""
    if not read:
        return
    rows = [_sample_row(series, sample) for series, sample in read]
    _KEEP_SAMPLE.run(connection, rows)
    slots = {sample.slot for _, sample in read}
    if connection.scalar(select(exists().where(gaps.c.slot.between(min(slots), max(slots))))):
        closed = [{"slot": millis(sample.slot), "series": series} for series, sample in read]
        connection.execute(_CLOSE_GAP, closed)


def add_gaps(connection: Connection, missed: Sequence[tuple[int, Gap]]) -> None:
    """Keep gaps where there is no sample; a newer reason replaces an older one."""
    rows = [
        {"slot": millis(gap.slot), "series": series, "reason": gap.reason.value, "detail": plain(gap.detail)}
        for series, gap in missed
    ]
    if rows:
        connection.execute(_keep_gap(connection.dialect.name), rows)


def between(
    connection: Connection, series: Collection[int], after: datetime, until: datetime
) -> Mapping[int, list[Sample]]:
    """Give samples of each asked series with after < slot <= until, ascending."""
    found: dict[int, list[Sample]] = {one: [] for one in series}
    for slot, one, *facts in _of_series(connection, samples, series, after, until):
        found[one].append(_sample(slot, facts))
    return _ascending(found)


def gaps_between(
    connection: Connection, series: Collection[int], after: datetime, until: datetime
) -> Mapping[int, list[Gap]]:
    """Give gaps of each asked series with after < slot <= until, ascending."""
    found: dict[int, list[Gap]] = {one: [] for one in series}
    for slot, one, reason, detail in _of_series(connection, gaps, series, after, until):
        found[one].append(Gap(slot=slot, reason=GapReason(reason), detail=detail))
    return _ascending(found)


def replace_all(connection: Connection, now: Sequence[tuple[int, Sample]]) -> None:
    """Put samples in the place of others. Raises `StoreError` for no number."""
    _REPLACE_SAMPLE.run(connection, [_sample_row(series, sample) for series, sample in now])


def set_state(connection: Connection, series: int, slots: Collection[datetime], state: SampleState) -> None:
    """Use, hold or discard samples that are there."""
    for slot in slots:
        one = update(samples).where(samples.c.slot == slot, samples.c.series == series)
        connection.execute(one.values(state=state.value))


def held(connection: Connection, series: Collection[int]) -> Mapping[int, list[Sample]]:
    """Give the samples of each asked series that are held, ascending."""
    found: dict[int, list[Sample]] = {one: [] for one in series}
    for chunk in chunks(series):
        query = select(samples).where(
            samples.c.series.in_(chunk), samples.c.state == literal_column("'held'")
        )
        for slot, one, *facts in connection.execute(query):
            found[one].append(_sample(slot, facts))
    return _ascending(found)


def _of_series(
    connection: Connection, table: Table, series: Collection[int], after: datetime, until: datetime
) -> list[Any]:
    """Read some series over the slots they share with all others, so that a chart of one does not scan the rest."""
    query, stretch = _on_grid(table), {"after": after, "until": until}
    return [
        row for chunk in chunks(series) for row in connection.execute(query, {**stretch, "series": chunk})
    ]


@cache
def _on_grid(table: Table) -> Select[Any]:
    """Make the question about `series` with `after` < slot <= `until`; made once, since that takes longer than to answer it.

    It walks the distinct slots of the table by looking up each next one: the primary key begins with the slot.
    """

    def earliest(later_than: Any) -> Select[Any]:
        following = table.alias()
        slot = following.c.slot
        return select(func.min(slot).label("slot")).where(slot > later_than, slot <= bindparam("until"))

    grid = earliest(bindparam("after")).cte("grid", recursive=True)
    following = earliest(grid.c.slot).scalar_subquery().correlate(grid)
    grid = grid.union_all(select(following).where(grid.c.slot.is_not(None)))
    query = select(table).join_from(grid, table, table.c.slot == grid.c.slot)
    return query.where(table.c.series.in_(bindparam("series", expanding=True)))


def _ascending(found: dict[int, list[Outcome]]) -> dict[int, list[Outcome]]:
    for outcomes in found.values():
        outcomes.sort(key=attrgetter("slot"))  # almost always sorted already, which makes it cheap
    return found


def _sample_row(series: int, sample: Sample) -> tuple[Any, ...]:
    return (
        millis(sample.slot),
        series,
        finite(sample.value, "a sample"),
        finite_or_none(sample.num, "a numerator"),
        finite_or_none(sample.den, "a denominator"),
        sample.state.value,
        millis(sample.as_of),
        millis(sample.recorded_at),
        sample.origin.value,
        pack(sample.evidence, "the evidence of a sample") if sample.evidence else None,
    )


def _sample(slot: datetime, facts: Sequence[Any]) -> Sample:
    value, num, den, state, as_of, recorded_at, origin, evidence = facts
    return Sample(
        slot=slot,
        value=value,
        as_of=as_of,
        recorded_at=recorded_at,
        num=num,
        den=den,
        state=_STATES[state],
        origin=_ORIGINS[origin],
        evidence=json.loads(evidence) if evidence else {},
    )


_STATES = {state.value: state for state in SampleState}
_ORIGINS = {origin.value: origin for origin in Origin}
_KEEP_SAMPLE = keep_first(samples)
_REPLACE_SAMPLE = replace(samples)
_AT = (gaps.c.slot == raw(gaps.c.slot), gaps.c.series == raw(gaps.c.series))
_CLOSE_GAP = delete(gaps).where(*_AT)
_IS_READ = exists().where(samples.c.slot == raw(gaps.c.slot), samples.c.series == raw(gaps.c.series))


@cache
def _keep_gap(dialect: str) -> Insert:
    unread = select(*map(raw, gaps.c)).where(~_IS_READ)
    kept = insert_into(gaps, dialect).from_select(list(gaps.c), unread)
    return kept.on_conflict_do_update(
        index_elements=list(gaps.primary_key),
        set_={"reason": kept.excluded.reason, "detail": kept.excluded.detail},
    )
