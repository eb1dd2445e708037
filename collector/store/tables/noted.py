"""The tables of what people wrote down."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from collector.store.instants import Instant
from collector.store.tables.columns import metadata

annotated = Table(
    "annotations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_result", ForeignKey("key_results.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False, comment="the instant it is about"),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, comment="never given twice"),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)
