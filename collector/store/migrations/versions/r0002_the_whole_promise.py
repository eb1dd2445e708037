"""Segments with their ends, restatements, held readings, annotations and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns, tables and an index; nothing that was kept changes."""
    op.add_column("series", sa.Column("began", sa.BigInteger))
    op.add_column("series", sa.Column("ended", sa.BigInteger))
    op.add_column("series", sa.Column("verdict", sa.Text))
    op.add_column("currents", sa.Column("restated", sa.BigInteger))
    op.add_column("currents", sa.Column("settled", sa.BigInteger))
    op.add_column("currents", sa.Column("held", sa.Integer, nullable=False, server_default="0"))
    op.add_column("days", sa.Column("inside", sa.Integer))
    op.add_column("transitions", sa.Column("why", sa.Text, nullable=False, server_default=""))
    held = sa.text("state = 'held'")
    op.create_index("samples_held", "samples", ["series", "slot"], sqlite_where=held, postgresql_where=held)
    op.create_table(
        "restatements",
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("slot", sa.BigInteger, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("now", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key_result", sa.Integer, sa.ForeignKey("key_results.id"), nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
