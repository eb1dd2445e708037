"""Keeps the series of each key result: one a role and segment; a changed measure begins a new segment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select, update

from collector.domain.evaluation import Evaluation
from collector.domain.okr import MAIN, KeyResult
from collector.ports.store import Segment, Strand
from collector.store.tables import key_results, series
from collector.store.values import pack, unpack


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest segment of one role of a key result."""

    series: int
    segment: int
    measure: str
    """Fingerprint of what it measures."""


def newest(connection: Connection) -> dict[int, dict[str, Newest]]:
    """Give the newest segments of all key results, by role."""
    last = (
        select(series.c.key_result, series.c.role, func.max(series.c.segment).label("segment"))
        .group_by(series.c.key_result, series.c.role)
        .subquery()
    )
    query = select(series.c.key_result, series.c.role, series.c.id, series.c.segment, series.c.measure).join(
        last,
        and_(
            series.c.key_result == last.c.key_result,
            series.c.role == last.c.role,
            series.c.segment == last.c.segment,
        ),
    )
    found: dict[int, dict[str, Newest]] = {}
    for key_result, role, *rest in connection.execute(query):
        found.setdefault(key_result, {})[role] = Newest(*rest)
    return found


def measures_of(key_result: KeyResult) -> Mapping[str, str]:
    """Give the fingerprints of everything a key result measures, by role."""
    return {**key_result.fingerprints, MAIN: key_result.measure_fingerprint}


def begin(
    connection: Connection,
    promised: Sequence[tuple[int, KeyResult]],
    known: Mapping[int, Mapping[str, Newest]],
    at: datetime,
) -> None:
    """Begin a segment wherever the measure is another one than that of the newest segment."""
    rows = []
    for one, key_result in promised:
        for role, measure in measures_of(key_result).items():
            before = known.get(one, {}).get(role)
            if before is None or before.measure != measure:
                number = before.segment + 1 if before else 1
                rows.append(
                    {"key_result": one, "role": role, "segment": number, "measure": measure, "began": at}
                )
    if rows:
        connection.execute(insert(series), rows)


def end(connection: Connection, one: int, at: datetime, verdict: Evaluation | None) -> None:
    """Freeze a segment with its last verdict; one that has ended stays as it is."""
    document = pack(verdict.document(), "the last verdict of a segment") if verdict else None
    ended = update(series).where(series.c.id == one, series.c.ended.is_(None))
    connection.execute(ended.values(ended=at, verdict=document))


def of(connection: Connection, key_result: int) -> list[Segment]:
    """Give the segments of the main series of a key result, the first one first."""
    query = (
        select(series)
        .where(series.c.key_result == key_result, series.c.role == MAIN)
        .order_by(series.c.segment)
    )
    return [
        Segment(
            number=row.segment,
            series=row.id,
            began=row.began,
            ended=row.ended,
            verdict=Evaluation.from_document(unpack(row.verdict)) if row.verdict else None,
        )
        for row in connection.execute(query)
    ]


def strands(connection: Connection) -> dict[int, list[Strand]]:
    """Give all series of all key results, those of the main role first."""
    query = select(series.c.key_result, series.c.role, series.c.segment, series.c.id)
    query = query.order_by(series.c.key_result, series.c.role != MAIN, series.c.role, series.c.segment)
    found: dict[int, list[Strand]] = {}
    for key_result, *rest in connection.execute(query):
        found.setdefault(key_result, []).append(Strand(*rest))
    return found


def of_other_cycles(connection: Connection, cycles: Collection[str]) -> list[int]:
    """Give the series of the key results of all cycles but these."""
    query = select(series.c.id).join(key_results, key_results.c.id == series.c.key_result)
    return list(connection.scalars(query.where(key_results.c.cycle.not_in(list(cycles)))))
