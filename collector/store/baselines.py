"""Keeps where each key result began, with the evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from collector.domain.baseline import Baseline
from collector.store.bulk import chunks, replace
from collector.store.instants import millis
from collector.store.tables import baselines
from collector.store.values import pack, unpack


def of(connection: Connection, key_results: Collection[int]) -> Mapping[int, Baseline]:
    """Give the baselines known."""
    found: dict[int, Baseline] = {}
    for chunk in chunks(key_results):
        query = select(baselines.c.key_result, baselines.c.document)
        for key_result, document in connection.execute(query.where(baselines.c.key_result.in_(chunk))):
            found[key_result] = Baseline.from_document(unpack(document))
    return found


def put(connection: Connection, taken: Sequence[tuple[int, Baseline]], at: datetime) -> None:
    """Replace baselines. Raises `StoreError` for no number."""
    rows = [
        (key_result, millis(at), pack(baseline.document(), "a baseline")) for key_result, baseline in taken
    ]
    _REPLACE.run(connection, rows)


_REPLACE = replace(baselines)
