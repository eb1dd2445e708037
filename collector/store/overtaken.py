"""Finds the dead letters that must stay dead: their receiver has heard, or is hearing, what came after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from collector.domain.announcement import Announcement
from collector.ports.store import LetterState
from collector.store.letters import WAITING
from collector.store.tables import outbox
from collector.store.words import Unreadable, read

_PORTION = 500
"""So many letters are in memory at once."""


def overtaken(connection: Connection, at: datetime, dead: Sequence[Any]) -> set[int]:
    """Give the ids of those among `dead` (rows to be made alive together) that a later letter of the same notifier and
    thread has overtaken: one that was sent or is being sent, or one that stays dead and tells that it is over.
    """
    threads: dict[str, dict[str, list[int]]] = {}
    for row in dead:
        if (said := _read(row)) is not None:
            threads.setdefault(row.notifier, {}).setdefault(said.thread, []).append(row.id)
    chosen = {row.id for row in dead}
    found: set[int] = set()
    for notifier, its in threads.items():
        found |= _behind(connection, at, notifier, its, chosen)
    return found


def _behind(
    connection: Connection, at: datetime, notifier: str, threads: Mapping[str, list[int]], chosen: set[int]
) -> set[int]:
    oldest = min(min(ids) for ids in threads.values())
    query = select(outbox.c.id, outbox.c.state, outbox.c.document).where(
        outbox.c.notifier == notifier, outbox.c.id > oldest, or_(~WAITING, outbox.c.leased_until > at)
    )
    found: set[int] = set()
    for row in connection.execute(query, execution_options={"yield_per": _PORTION}):
        if row.id in chosen or (said := _read(row)) is None:
            continue
        if row.state != LetterState.DEAD.value or said.occasion.over:
            found |= {number for number in threads.get(said.thread, ()) if number < row.id}
    return found


def _read(row: Any) -> Announcement | None:
    """Give what a letter says; nothing when it cannot be read any more, and so belongs to no thread."""
    try:
        return read(row.document)
    except Unreadable:
        return None
