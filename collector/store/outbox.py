"""Keeps what is to be sent until it is settled: each announcement once a notifier, due when its group may be told again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, case, func, select, type_coerce, update

from collector.domain.announcement import Severity
from collector.ports.store import Letter, LetterState, Posting
from collector.store.bulk import chunks, keep_first
from collector.store.bundles import heads, unleased
from collector.store.groups import Due, group_dues, group_of
from collector.store.instants import millis, millis_or_none
from collector.store.letters import WAITING, shown
from collector.store.overtaken import overtaken
from collector.store.tables import outbox
from collector.store.values import pack

AHEAD = timedelta(hours=1)
"""What waits for less than this is left to wait, though the clock went back."""


def enqueue(connection: Connection, postings: Sequence[Posting], at: datetime) -> None:
    """Put announcements in the outbox; one that is there already stays as it is."""
    by_notifier: dict[str, list[Posting]] = {}
    for posting in postings:
        by_notifier.setdefault(posting.notifier, []).append(posting)
    for notifier, its in by_notifier.items():
        dues = group_dues(connection, notifier, its, at)
        _KEEP.run(connection, [_row(posting, at, dues[group_of(posting)]) for posting in its])


def counts(connection: Connection) -> Mapping[str, Mapping[LetterState, int]]:
    """Count letters by notifier and state."""
    found: dict[str, dict[LetterState, int]] = {}
    columns = (outbox.c.state, outbox.c.notifier)  # in the order of an index that holds both
    query = select(outbox.c.notifier, outbox.c.state, func.count()).group_by(*columns)
    for notifier, state, count in connection.execute(query):
        found.setdefault(notifier, {})[LetterState(state)] = count
    return found


def newest(
    connection: Connection, states: Collection[LetterState], notifier: str | None, limit: int
) -> list[Letter]:
    """Give letters in these states, the newest first; what they say is looked up for those alone that are given."""
    chosen = select(outbox.c.id).where(outbox.c.state.in_(sorted(states)))
    if notifier is not None:
        chosen = chosen.where(outbox.c.notifier == notifier)
    found = connection.execute(chosen.order_by(outbox.c.id.desc()).limit(limit)).scalars().all()
    rows = [
        row
        for chunk in chunks(found)
        for row in connection.execute(select(outbox).where(outbox.c.id.in_(chunk)).order_by(outbox.c.id))
    ]
    return [shown(row) for row in reversed(rows)]


def hurry(connection: Connection, notifier: str, at: datetime) -> int:
    """Make due whatever waits for another try, and is not being tried; gives how many letters that are."""
    tried = (outbox.c.notifier == notifier, WAITING, outbox.c.attempts > 0, outbox.c.due > at, unleased(at))
    return connection.execute(update(outbox).where(*tried).values(due=at)).rowcount


def clock_went_back(connection: Connection, by: timedelta, at: datetime) -> None:
    """Move every instant that letters wait for, and that lies more than `AHEAD` after `at`, so much nearer."""
    for column in (outbox.c.due, outbox.c.earliest, outbox.c.leased_until):
        nearer = type_coerce(column, BigInteger) - round(by / timedelta(milliseconds=1))
        connection.execute(update(outbox).where(WAITING, column > at + AHEAD).values({column: nearer}))


def revive(connection: Connection, at: datetime, letters: Collection[int], notifier: str | None) -> int:
    """Make dead letters due as if they were new: the named ones, those of a notifier, or what is both; gives how many.

    What a later letter has overtaken stays dead: nobody is to hear that something began after they heard that it is over.
    The epoch stays, so that whoever claimed one before it died can settle nothing any more.
    """
    if notifier is None and not letters:
        return 0
    dead = _dead(connection, letters, notifier)
    alive = {row.id for row in dead} - overtaken(connection, at, dead)
    new = {
        "state": LetterState.DUE.value,
        "enqueued": at,
        "due": at,
        "attempts": 0,
        "settled": None,
        "note": "",
        "bundle": "",
        "bundled": None,
        "leased_until": None,
    }
    return sum(
        connection.execute(update(outbox).where(outbox.c.id.in_(chunk)).values(new)).rowcount
        for chunk in chunks(alive)
    )


def _dead(connection: Connection, letters: Collection[int], notifier: str | None) -> list[Any]:
    """Give the dead letters among the named ones, of a notifier, or both."""
    query = select(outbox.c.id, outbox.c.notifier, outbox.c.document).where(
        outbox.c.state == LetterState.DEAD.value
    )
    if notifier is not None:
        query = query.where(outbox.c.notifier == notifier)
    if not letters:
        return list(connection.execute(query))
    return [
        row for chunk in chunks(letters) for row in connection.execute(query.where(outbox.c.id.in_(chunk)))
    ]


def next_due(connection: Connection, notifier: str) -> datetime | None:
    """Give when the next bundle can be claimed: what waits behind another letter of its group waits for that."""
    earliest: datetime | None = connection.scalar(_NEXT_DUE, {"notifier": notifier})
    return earliest


_READY = case((outbox.c.leased_until > outbox.c.due, outbox.c.leased_until), else_=outbox.c.due)
_NEXT_DUE = select(func.min(_READY)).where(heads(bindparam("notifier")))


def _row(posting: Posting, at: datetime, due: Due) -> tuple[Any, ...]:
    return (
        posting.notifier,
        posting.announcement.id,
        group_of(posting),
        LetterState.DUE.value,
        pack(posting.announcement.document(), "an announcement"),
        millis(at),
        millis(due.at),
        None,
        0,
        0,
        None,
        "",
        "",
        None,
        millis_or_none(posting.expires),
        millis_or_none(due.earliest),
        posting.announcement.severity is Severity.PAGE,
        0,
    )


_KEEP = keep_first(outbox)
