"""Keeps what was replaced: the old number and the new one, each with the time at which it was known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from collector.domain.sample import Origin, Restatement, Sample, SampleState
from collector.store.bulk import chunks, keep_first
from collector.store.instants import millis
from collector.store.tables import restatements
from collector.store.values import pack, plain, unpack


def add(connection: Connection, replaced: Sequence[tuple[int, Restatement]]) -> None:
    """Keep restatements; the same one twice is kept once."""
    rows = [
        (
            series,
            millis(one.now.slot),
            millis(one.at),
            pack(_document(one.was), "a replaced sample"),
            pack(_document(one.now), "a restated sample"),
            plain(one.why),
        )
        for series, one in replaced
    ]
    _KEEP.run(connection, rows)


def between(
    connection: Connection, series: Collection[int], after: datetime, until: datetime
) -> Mapping[int, list[Restatement]]:
    """Give what was replaced at slots with after < slot <= until, in the order of replacing."""
    found: dict[int, list[Restatement]] = {one: [] for one in series}
    for chunk in chunks(series):
        query = (
            select(restatements)
            .where(restatements.c.series.in_(chunk))
            .where(restatements.c.slot > after, restatements.c.slot <= until)
            .order_by(restatements.c.at, restatements.c.slot)
        )
        for one, slot, at, was, now, why in connection.execute(query):
            found[one].append(Restatement(_sample(slot, was), _sample(slot, now), at, why))
    return found


def _document(sample: Sample) -> dict[str, Any]:
    return {
        "value": sample.value,
        "num": sample.num,
        "den": sample.den,
        "as_of": sample.as_of.isoformat(),
        "recorded_at": sample.recorded_at.isoformat(),
        "state": sample.state.value,
        "origin": sample.origin.value,
        "evidence": dict(sample.evidence),
    }


def _sample(slot: datetime, text: str) -> Sample:
    document = unpack(text)
    return Sample(
        slot=slot,
        value=document["value"],
        num=document["num"],
        den=document["den"],
        as_of=datetime.fromisoformat(document["as_of"]),
        recorded_at=datetime.fromisoformat(document["recorded_at"]),
        state=SampleState(document["state"]),
        origin=Origin(document["origin"]),
        evidence=document["evidence"],
    )


_KEEP = keep_first(restatements)
