"""Keeps what nobody wants to hear of for a while, also after that is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from collector.domain.alert import AlertKind
from collector.domain.silence import Silence
from collector.store.tables import silences
from collector.store.values import plain


def ending_after(connection: Connection, after: datetime | None) -> list[Silence]:
    """Give those that end after an instant, or all, in the order they were made."""
    query = select(silences).order_by(silences.c.id)
    if after is not None:
        query = query.where(silences.c.ends > after)
    return [
        Silence(
            team=row.team,
            key_result=row.key_result,
            starts=row.starts,
            ends=row.ends,
            author=row.author,
            reason=row.reason,
            kind=AlertKind(row.kind) if row.kind is not None else None,
            id=row.id,
        )
        for row in connection.execute(query)
    ]


def add(connection: Connection, silence: Silence) -> int:
    """Keep one, and give its number."""
    row = {
        "team": plain(silence.team),
        "key_result": plain(silence.key_result),
        "kind": silence.kind.value if silence.kind is not None else None,
        "starts": silence.starts,
        "ends": silence.ends,
        "author": plain(silence.author),
        "reason": plain(silence.reason),
    }
    return int(connection.execute(insert(silences).values(row).returning(silences.c.id)).scalar_one())


def end(connection: Connection, number: int, at: datetime) -> bool:
    """End one that still lasts at `at`, or has yet to begin; False when none of that number does."""
    lasting = update(silences).where(silences.c.id == number, silences.c.ends > at)
    return connection.execute(lasting.values(ends=at)).rowcount == 1
