"""Keeps what every notifier was told last of every alert."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from collector.domain.announcement import Severity
from collector.domain.speech import Told
from collector.store import tables
from collector.store.bulk import replace
from collector.store.instants import millis


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


_REPLACE = replace(tables.told)
