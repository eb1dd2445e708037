"""Keeps what every notifier was told last of every alert."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select, update

from collector.domain.alert import AlertState
from collector.domain.announcement import Announcement, Severity
from collector.domain.speech import Told
from collector.ports.store import LetterState
from collector.store import tables
from collector.store.bulk import replace
from collector.store.instants import millis
from collector.store.letters import WAITING
from collector.store.transitions import items
from collector.store.values import plain

_OPEN = [state.value for state in AlertState if state.open]


def everything(connection: Connection) -> list[Told]:
    """Give it all, by notifier and fingerprint."""
    query = select(tables.told).order_by(tables.told.c.notifier, tables.told.c.fingerprint)
    return [
        Told(
            notifier=row.notifier,
            fingerprint=row.fingerprint,
            episode=row.episode,
            open=row.open,
            severity=Severity(row.severity),
            at=row.at,
            repeats=row.repeats,
        )
        for row in connection.execute(query)
    ]


def put(connection: Connection, told: Sequence[Told]) -> None:
    """Replace what notifiers were told."""
    _REPLACE.run(
        connection,
        [
            (
                one.notifier,
                one.fingerprint,
                one.episode,
                one.open,
                one.severity.value,
                millis(one.at),
                one.repeats,
            )
            for one in told
        ],
    )


def standing_words(connection: Connection, notifier: str) -> list[Announcement]:
    """Give the newest words about each alert that a notifier believes to stand, by fingerprint, in one query."""
    told, change = tables.told.c, tables.transitions.c
    began_or_worsened = (
        change.state.in_(_OPEN),
        or_(change.was.not_in(_OPEN), change.alert_event == change.event),
    )
    newest = (
        select(func.max(change.seq))
        .join(tables.told, (told.fingerprint == change.fingerprint) & (told.episode == change.episode))
        .where(told.notifier == notifier, told.open, *began_or_worsened)
        .group_by(change.fingerprint)
    )
    query = select(tables.transitions).where(change.seq.in_(newest.scalar_subquery()))
    found = [item.transition.said for item in items(connection, query.order_by(change.fingerprint))]
    return [said for said in found if said is not None]


def forget_others(connection: Connection, kept: Collection[str], at: datetime, note: str) -> int:
    """Forget what notifiers other than `kept` were told, and let their waiting letters die; gives how many those are."""
    names, letter = sorted(kept), tables.outbox.c
    connection.execute(delete(tables.told).where(tables.told.c.notifier.not_in(names)))
    dead = {"state": LetterState.DEAD.value, "leased_until": None, "settled": at, "note": plain(note)}
    waiting = update(tables.outbox).where(WAITING, letter.notifier.not_in(names))
    return connection.execute(waiting.values(dead)).rowcount


_REPLACE = replace(tables.told)
