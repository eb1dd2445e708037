"""The first tables: what was promised, read, judged and is to be said."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

LIMIT = "1.7976931348623157e308"


def upgrade() -> None:
    """Create everything."""
    promised()
    read()
    judged()
    said()


def finite(table: str, *names: str) -> list[sa.CheckConstraint]:
    """Keep infinities and text out of columns of numbers."""
    return [
        sa.CheckConstraint(f"{name} BETWEEN -{LIMIT} AND {LIMIT}", name=f"{table}_{name}_finite")
        for name in names
    ]


def promised() -> None:
    """Key results as the files define them."""
    op.create_table(
        "cycles",
        sa.Column("cycle", sa.Text, primary_key=True),
        sa.Column("first_run", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "key_results",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("cycle", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("removed", sa.BigInteger),
        sa.UniqueConstraint("cycle", "address", name="key_results_cycle_address"),
    )
    op.create_table(
        "definitions",
        sa.Column("key_result", sa.Integer, sa.ForeignKey("key_results.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("promise", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key_result", sa.Integer, sa.ForeignKey("key_results.id"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("segment", sa.Integer, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.UniqueConstraint("key_result", "role", "segment", name="series_key_result_role_segment"),
    )


def read() -> None:
    """What came back from the sources."""
    op.create_table(
        "samples",
        sa.Column("slot", sa.BigInteger, primary_key=True),
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("num", sa.Float),
        sa.Column("den", sa.Float),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text),
        *finite("samples", "value", "num", "den"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gaps",
        sa.Column("slot", sa.BigInteger, primary_key=True),
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "currents",
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("attempted", sa.BigInteger),
        sa.Column("succeeded", sa.BigInteger),
        sa.Column("covered", sa.BigInteger),
        sa.Column("slot", sa.BigInteger),
        sa.Column("as_of", sa.BigInteger),
        sa.Column("value", sa.Float),
        sa.Column("num", sa.Float),
        sa.Column("den", sa.Float),
        sa.Column("first_slot", sa.BigInteger),
        sa.Column("first_value", sa.Float),
        sa.Column("failing", sa.Text),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("heal_since", sa.BigInteger),
        sa.Column("heal_until", sa.BigInteger),
        *finite("currents", "value", "num", "den", "first_value"),
    )
    op.create_table(
        "days",
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("low", sa.Float, nullable=False),
        sa.Column("high", sa.Float, nullable=False),
        sa.Column("last", sa.Float, nullable=False),
        sa.Column("last_slot", sa.BigInteger, nullable=False),
        sa.Column("num", sa.Float),
        sa.Column("den", sa.Float),
        *finite("days", "value", "low", "high", "last", "num", "den"),
        sqlite_with_rowid=False,
    )


def judged() -> None:
    """What was made of it."""
    op.create_table(
        "baselines",
        sa.Column("key_result", sa.Integer, sa.ForeignKey("key_results.id"), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "evaluation_days",
        sa.Column("key_result", sa.Integer, sa.ForeignKey("key_results.id"), primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "evaluations",
        sa.Column("key_result", sa.Integer, sa.ForeignKey("key_results.id"), primary_key=True),
        sa.Column("day", sa.Integer, nullable=False),
    )


def said() -> None:
    """What people are told."""
    op.create_table(
        "alerts",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger),
    )
    op.create_table(
        "transitions",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("event", sa.Text, nullable=False, unique=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("notifier", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("enqueued", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("leased_until", sa.BigInteger),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("settled", sa.BigInteger),
        sa.Column("note", sa.Text, nullable=False),
        sa.UniqueConstraint("notifier", "event", name="outbox_notifier_event"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "moments",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("cycle", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("moment", sa.BigInteger, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
    )
    waiting = sa.text("state = 'due'")
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["notifier", "fingerprint", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
