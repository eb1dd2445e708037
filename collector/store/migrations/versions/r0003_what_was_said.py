"""Changes with their words, what each notifier was told, acknowledgements, silences, and letters that travel together."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TICKETS = ["drift", "breach", "slo_burn", "guardrail", "config_rejected"]
"""Kinds that were tickets; all others were for information."""
FAMILIES = {
    "value": ["drift", "breach", "slo_burn", "guardrail"],
    "data": ["stale", "implausible", "source_down"],
    "news": ["definition_changed", "removed"],
    "daemon": ["config_rejected", "clock_jump"],
}
OF_NO_TEAM = ["source_down", "config_rejected", "clock_jump"]
"""Kinds whose subject is no key result, `cycle:team/key-result`."""
OPEN = ["firing", "recovering"]

STANDING = ("fingerprint", "kind", "subject", "state", "episode", "since", "severity", "opened", "ended")
alerts = sa.table("alerts", *map(sa.column, (*STANDING, "event")))
transitions = sa.table(
    "transitions",
    *map(sa.column, (*STANDING, "seq", "event", "was", "at", "alert_event", "team", "family")),
)
outbox = sa.table(
    "outbox",
    *map(sa.column, ("id", "notifier", "event", "fingerprint", "group", "enqueued", "attempts", "bundle")),
)


def upgrade() -> None:
    """Add tables and columns, and fill those from what is known."""
    laid_over()
    changes()
    letters()
    told()


def laid_over() -> None:
    """What people lay over alerts and notifiers."""
    op.create_table(
        "acks",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("key_result", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("starts", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "disabled",
        sa.Column("notifier", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "pruned",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )


def changes() -> None:
    """Alerts as they stand, and their changes, with what a later look at them needs."""
    for table, event in (("alerts", "event"), ("transitions", "alert_event")):
        op.add_column(table, sa.Column("severity", sa.Text, nullable=False, server_default="info"))
        op.add_column(table, sa.Column("opened", sa.BigInteger))
        op.add_column(table, sa.Column("ended", sa.BigInteger))
        op.add_column(table, sa.Column(event, sa.Text, nullable=False, server_default=""))
        op.add_column(table, sa.Column("run", sa.Integer, nullable=False, server_default="0"))
        op.add_column(table, sa.Column("slot", sa.BigInteger))
        op.add_column(table, sa.Column("clear_since", sa.BigInteger))
    op.add_column("transitions", sa.Column("team", sa.Text, nullable=False, server_default=""))
    op.add_column("transitions", sa.Column("family", sa.Text, nullable=False, server_default=""))
    op.add_column("transitions", sa.Column("document", sa.Text))
    op.create_index("transitions_episode", "transitions", ["fingerprint", "episode"])
    op.create_index("transitions_at", "transitions", ["at"])
    earlier = transitions.alias("earlier")
    as_it_stood(transitions, "alert_event", earlier, earlier.c.seq <= transitions.c.seq)
    as_it_stood(alerts, "event", earlier, sa.true())
    for family, kinds in FAMILIES.items():
        op.execute(transitions.update().where(transitions.c.kind.in_(kinds)).values(family=family))
    teams()


def as_it_stood(table: sa.TableClause, event: str, earlier: Any, until: sa.ColumnElement[bool]) -> None:
    """Fill in what follows from the changes up to a row; where those are missing, the time of its state stands in."""
    began = sa.and_(earlier.c.was.not_in(OPEN), earlier.c.state.in_(OPEN))
    ended = sa.and_(earlier.c.was.in_(OPEN), earlier.c.state.not_in(OPEN))

    def last(column: sa.ColumnElement[Any], which: sa.ColumnElement[bool]) -> Any:
        mine = sa.and_(earlier.c.fingerprint == table.c.fingerprint, until, which)
        found = sa.select(column).where(mine).order_by(earlier.c.seq.desc()).limit(1)
        return found.correlate(table).scalar_subquery()

    op.execute(table.update().where(table.c.kind.in_(TICKETS)).values(severity="ticket"))
    op.execute(
        table.update().values(
            {
                "opened": last(earlier.c.at, began),
                "ended": last(earlier.c.at, ended),
                event: sa.func.coalesce(last(earlier.c.event, sa.or_(began, ended)), ""),
            }
        )
    )
    is_open, is_over = table.c.state.in_(OPEN), table.c.state == "resolved"
    op.execute(table.update().where(table.c.opened.is_(None), is_open).values(opened=table.c.since))
    op.execute(table.update().where(table.c.ended.is_(None), is_over).values(ended=table.c.since))


def teams() -> None:
    """Read teams out of the subjects of key results."""
    connection = op.get_bind()
    of_teams = transitions.c.kind.not_in(OF_NO_TEAM)
    for subject in connection.scalars(sa.select(transitions.c.subject).where(of_teams).distinct()).all():
        team, slash, _ = subject.partition(":")[2].partition("/")
        if slash:
            its = transitions.update().where(transitions.c.subject == subject, of_teams)
            connection.execute(its.values(team=team))


def letters() -> None:
    """Letters of one fingerprint are letters of one group."""
    op.drop_index("outbox_waiting", "outbox")
    op.add_column("outbox", sa.Column("group", sa.Text, nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("bundle", sa.Text, nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("bundled", sa.BigInteger))
    op.add_column("outbox", sa.Column("expires", sa.BigInteger))
    op.add_column("outbox", sa.Column("earliest", sa.BigInteger))
    op.add_column("outbox", sa.Column("pages", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("broke", sa.Integer, nullable=False, server_default="0"))
    op.execute(outbox.update().values(group=sa.func.coalesce(outbox.c.fingerprint, outbox.c.event)))
    # what was claimed may have arrived: it stays the message that it was
    op.execute(outbox.update().where(outbox.c.attempts > 0).values(bundle=outbox.c.event))
    op.drop_column("outbox", "fingerprint")
    waiting, bundled = sa.text("state = 'due'"), sa.text("bundled IS NOT NULL")
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["notifier", "group", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        "outbox_bundled",
        "outbox",
        ["notifier", "group", "bundled"],
        sqlite_where=bundled,
        postgresql_where=bundled,
    )
    op.create_index("outbox_settled", "outbox", ["state", "settled", "notifier"])


def told() -> None:
    """What a notifier was told last of an alert is its newest letter about one: nobody is told again, and whoever was told
    that something is wrong is told that it is over.
    """
    told = op.create_table(
        "told",
        sa.Column("notifier", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
    )
    op.create_index("told_fingerprint", "told", ["fingerprint"])
    change = transitions.c
    spoken = sa.join(outbox, transitions, change.event == outbox.c.event)
    newest = sa.select(sa.func.max(outbox.c.id)).select_from(spoken)
    newest = newest.group_by(outbox.c.notifier, change.fingerprint)
    rows = sa.select(
        outbox.c.notifier,
        change.fingerprint,
        change.episode,
        change.state.in_(OPEN),
        change.severity,
        outbox.c.enqueued,
        sa.literal(0),
    ).select_from(spoken)
    op.execute(
        told.insert().from_select(
            [column.name for column in told.c], rows.where(outbox.c.id.in_(newest.scalar_subquery()))
        )
    )
