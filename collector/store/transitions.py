"""Keeps every change of an alert with its words, in the order of their commits: the cursor of the feeds misses none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from collector.domain.alert import AlertState, Transition
from collector.ports.store import Extent, Item, Wanted
from collector.ports.subject import team_of
from collector.store import alerts
from collector.store.bulk import keep_first
from collector.store.instants import millis
from collector.store.tables import pruned
from collector.store.tables import transitions as table
from collector.store.values import pack, plain
from collector.store.words import worded


def add(connection: Connection, changes: Sequence[Transition]) -> None:
    """Keep changes, each event once, and the alerts as they stand after them."""
    _KEEP.run(connection, [_row(change) for change in changes])
    alerts.move(connection, [change.alert for change in changes])


def following(connection: Connection, after: int, limit: int, wanted: Wanted) -> list[Item]:
    """Give wanted changes with a sequence number above `after`, ascending."""
    query = _wanted(wanted).where(table.c.seq > after).order_by(table.c.seq)
    return items(connection, query.limit(limit))


def newest(connection: Connection, limit: int, before: int | None, wanted: Wanted) -> list[Item]:
    """Give wanted changes with a sequence number below `before`, the newest first."""
    query = _wanted(wanted).order_by(table.c.seq.desc()).limit(limit)
    return items(connection, query if before is None else query.where(table.c.seq < before))


def episode(connection: Connection, fingerprint: str, number: int) -> list[Item]:
    """Give the changes of one episode of an alert, ascending."""
    mine = (table.c.fingerprint == fingerprint, table.c.episode == number)
    return items(connection, select(table).where(*mine).order_by(table.c.seq))


def extent(connection: Connection) -> Extent | None:
    """Tell from which number on every change is kept, and up to which there ever was one.

    Older ones may be there still, of alerts that have not ended: whoever follows from there would miss what lies between.
    """
    until = connection.scalar(select(pruned.c.until).where(pruned.c.name == table.name)) or 0
    last = connection.scalar(select(func.max(table.c.seq))) or 0
    return Extent(until + 1, max(until, last)) if until or last else None


def items(connection: Connection, query: Select[Any]) -> list[Item]:
    """Give the changes that a query of the whole table chooses, in its order."""
    return [Item(row.seq, _transition(row)) for row in connection.execute(query)]


def _wanted(wanted: Wanted) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (table.c.team, {*wanted.teams, ""} if wanted.teams else ()),  # what has no single team is for each
        (table.c.family, wanted.families),
        (table.c.kind, wanted.kinds),
        (table.c.state, wanted.states),
        (table.c.subject, wanted.subjects),
    ):
        if values:
            conditions.append(column.in_(sorted(map(str, values))))
    return select(table).where(*conditions)


def _row(change: Transition) -> tuple[Any, ...]:
    said, alert = change.said, change.alert
    return (
        change.event,
        *alerts.row_of(alert),
        change.was.value,
        millis(change.at),
        plain(change.why),
        plain(team_of(alert, said)),
        alert.kind.family.value,
        pack(said.document(), "an announcement") if said is not None else None,
    )


def _transition(row: Any) -> Transition:
    change = Transition(
        event=row.event,
        alert=alerts.alert_of(row, row.alert_event),
        was=AlertState(row.was),
        at=row.at,
        why=row.why,
    )
    return worded(change, row.document, row.team)


_KEEP = keep_first(table)
