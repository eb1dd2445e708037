"""Keeps every alert as it stands, and every change of one in the order it happened: the cursor of the feeds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from collector.domain.alert import Alert, AlertKind, AlertState, Transition
from collector.store import tables
from collector.store.bulk import MOST_NAMES, Excluded, keep_first, replace
from collector.store.instants import millis, millis_or_none
from collector.store.values import plain


def standing(connection: Connection, fingerprints: Collection[str] | None) -> Mapping[str, Alert]:
    """Give alerts by fingerprint: the named ones that exist, or all."""
    query = select(tables.alerts).order_by(tables.alerts.c.fingerprint)
    if fingerprints is None:
        return {row.fingerprint: _alert(row) for row in connection.execute(query)}
    found: dict[str, Alert] = {}
    names = sorted(fingerprints)
    for start in range(0, len(names), MOST_NAMES):
        chunk = names[start : start + MOST_NAMES]
        rows = connection.execute(query.where(tables.alerts.c.fingerprint.in_(chunk)))
        found.update((row.fingerprint, _alert(row)) for row in rows)
    return found


def add(connection: Connection, changes: Sequence[Transition]) -> None:
    """Keep changes, each event once, and the alerts as they stand after them. A replay moves no alert backwards."""
    _KEEP_TRANSITION.run(connection, [_row(change) for change in changes])
    _MOVE_ALERT.run(connection, [_alert_row(change.alert) for change in changes])


def changes(connection: Connection, after: int, limit: int) -> list[tuple[int, Transition]]:
    """Give changes with a sequence number above `after`, ascending."""
    table = tables.transitions
    query = select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit)
    return [(row.seq, _transition(row)) for row in connection.execute(query)]


def _is_later(change: Excluded) -> ColumnElement[bool]:
    """Tell whether a change is not older than the alert as it stands."""
    alert = tables.alerts.c
    return or_(
        change.episode > alert.episode, and_(change.episode == alert.episode, change.step >= alert.step)
    )


def _alert_row(alert: Alert) -> tuple[Any, ...]:
    return (*_identity(alert), alert.state.value, alert.episode, alert.step, millis_or_none(alert.since))


def _row(change: Transition) -> tuple[Any, ...]:
    alert = change.alert
    standing = (alert.state.value, alert.episode, alert.step, millis_or_none(alert.since))
    return (
        change.event,
        *_identity(alert),
        change.was.value,
        *standing,
        millis(change.at),
        plain(change.why),
    )


def _identity(alert: Alert) -> tuple[str, str, str]:
    return alert.fingerprint, alert.kind.value, alert.subject


def _alert(row: Any) -> Alert:
    return Alert(
        fingerprint=row.fingerprint,
        kind=AlertKind(row.kind),
        subject=row.subject,
        state=AlertState(row.state),
        episode=row.episode,
        step=row.step,
        since=row.since,
    )


def _transition(row: Any) -> Transition:
    return Transition(event=row.event, alert=_alert(row), was=AlertState(row.was), at=row.at, why=row.why)


_KEEP_TRANSITION = keep_first(tables.transitions)
_MOVE_ALERT = replace(tables.alerts, only_if=_is_later)
