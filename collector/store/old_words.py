"""Deletes what was said long ago, in portions that hold nobody up, and remembers how far the feeds no longer reach."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, exists, select, true

from collector.domain.alert import AlertState
from collector.ports.store import LetterState
from collector.store.bulk import chunks, insert_into
from collector.store.tables import alerts, outbox, pruned, told, transitions

_OPEN = sorted(state for state in AlertState if state.open)


def prune(connection: Connection, before: datetime, limit: int) -> int:
    """Delete at most `limit` changes, then letters that were sent, from before an instant; gives how many.

    The episode of an alert that is open stays, and one that somebody was told of and not yet of its end: its words are still
    to be said. So does every letter that is due or dead.
    """
    gone = _prune_transitions(connection, before, limit)
    return gone + _prune_letters(connection, before, limit - gone)


def _prune_transitions(connection: Connection, before: datetime, limit: int) -> int:
    rested_on = exists().where(
        alerts.c.fingerprint == transitions.c.fingerprint,
        alerts.c.episode == transitions.c.episode,
        alerts.c.state.in_(_OPEN),
    )
    owed = exists().where(
        told.c.fingerprint == transitions.c.fingerprint,
        told.c.episode == transitions.c.episode,
        told.c.open.is_(true()),
    )
    old = select(transitions.c.seq).where(transitions.c.at < before, ~rested_on, ~owed)
    found = connection.execute(old.order_by(transitions.c.at, transitions.c.seq).limit(limit)).scalars().all()
    for chunk in chunks(found):
        connection.execute(delete(transitions).where(transitions.c.seq.in_(chunk)))
    if found:
        _reach(connection, max(found))
    return len(found)


def _prune_letters(connection: Connection, before: datetime, limit: int) -> int:
    sent = (outbox.c.state == LetterState.SENT.value, outbox.c.settled < before)
    old = select(outbox.c.id).where(*sent).order_by(outbox.c.settled, outbox.c.id).limit(limit)
    found = connection.execute(old).scalars().all()
    for chunk in chunks(found):
        connection.execute(delete(outbox).where(outbox.c.id.in_(chunk)))
    return len(found)


def _reach(connection: Connection, until: int) -> None:
    """Write down the highest number that was ever deleted."""
    row = insert_into(pruned, connection.dialect.name).values(name=transitions.name, until=until)
    higher = row.on_conflict_do_update(
        index_elements=[pruned.c.name],
        set_={"until": row.excluded.until},
        where=row.excluded.until > pruned.c.until,
    )
    connection.execute(higher)
