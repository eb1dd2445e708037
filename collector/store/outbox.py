"""Keeps what is to be sent until it is settled: each letter once, claimed by one, in order within its fingerprint.

The store's own effect is exactly once. On the wire it is at least once: who dies between sending and `settle` leaves a
lease that runs out, and the letter is sent again under the same id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, exists, func, or_, select, update

from collector.domain.announcement import Announcement
from collector.ports.store import Letter, LetterState
from collector.store.bulk import keep_first
from collector.store.instants import millis
from collector.store.tables import outbox
from collector.store.values import pack, plain, unpack


def enqueue(connection: Connection, letters: Sequence[tuple[str, Announcement]], at: datetime) -> None:
    """Put announcements in the outbox, due at once; one that is there already stays as it is."""
    now = millis(at)
    _KEEP.run(connection, [_row(notifier, announcement, now) for notifier, announcement in letters])


def claim(
    connection: Connection, notifier: str, at: datetime, lease_until: datetime, limit: int
) -> list[Letter]:
    """Lease the letters that are due and not leased, oldest first. One waiting letter holds back the later ones of its
    fingerprint, and no others. A letter that can no longer be read is dead: it must not stop the rest.
    """
    claimable = (outbox.c.notifier == notifier, outbox.c.due <= at, _unleased(at), *_FIRST_IN_LINE)
    rows = connection.execute(select(outbox).where(*claimable).order_by(outbox.c.id).limit(limit)).all()
    letters = [letter for row in rows if (letter := _open(connection, row, at)) is not None]
    leases = [{"letter": letter.id, "epoch": letter.epoch, "until": lease_until} for letter in letters]
    if leases:
        connection.execute(_LEASE, leases)
    return letters


def settle(
    connection: Connection, letter: Letter, state: LetterState, at: datetime, due: datetime | None, note: str
) -> bool:
    """Write down how sending went; False when the claim is not the newest, or was settled for good before.

    Raises `ValueError` when a letter stays due without a next try.
    """
    if state is LetterState.DUE and due is None:
        raise ValueError(f"letter {letter.id} stays due: say when the next try is")
    mine = (outbox.c.id == letter.id, outbox.c.epoch == letter.epoch, _WAITING)
    settled: dict[str, Any] = {"state": state.value, "leased_until": None, "settled": at, "note": plain(note)}
    if state is LetterState.DUE:
        settled["due"] = due
    return connection.execute(update(outbox).where(*mine).values(settled)).rowcount == 1


def counts(connection: Connection) -> Mapping[str, Mapping[LetterState, int]]:
    """Count letters by notifier and state."""
    found: dict[str, dict[LetterState, int]] = {}
    query = select(outbox.c.notifier, outbox.c.state, func.count()).group_by(
        outbox.c.notifier, outbox.c.state
    )
    for notifier, state, count in connection.execute(query.order_by(outbox.c.notifier)):
        found.setdefault(notifier, {})[LetterState(state)] = count
    return found


def next_due(connection: Connection, notifier: str) -> datetime | None:
    """Give when the next letter can be claimed: letters behind another one of their fingerprint wait for that."""
    ready = case((outbox.c.leased_until > outbox.c.due, outbox.c.leased_until), else_=outbox.c.due)
    earliest: datetime | None = connection.scalar(
        select(func.min(ready)).where(outbox.c.notifier == notifier, *_FIRST_IN_LINE)
    )
    return earliest


def _row(notifier: str, announcement: Announcement, now: int) -> tuple[Any, ...]:
    return (
        notifier,
        announcement.id,
        announcement.fingerprint or None,
        LetterState.DUE.value,
        pack(announcement.document(), "an announcement"),
        now,
        now,
        None,
        0,
        0,
        None,
        "",
    )


def _open(connection: Connection, row: Any, at: datetime) -> Letter | None:
    try:
        announcement = Announcement.from_document(unpack(row.document))
    except (KeyError, TypeError, ValueError) as error:
        note = f"what was stored can no longer be read ({type(error).__name__}), so it was not sent"
        dead = {"state": LetterState.DEAD.value, "settled": at, "note": note}
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(dead))
        return None
    return Letter(
        id=row.id,
        notifier=row.notifier,
        epoch=row.epoch + 1,
        attempts=row.attempts,
        enqueued=row.enqueued,
        announcement=announcement,
    )


def _unleased(at: datetime) -> ColumnElement[bool]:
    return or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= at)


def _first_in_line() -> ColumnElement[bool]:
    before = outbox.alias("before")
    return ~exists().where(
        before.c.notifier == outbox.c.notifier,
        before.c.fingerprint == outbox.c.fingerprint,
        before.c.id < outbox.c.id,
        before.c.state == LetterState.DUE.value,
    )


_WAITING = outbox.c.state == LetterState.DUE.value
_FIRST_IN_LINE = (_WAITING, _first_in_line())
_KEEP = keep_first(outbox)
_LEASE = (
    update(outbox)
    .where(outbox.c.id == bindparam("letter"))
    .values(epoch=bindparam("epoch"), attempts=outbox.c.attempts + 1, leased_until=bindparam("until"))
)
