"""Keeps what people want to be seen beside the numbers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select

from collector.ports.store import Annotation
from collector.store.bulk import chunks
from collector.store.tables import annotated
from collector.store.values import plain


def add(connection: Connection, annotation: Annotation) -> int:
    """Keep one, and give its number."""
    row = {
        "key_result": annotation.key_result,
        "at": annotation.at,
        "text": plain(annotation.text),
        "author": plain(annotation.author),
        "recorded_at": annotation.recorded_at,
    }
    added = connection.execute(insert(annotated).values(row).returning(annotated.c.id))
    return int(added.scalar_one())


def between(
    connection: Connection, key_results: Collection[int], after: datetime, until: datetime
) -> list[Annotation]:
    """Give those of these key results with after < at <= until, ascending."""
    found: list[Annotation] = []
    for chunk in chunks(key_results):
        query = (
            select(annotated)
            .where(annotated.c.key_result.in_(chunk))
            .where(annotated.c.at > after, annotated.c.at <= until)
        )
        found += [Annotation(**row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda one: (one.at, one.id))
