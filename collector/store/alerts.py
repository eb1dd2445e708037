"""Keeps every alert as it stands; what is older than that moves none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from collector.domain.alert import Alert, AlertKind, AlertState
from collector.domain.announcement import Severity
from collector.store import tables
from collector.store.bulk import MOST_NAMES, Excluded, replace
from collector.store.instants import millis_or_none
from collector.store.values import plain


def standing(connection: Connection, fingerprints: Collection[str] | None) -> Mapping[str, Alert]:
    """Give alerts by fingerprint: the named ones that exist, or all."""
    query = select(tables.alerts).order_by(tables.alerts.c.fingerprint)
    if fingerprints is None:
        return {row.fingerprint: alert_of(row, row.event) for row in connection.execute(query)}
    found: dict[str, Alert] = {}
    names = sorted(fingerprints)
    for start in range(0, len(names), MOST_NAMES):
        chunk = names[start : start + MOST_NAMES]
        rows = connection.execute(query.where(tables.alerts.c.fingerprint.in_(chunk)))
        found.update((row.fingerprint, alert_of(row, row.event)) for row in rows)
    return found


def put(connection: Connection, alerts: Sequence[Alert]) -> None:
    """Keep alerts as they stand, what they count within a step included."""
    _COUNT.run(connection, [row_of(alert) for alert in alerts])


def move(connection: Connection, alerts: Sequence[Alert]) -> None:
    """Keep alerts as they stand after a change. A replay moves none backwards, and takes back nothing it counted since."""
    _MOVE.run(connection, [row_of(alert) for alert in alerts])


def row_of(alert: Alert) -> tuple[Any, ...]:
    """Give an alert as a row, in the order of `tables.alerts`."""
    return (
        alert.fingerprint,
        alert.kind.value,
        plain(alert.subject),
        alert.state.value,
        alert.episode,
        alert.step,
        millis_or_none(alert.since),
        alert.severity.value,
        millis_or_none(alert.opened),
        millis_or_none(alert.ended),
        alert.event,
        alert.run,
        millis_or_none(alert.slot),
        millis_or_none(alert.clear_since),
    )


def alert_of(row: Any, event: str) -> Alert:
    """Read an alert from a row that has its columns; `event` is that of the change that people are told of."""
    return Alert(
        fingerprint=row.fingerprint,
        kind=AlertKind(row.kind),
        subject=row.subject,
        state=AlertState(row.state),
        episode=row.episode,
        step=row.step,
        since=row.since,
        severity=Severity(row.severity),
        opened=row.opened,
        ended=row.ended,
        event=event,
        run=row.run,
        slot=row.slot,
        clear_since=row.clear_since,
    )


def _unless_older(*, same_step: bool) -> Callable[[Excluded], ColumnElement[bool]]:
    """Tell whether an alert is further on than the one that is kept, or as far where the `same_step` will do."""
    kept = tables.alerts.c

    def newer(new: Excluded) -> ColumnElement[bool]:
        step = new.step >= kept.step if same_step else new.step > kept.step
        return or_(new.episode > kept.episode, and_(new.episode == kept.episode, step))

    return newer


_COUNT = replace(tables.alerts, only_if=_unless_older(same_step=True))
_MOVE = replace(tables.alerts, only_if=_unless_older(same_step=False))
