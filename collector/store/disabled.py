"""Keeps which notifiers are not to send."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from collector.ports.store import Disabled
from collector.store import tables
from collector.store.bulk import replace
from collector.store.instants import millis
from collector.store.values import plain


def everything(connection: Connection) -> Mapping[str, Disabled]:
    """Give them all, by name."""
    rows = connection.execute(select(tables.disabled).order_by(tables.disabled.c.notifier))
    return {row.notifier: Disabled(row.notifier, row.digest, row.at, row.why) for row in rows}


def put(connection: Connection, one: Disabled) -> None:
    """Let a notifier send no more; what was known of it before is replaced."""
    _REPLACE.run(connection, [(one.notifier, one.digest, millis(one.at), plain(one.why))])


def drop(connection: Connection, notifier: str) -> bool:
    """Let a notifier send again; False when it was not disabled."""
    mine = delete(tables.disabled).where(tables.disabled.c.notifier == notifier)
    return connection.execute(mine).rowcount == 1


_REPLACE = replace(tables.disabled)
