"""A store in a SQLite file: write-ahead log, one writer at a time from BEGIN on, and every commit safe from a power cut."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, StaticPool, create_engine, event

from collector.errors import StoreError
from collector.store import sqlite_faults
from collector.store.address import FileAddress
from collector.store.faults import Reading

APPLICATION = 0x6B72646B
"""`PRAGMA application_id` of a store: the letters krdk. It tells krd's databases from other programs'."""
_PAUSE = 0.02


class Sqlite:
    """A file, or memory for tests."""

    def __init__(self, address: FileAddress, lock_limit: float) -> None:
        """Name the database; nothing is touched yet."""
        self.name = address.name
        self._address, self.lock_limit = address, lock_limit
        self._identity: tuple[int, int] | None = None
        self.writer = self._engine(only_reads=False)
        # another connection would see another, empty database in memory
        self.readers = self._engine(only_reads=True) if address.file else self.writer

    def look(self, *, must_exist: bool) -> None:
        """See whether a database can be there. Raises `StoreError`."""
        self._address.look(must_exist=must_exist)

    def prepare(self) -> None:
        """Turn on the write-ahead log. Raises `StoreError` where the disk cannot do it."""
        with self.writer.connect() as connection:
            if self._address.file:
                self._write_ahead(connection)
        self._identity = self._address.identity()

    def is_empty(self, connection: Connection) -> bool:
        """Tell whether there is no table."""
        return not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()

    def is_ours(self, connection: Connection) -> bool:
        """Tell whether the file bears krd's number."""
        return connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION

    def mark(self, connection: Connection) -> None:
        """Give the file krd's number."""
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")

    def write_log(self) -> DataVersion:
        """Watch the version that SQLite keeps of the file."""
        return DataVersion()

    def refuse_when_gone(self) -> None:
        """Raise `StoreError` when the file was moved, deleted or replaced: writing would go on where no one can find it."""
        if self._address.identity() != self._identity:
            raise StoreError(
                f"{self.name}: was moved, deleted or replaced while krd had it open; put it back, and start krd again"
            )

    def meaning(self, cause: Any, reading: Reading) -> str:
        """Say what an error of SQLite means, and what to do."""
        return sqlite_faults.meaning(cause, reading, self.lock_limit)

    def _engine(self, *, only_reads: bool) -> Engine:
        file = self._address.file
        engine = create_engine(
            URL.create("sqlite", database=str(file) if file else None),
            connect_args={"timeout": self.lock_limit, "check_same_thread": False},
            poolclass=QueuePool if only_reads else StaticPool,
            hide_parameters=True,
        )
        event.listen(engine, "connect", _prepare_reading if only_reads else _prepare_writing)
        event.listen(engine, "begin", _begin_reading if only_reads else _begin_writing)
        return engine

    def _write_ahead(self, connection: Connection) -> None:
        """Turn it on, once in the life of a file.

        SQLite does not wait by itself when two processes turn it on at the same time.
        """
        deadline = time.monotonic() + self.lock_limit
        while True:
            try:
                mode = _ask(connection, "PRAGMA journal_mode")
                mode = mode if mode == "wal" else _ask(connection, "PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
                continue
            if mode != "wal":
                raise StoreError(
                    f"{self.name}: the disk cannot keep a write-ahead log; put the store on a local disk"
                )
            return


class DataVersion:
    """`PRAGMA data_version` of the one writing connection: it moves when anyone else commits, and only then."""

    def enter(self, connection: Connection) -> int:
        """Give the version, which is the generation."""
        return int(_ask(connection, "PRAGMA data_version"))

    def keep(self) -> None:
        """Take note of nothing: our own writes do not move the version."""

    def holds(self) -> bool:
        """Say no: the answer of a library in this process cannot be lost."""
        return False


def _prepare_writing(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # else Python begins transactions by its own rules
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits with the power


def _prepare_reading(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin_writing(connection: Connection) -> None:
    # a transaction that begins by reading fails at once, without waiting, when it starts to write after another one did
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _ask(connection: Connection, pragma: str) -> Any:
    """Give the one value that a pragma answers with, without beginning a transaction."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(pragma)
        (value,) = cursor.fetchone() or (None,)
    finally:
        cursor.close()
    return value
