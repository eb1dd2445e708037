"""The tables of what people are told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint, false

from collector.store.instants import Instant
from collector.store.tables.columns import metadata


def standing(event: str) -> tuple[Column[Any], ...]:
    """Give the columns that tell how an alert stands; `event` names the one of the change that people are told of."""
    return (
        Column("state", Text, nullable=False),
        Column("episode", Integer, nullable=False),
        Column("step", Integer, nullable=False),
        Column("since", Instant),
        Column("severity", Text, nullable=False, server_default="info"),
        Column("opened", Instant),
        Column("ended", Instant),
        Column(event, Text, nullable=False, server_default=""),
        Column("run", Integer, nullable=False, server_default="0", comment="readings in a row that fired"),
        Column("slot", Instant, comment="the newest reading that counted"),
        Column("clear_since", Instant),
    )


alerts = Table(
    "alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    *standing("event"),
)

transitions = Table(
    "transitions",
    metadata,
    Column("seq", Integer, primary_key=True, comment="the cursor of the feeds: never given twice"),
    Column("event", Text, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    *standing("alert_event"),
    Column("was", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False, server_default="", comment="when no rule moved it"),
    Column(
        "team", Text, nullable=False, server_default="", comment="empty where several or none are concerned"
    ),
    Column("family", Text, nullable=False, server_default=""),
    Column("document", Text, comment="its words; null in rows from before words were kept"),
    sqlite_autoincrement=True,
)
Index("transitions_episode", transitions.c.fingerprint, transitions.c.episode)
Index("transitions_at", transitions.c.at)

pruned = Table(
    "pruned",
    metadata,
    Column("name", Text, primary_key=True, comment="of the table that rows were deleted from"),
    Column("until", BigInteger, nullable=False, comment="the highest number that was deleted"),
)

told = Table(
    "told",
    metadata,
    Column("notifier", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("episode", Integer, nullable=False),
    Column("open", Boolean, nullable=False, comment="told that it is wrong, and not yet that it is over"),
    Column("severity", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("repeats", Integer, nullable=False),
)
Index("told_fingerprint", told.c.fingerprint)

acks = Table(
    "acks",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("episode", Integer, nullable=False),
    Column("severity", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Integer, primary_key=True, comment="never given twice"),
    Column("team", Text, nullable=False),
    Column("key_result", Text, nullable=False, comment="empty for all of the team"),
    Column("kind", Text, comment="null for all kinds"),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,
)

disabled = Table(
    "disabled",
    metadata,
    Column("notifier", Text, primary_key=True),
    Column("digest", Text, nullable=False, comment="of the configuration that was disabled"),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, comment="the order of sending: never given twice"),
    Column("notifier", Text, nullable=False),
    Column("event", Text, nullable=False, comment="the announcement's own id"),
    Column("group", Text, nullable=False, server_default="", comment="its own id where it travels alone"),
    Column("state", Text, nullable=False, comment="due, sent or dead"),
    Column("document", Text, nullable=False),
    Column("enqueued", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("epoch", BigInteger, nullable=False, comment="raised by every claim: only the newest may settle"),
    Column("attempts", Integer, nullable=False),
    Column("settled", Instant, comment="when sending was last settled, well or badly"),
    Column("note", Text, nullable=False),
    Column(
        "bundle", Text, nullable=False, server_default="", comment="the message it travels in, once claimed"
    ),
    Column("bundled", Instant, comment="when that was first claimed"),
    Column("expires", Instant, comment="it is not sent after this"),
    Column("earliest", Instant, comment="when the interval of its group is over"),
    Column("pages", Boolean, nullable=False, server_default=false(), comment="it goes before the others"),
    Column(
        "broke", Integer, nullable=False, server_default="0", comment="how often the notifier itself failed"
    ),
    UniqueConstraint("notifier", "event", name="outbox_notifier_event"),
    sqlite_autoincrement=True,
)

# What waits is little beside what was sent: claiming looks at nothing else.
_waiting = outbox.c.state == "due"
Index(
    "outbox_waiting",
    outbox.c.notifier,
    outbox.c.group,
    outbox.c.id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
_bundled = outbox.c.bundled.is_not(None)
Index(
    "outbox_bundled",
    outbox.c.notifier,
    outbox.c.group,
    outbox.c.bundled,
    sqlite_where=_bundled,
    postgresql_where=_bundled,
)
Index("outbox_settled", outbox.c.state, outbox.c.settled, outbox.c.notifier)

moments = Table(
    "moments",
    metadata,
    Column("team", Text, primary_key=True),
    Column("cycle", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("moment", Instant, primary_key=True),
    Column("outcome", Text, nullable=False, comment="sent or missed"),
)
