"""Takes letters out of the outbox as bundles, and writes down how sending them went: each claimed by one, in their order.

Letters of one notifier and group travel together: what waits when the first of them is due becomes a bundle, which is sent
as one message, and again as the same one until it is settled; what comes later waits behind it. The store's own effect is
exactly once. On the wire it is at least once: who dies between sending and `settle` leaves a lease that runs out, and the
bundle is sent again under the same id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, assert_never

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from collector.ports.store import Bundle, Early, Letter, LetterState
from collector.store.bulk import MOST_NAMES
from collector.store.letters import WAITING, readable
from collector.store.tables import outbox
from collector.store.values import plain
from collector.store.words import Unreadable

MOST_LETTERS = MOST_NAMES
"""So many letters travel in one bundle."""
EXPIRED = "the sync is over"
"""Why what expires is not sent: it is about a sync."""


def claim(
    connection: Connection, notifier: str, at: datetime, lease_until: datetime, *, early: Early
) -> Bundle | None:
    """Lease the bundle whose head is due first, and make it one where its letters wait for the first time. A letter that
    can no longer be read, or has expired, is dead: it must not stop the rest.
    """
    while (head := _head(connection, notifier, at, early=early)) is not None:
        letters, epoch = _opened(connection, _travelling(connection, head), at)
        if letters:
            return _leased(connection, head.bundle, letters, epoch + 1, at, lease_until)
    return None


def settle(
    connection: Connection,
    bundle: Bundle,
    state: LetterState,
    at: datetime,
    due: datetime | None,
    note: str,
    *,
    broke: bool = False,
) -> bool:
    """Write down how sending went; False when the claim is not the newest, or was settled for good before.

    Raises `ValueError` when a bundle stays due without a next try.
    """
    if state is LetterState.DUE and due is None:
        raise ValueError(f"bundle {bundle.id} stays due: say when the next try is")
    settled: dict[str, Any] = {"state": state.value, "leased_until": None, "settled": at, "note": plain(note)}
    if state is LetterState.DUE:
        settled["due"] = due
    if broke:
        settled["broke"] = outbox.c.broke + 1
    return connection.execute(update(outbox).where(*_mine(bundle)).values(settled)).rowcount > 0


def split(connection: Connection, bundle: Bundle, at: datetime, note: str) -> bool:
    """Make two bundles of one, due at once, the older half first; False as `settle`.

    Raises `ValueError` for a letter that is alone.
    """
    middle = len(bundle.letters) // 2
    if not middle:
        raise ValueError(f"bundle {bundle.id} is one letter: it cannot be split")
    halved = {"leased_until": None, "settled": at, "due": at, "note": plain(note)}
    count = 0
    for half in (bundle.letters[:middle], bundle.letters[middle:]):
        its = update(outbox).where(*_mine(bundle, half)).values(**halved, bundle=bundle_id(half))
        count += connection.execute(its).rowcount
    return count > 0


def bundle_id(letters: Sequence[Letter]) -> str:
    """Name a bundle by its letters: a letter alone is its announcement, the same letters are the same message."""
    events = [letter.announcement.id for letter in letters]
    if len(events) == 1:
        return events[0]
    return "evt_" + hashlib.sha256("\n".join(events).encode()).hexdigest()[:32]


def heads(notifier: str | BindParameter[str]) -> ColumnElement[bool]:
    """Choose the letters of a notifier that are the first to wait in their groups."""
    mine = select(func.min(outbox.c.id)).where(outbox.c.notifier == notifier, WAITING)
    return outbox.c.id.in_(mine.group_by(outbox.c.group).scalar_subquery())


def unleased(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Choose the letters that nobody is sending at `at`."""
    return or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= at)


def _head(connection: Connection, notifier: str, at: datetime, *, early: Early) -> Any:
    return connection.execute(_first_head(early), {"notifier": notifier, "at": at}).first()


