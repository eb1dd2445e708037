"""Decides whether a database is a store of this krd, and makes it one where that is safe."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.pool import PoolProxiedConnection

from collector.errors import StoreError
from collector.store.faults import LOCK_LIMIT

HEAD = "0001"
"""The newest revision in `migrations/versions`."""
APPLICATION = 0x6B72646B
"""`PRAGMA application_id` of a store: the letters krdk. It tells krd's databases from other programs'."""
_PAUSE = 0.02


def fits(connection: Connection, name: str, *, must_exist: bool) -> bool:
    """Tell whether the schema is this krd's; False when it has to be made or led on.

    Raises `StoreError` for a database of a newer krd or of another program, and, with `must_exist`, for an empty one.
    """
    if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
        if must_exist:
            raise StoreError(
                f"{name}: nothing is kept there yet; start `krd run` first, or name another store"
            )
        return False
    if connection.exec_driver_sql("PRAGMA application_id").scalar() != APPLICATION:
        raise StoreError(f"{name}: holds the tables of another program; name another file for krd's store")
    revision = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
    if revision > HEAD:
        raise StoreError(
            f"{name}: was written by a newer krd (schema {revision}, this one knows {HEAD});"
            " run the newer krd, or put back a backup from before"
        )
    return revision == HEAD


def lead_on(connection: Connection, name: str) -> None:
    """Make the schema this krd's in one transaction; whoever comes second finds it done."""
    with connection.begin():
        if fits(connection, name, must_exist=False):
            return
        from collector.store.migrate import upgrade  # noqa: PLC0415 - alembic costs 0.2 s, which only this start pays

        upgrade(connection)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")


def write_ahead(connection: PoolProxiedConnection, name: str) -> None:
    """Turn on the write-ahead log, once in the life of a file. Raises `StoreError` where the disk cannot do it.

    SQLite does not wait by itself when two processes turn it on at the same time.
    """
    deadline = time.monotonic() + LOCK_LIMIT
    while True:
        try:
            mode = ask(connection, "PRAGMA journal_mode")
            mode = mode if mode == "wal" else ask(connection, "PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
            continue
        if mode != "wal":
            raise StoreError(f"{name}: the disk cannot keep a write-ahead log; put the store on a local disk")
        return


def ask(connection: PoolProxiedConnection, pragma: str) -> Any:
    """Give the one value that a pragma answers with, without beginning a transaction."""
    cursor = connection.cursor()
    try:
        cursor.execute(pragma)
        (value,) = cursor.fetchone() or (None,)
    finally:
        cursor.close()
    return value
