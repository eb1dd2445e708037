"""The tables as they are now: `migrations/` leads every older database to exactly this.

Numbers are finite by constraint, times are milliseconds (see `instants`), documents are JSON text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from collector.store.instants import Instant

metadata = MetaData()


def number(table: str, name: str, *, nullable: bool = False) -> tuple[Column[float], CheckConstraint]:
    """Give a column of finite numbers with the constraint that keeps infinities and text out.

    SQLite turns NaN into null by itself; where null is allowed, only `values.finite_or_none` keeps NaN out.
    """
    finite = f"{name} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308"
    return Column(name, Float, nullable=nullable), CheckConstraint(finite, name=f"{table}_{name}_finite")


def of_series() -> Column[int]:
    """Give the column that names a series."""
    return Column("series", ForeignKey("series.id"), primary_key=True)


def of_key_result() -> Column[int]:
    """Give the column that names a key result."""
    return Column("key_result", ForeignKey("key_results.id"), primary_key=True)


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

alerts = Table(
    "alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("since", Instant),
)

transitions = Table(
    "transitions",
    metadata,
    Column("seq", Integer, primary_key=True, comment="the cursor of the feeds: never given twice"),
    Column("event", Text, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("since", Instant),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False, server_default="", comment="when no rule moved it"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, comment="the order of sending: never given twice"),
    Column("notifier", Text, nullable=False),
    Column("event", Text, nullable=False, comment="the announcement's own id"),
    Column("fingerprint", Text, comment="null where the order does not matter"),
    Column("state", Text, nullable=False, comment="due, sent or dead"),
    Column("document", Text, nullable=False),
    Column("enqueued", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("epoch", BigInteger, nullable=False, comment="raised by every claim: only the newest may settle"),
    Column("attempts", Integer, nullable=False),
    Column("settled", Instant, comment="when sending was last settled, well or badly"),
    Column("note", Text, nullable=False),
    UniqueConstraint("notifier", "event", name="outbox_notifier_event"),
    sqlite_autoincrement=True,
)

_waiting = outbox.c.state == "due"
Index(
    "outbox_waiting",
    outbox.c.notifier,
    outbox.c.fingerprint,
    outbox.c.id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

moments = Table(
    "moments",
    metadata,
    Column("team", Text, primary_key=True),
    Column("cycle", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("moment", Instant, primary_key=True),
    Column("outcome", Text, nullable=False, comment="sent or missed"),
)
