"""The tables of what was made of the readings."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from collector.store.instants import Instant
from collector.store.tables.columns import metadata, of_key_result

baselines = Table(
    "baselines",
    metadata,
    of_key_result(),
    Column("at", Instant, nullable=False),
    Column("document", Text, nullable=False),
)

# Documents are some 900 bytes, which is too long for a table without rowid.
evaluation_days = Table(
    "evaluation_days",
    metadata,
    of_key_result(),
    Column("day", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("document", Text, nullable=False),
)

# The latest is the one of the day that was written last, so its document is written once.
evaluations = Table(
    "evaluations",
    metadata,
    of_key_result(),
    Column("day", Integer, nullable=False),
)
