"""The tables of what came back from the sources."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from collector.store.instants import Instant
from collector.store.tables.columns import metadata, number, of_series

# (slot, series) without rowid writes ten times faster than (series, slot): all rows of a tick are neighbours. One
# series is read over its own slots (`samples.of_series`).
samples = Table(
    "samples",
    metadata,
    Column("slot", Instant, primary_key=True),
    of_series(),
    *number("samples", "value"),
    *number("samples", "num", nullable=True),
    *number("samples", "den", nullable=True),
    Column("state", Text, nullable=False, comment="used, held or discarded"),
    Column("as_of", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("origin", Text, nullable=False, comment="live, healed, restated or by_hand"),
    Column("evidence", Text),
    sqlite_with_rowid=False,
)

_held = samples.c.state == "held"
Index("samples_held", samples.c.series, samples.c.slot, sqlite_where=_held, postgresql_where=_held)

restatements = Table(
    "restatements",
    metadata,
    of_series(),
    Column("slot", Instant, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("was", Text, nullable=False),
    Column("now", Text, nullable=False),
    Column("why", Text, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    Column("slot", Instant, primary_key=True),
    of_series(),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,
)

currents = Table(
    "currents",
    metadata,
    of_series(),
    Column("attempted", Instant),
    Column("succeeded", Instant),
    Column("covered", Instant),
    Column("slot", Instant),
    Column("as_of", Instant),
    *number("currents", "value", nullable=True),
    *number("currents", "num", nullable=True),
    *number("currents", "den", nullable=True),
    Column("first_slot", Instant),
    *number("currents", "first_value", nullable=True),
    Column("failing", Text),
    Column("detail", Text, nullable=False),
    Column("heal_since", Instant),
    Column("heal_until", Instant),
    Column("restated", Instant, comment="when late rows were last looked for"),
    Column("settled", Instant, comment="slots up to this one are final"),
    Column("held", Integer, nullable=False, server_default="0"),
)

days = Table(
    "days",
    metadata,
    of_series(),
    Column("day", Integer, primary_key=True, comment="index in the cycle, from 0; negative before it"),
    Column("n", Integer, nullable=False),
    *number("days", "value", nullable=True),
    *number("days", "low"),
    *number("days", "high"),
    *number("days", "last"),
    Column("last_slot", Instant, nullable=False),
    *number("days", "num", nullable=True),
    *number("days", "den", nullable=True),
    Column("inside", Integer, comment="readings in the band of a keep"),
    sqlite_with_rowid=False,
)