@cache
def _first_head(early: Early) -> Select[Any]:
    """Make the question once: making it anew takes longer than asking it, and it is asked at every look."""
    at: BindParameter[datetime] = bindparam("at")
    columns = (outbox.c.id, outbox.c.notifier, outbox.c.group, outbox.c.bundle, outbox.c.expires)
    query = select(*columns).where(heads(bindparam("notifier")), unleased(at), _may_go(at, early))
    # a page that failed waits like others: it is not to be the only one that is tried
    last = case((and_(outbox.c.pages, outbox.c.due <= at), 0), else_=1)
    return query.order_by(last, outbox.c.due, outbox.c.id).limit(1)


def _may_go(at: BindParameter[datetime], early: Early) -> ColumnElement[bool]:
    """Choose what is due at `at`, or may be sent before."""
    due, tried = outbox.c.due <= at, outbox.c.attempts > 0
    alone = and_(~tried, or_(outbox.c.earliest.is_(None), outbox.c.earliest <= at))
    match early:
        case Early.NOTHING:
            return due
        case Early.UNTRIED:
            return or_(due, alone)
        case Early.ANYTHING:
            return or_(due, tried, alone)
        case _:
            assert_never(early)


def _travelling(connection: Connection, head: Any) -> Sequence[Any]:
    """Give the rows that belong to the bundle of a head, or, where it has none yet, that can be one with it: those before
    the next bundle of the group, which a dead letter come alive again may stand in front of. What expires is alone.
    """
    group = (outbox.c.notifier == head.notifier, outbox.c.group == head.group, WAITING)
    query = select(outbox).where(*group, outbox.c.bundle == head.bundle).order_by(outbox.c.id)
    if not head.bundle:
        behind = select(func.min(outbox.c.id)).where(*group, outbox.c.bundle != "").scalar_subquery()
        query = query.where(or_(behind.is_(None), outbox.c.id < behind))
        query = query.limit(MOST_LETTERS if head.expires is None else 1)
    return connection.execute(query).all()


def _opened(connection: Connection, rows: Sequence[Any], at: datetime) -> tuple[list[Letter], int]:
    """Give the letters that can be sent, and the highest epoch of all; the others are dead."""
    letters: list[Letter] = []
    for row in rows:
        if row.expires is not None and row.expires <= at:
            _die(connection, row, at, EXPIRED)
            continue
        try:
            letters.append(readable(row))
        except Unreadable as why:
            _die(connection, row, at, f"{why}, so it was not sent")
    return letters, max((row.epoch for row in rows), default=0)


def _die(connection: Connection, row: Any, at: datetime, note: str) -> None:
    dead = {"state": LetterState.DEAD.value, "settled": at, "note": note}
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(dead))


def _leased(
    connection: Connection,
    name: str,
    letters: list[Letter],
    epoch: int,
    at: datetime,
    until: datetime,
) -> Bundle:
    name = name or bundle_id(letters)
    leased = {
        "epoch": epoch,
        "attempts": outbox.c.attempts + 1,
        "leased_until": until,
        "bundle": name,
        "bundled": func.coalesce(outbox.c.bundled, literal(at, outbox.c.bundled.type)),
        # what was made alive again is as if it were new
        "broke": case((outbox.c.attempts == 0, 0), else_=outbox.c.broke),
    }
    connection.execute(update(outbox).where(_among(letters)).values(leased))
    now = [
        replace(
            letter,
            attempts=letter.attempts + 1,
            bundle=name,
            first_tried=letter.first_tried or at,
            broke=letter.broke if letter.attempts else 0,
        )
        for letter in letters
    ]
    return Bundle(name, letters[0].notifier, epoch, tuple(now))


def _mine(bundle: Bundle, letters: Sequence[Letter] = ()) -> tuple[ColumnElement[bool], ...]:
    """Choose the letters of a bundle, or some of them, while its claim is the newest."""
    same = (outbox.c.bundle == bundle.id, outbox.c.epoch == bundle.epoch, WAITING)
    return (_among(letters or bundle.letters), *same)


def _among(letters: Sequence[Letter]) -> ColumnElement[bool]:
    return outbox.c.id.in_([letter.id for letter in letters])
