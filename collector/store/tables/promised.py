"""The tables of what the files promise."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from collector.store.instants import Instant
from collector.store.tables.columns import metadata, of_key_result

cycles = Table(
    "cycles",
    metadata,
    Column("cycle", Text, primary_key=True),
    Column("first_run", Instant, nullable=False),
)

key_results = Table(
    "key_results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("removed", Instant, comment="since when the files no longer hold it"),
    UniqueConstraint("cycle", "address", name="key_results_cycle_address"),
)

definitions = Table(
    "definitions",
    metadata,
    of_key_result(),
    Column("revision", Integer, primary_key=True),
    Column("measure", Text, nullable=False, comment="fingerprint of what is measured"),
    Column("promise", Text, nullable=False, comment="fingerprint of what is promised"),
    Column("document", Text, nullable=False),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_result", ForeignKey("key_results.id"), nullable=False),
    Column("role", Text, nullable=False, comment="main, or guardrail:<id>"),
    Column("segment", Integer, nullable=False, comment="from 1; a changed measure begins a new one"),
    Column("measure", Text, nullable=False, comment="fingerprint of what is measured"),
    Column("began", Instant),
    Column("ended", Instant, comment="when a newer segment took its place"),
    Column("verdict", Text, comment="the last evaluation, frozen at its end"),
    UniqueConstraint("key_result", "role", "segment", name="series_key_result_role_segment"),
)
