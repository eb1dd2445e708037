"""Keeps who has an alert in hand: the newest acknowledgement of each."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from collector.domain.announcement import Severity
from collector.domain.silence import Ack
from collector.store import tables
from collector.store.bulk import replace
from collector.store.instants import millis
from collector.store.values import plain


def everything(connection: Connection) -> list[Ack]:
    """Give them all, by fingerprint."""
    rows = connection.execute(select(tables.acks).order_by(tables.acks.c.fingerprint))
    return [
        Ack(row.fingerprint, row.episode, Severity(row.severity), row.at, row.author, row.note)
        for row in rows
    ]


def put(connection: Connection, ack: Ack) -> None:
    """Replace the acknowledgement of an alert."""
    row = (
        ack.fingerprint,
        ack.episode,
        ack.severity.value,
        millis(ack.at),
        plain(ack.author),
        plain(ack.note),
    )
    _REPLACE.run(connection, [row])


def drop(connection: Connection, fingerprint: str) -> bool:
    """Take an acknowledgement back; False when there is none."""
    mine = delete(tables.acks).where(tables.acks.c.fingerprint == fingerprint)
    return connection.execute(mine).rowcount == 1


_REPLACE = replace(tables.acks)
