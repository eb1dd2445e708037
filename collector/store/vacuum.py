"""Gives the room of deleted rows back to the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from collector.errors import StoreError
from collector.store import sqlite_faults
from collector.store.address import Address, FileAddress, NothingKept, ServerAddress, locate
from collector.store.driver import require_driver
from collector.store.faults import LOCK_LIMIT, told
from collector.store.integrity import Inspection, inspect
from collector.store.lock import RunLock
from collector.store.tables import metadata


def vacuum(url: str) -> tuple[Inspection, Inspection]:
    """Rewrite the store at `url` without its holes, and give what was seen before and after.

    A file is rewritten under its one writing lock, so this waits for nobody and raises `AlreadyRunning` while a `krd run`
    serves it; PostgreSQL does it beside its writers. Raises `StoreError` for a store that is damaged.
    """
    before = inspect(url)
    if not before.whole:
        raise StoreError(f"{before.name}: {before.problems[0]}; nothing was changed")
    _rewrite(url, locate(url))
    return before, inspect(url)


def _rewrite(url: str, address: Address) -> None:
    if isinstance(address, ServerAddress):
        _on_server(address)
    elif address.file is None:
        raise NothingKept(f"{address.name}: is gone when krd ends; there is nothing to vacuum")
    else:
        with RunLock(url):
            _in_file(address)


def _in_file(address: FileAddress) -> None:
    with (
        told(address.name, lambda cause, reading: sqlite_faults.meaning(cause, reading, LOCK_LIMIT)),
        closing(sqlite3.connect(str(address.file), isolation_level=None, timeout=LOCK_LIMIT)) as connection,
    ):
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _on_server(address: ServerAddress) -> None:
    require_driver()
    from collector.store.postgres import Postgres, connecting  # noqa: PLC0415 - its driver is an extra, and takes its time

    backend = Postgres(address, LOCK_LIMIT)
    engine = connecting(address, "krd db vacuum")
    try:
        with told(backend.name, backend.meaning), engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")  # VACUUM runs in no transaction
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f"VACUUM (ANALYZE) {table.name}")
    finally:
        engine.dispose()
        backend.readers.dispose()
        backend.writer.dispose()
