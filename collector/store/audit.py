"""Keeps who changed what by hand, and when; lines are added, never changed."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from collector.ports.store import Deed
from collector.store.tables import audit
from collector.store.values import pack, plain, unpack


def add(connection: Connection, deed: Deed) -> int:
    """Add a line, and give its number."""
    row = {
        "at": deed.at,
        "actor": plain(deed.actor),
        "action": deed.action,
        "subject": plain(deed.subject),
        "detail": pack(deed.detail, "a line of the audit log"),
    }
    return int(connection.execute(insert(audit).values(row).returning(audit.c.id)).scalar_one())


def newest(connection: Connection, before: int | None, subject: str | None, limit: int) -> list[Deed]:
    """Give lines with a number below `before`, the newest first."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    return [
        Deed(row.at, row.actor, row.action, row.subject, unpack(row.detail), row.id)
        for row in connection.execute(query)
    ]
