"""Opens a store: one long-lived connection that writes, others that only read, and a schema that fits this krd."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, StaticPool, create_engine, event

from collector.errors import StoreError
from collector.store.address import Address, locate
from collector.store.faults import LOCK_LIMIT, told
from collector.store.schema import ask, fits, lead_on, write_ahead
from collector.store.unit_of_work import SqlTransaction


def open(url: str, *, must_exist: bool = False) -> SqlStore:  # noqa: A001 - read as engine.open, as in gzip.open
    """Open the store at `url`, make it if there is none, and lead an older one to this krd's schema.

    With `must_exist` nothing is made where there is none. Raises `StoreError` when it cannot be used as it is; a
    damaged database, a newer one and one of another program are refused and left as they are.
    """
    address = locate(url)
    address.look(must_exist=must_exist)
    writer = _engine(address, only_reads=False)
    # another connection would see another, empty database in memory
    readers = _engine(address, only_reads=True) if address.file else writer
    try:
        with told(address.name):
            return SqlStore(address, readers, _connected(address, readers, writer, must_exist=must_exist))
    except BaseException:
        readers.dispose()
        writer.dispose()
        raise


def _connected(address: Address, readers: Engine, writer: Engine, *, must_exist: bool) -> Connection:
    """Look first, then touch: what is no store of ours is left as it is."""
    with readers.connect() as connection, connection.begin():
        fitting = fits(connection, address.name, must_exist=must_exist)
    writing = writer.connect()
    if address.file:
        write_ahead(writing.connection, address.name)
    if not fitting:
        lead_on(writing, address.name)
    return writing


class SqlStore:
    """An open SQLite store. Any thread may read and write; writers of one process wait for each other."""

    def __init__(self, address: Address, readers: Engine, writing: Connection) -> None:
        """Take over an engine whose connections only read, and the one connection that writes."""
        self._address = address
        self._name = address.name
        self._identity = address.identity()
        self._readers = readers
        self._writing = writing
        self._turn = threading.Lock()
        """Held by the thread that uses the writing connection."""
        self._closed = False
        self._version = _data_version(writing)
        """`PRAGMA data_version` of the writing connection: it moves when anyone else commits."""

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """Open a transaction that sees one consistent state; trying to write in it raises `StoreError`.

        It never tells of foreign changes: what it sees is new anyway. A database in memory has one connection for all,
        so that reading waits for writing there, and may write.
        """
        if self._readers is self._writing.engine:
            with self.write() as transaction:
                yield transaction
            return
        self._refuse_when_gone()
        with told(self._name, reading=True), self._readers.connect() as connection, connection.begin():
            yield SqlTransaction(connection, foreign_change=False)

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """Open the writing transaction: it commits at the end of the block, or rolls back whole when that raises.

        `foreign_change` is told again until a transaction that knew of it was kept. Raises `StoreError` when another
        writer is busy for longer than `LOCK_LIMIT`, and for everything a disk can do.
        """
        with self._my_turn(), told(self._name):
            with self._writing.begin():
                version = _data_version(self._writing)
                yield SqlTransaction(self._writing, foreign_change=version != self._version)
            self._version = version

    def close(self) -> None:
        """Give back connections, after the writing transaction that is open. Safe to call twice."""
        with self._turn:
            self._closed = True
            self._writing.close()
            self._readers.dispose()
            self._writing.engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=LOCK_LIMIT):
            raise StoreError(
                f"{self._name}: another part of krd has been writing for more than {LOCK_LIMIT} s; try again"
            )
        try:
            self._refuse_when_gone()
            yield
        finally:
            self._turn.release()

    def _refuse_when_gone(self) -> None:
        if self._closed:
            raise StoreError(f"{self._name}: the store is closed; open it again")
        # else writing would go on, into a file that no one can find
        if self._address.identity() != self._identity:
            raise StoreError(
                f"{self._name}: was moved, deleted or replaced while krd had it open; put it back, and start krd again"
            )


def _engine(address: Address, *, only_reads: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(address.file) if address.file else None),
        connect_args={"timeout": LOCK_LIMIT, "check_same_thread": False},
        poolclass=QueuePool if only_reads else StaticPool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_reading if only_reads else _prepare_writing)
    event.listen(engine, "begin", _begin_reading if only_reads else _begin_writing)
    return engine


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


def _data_version(connection: Connection) -> int:
    return int(ask(connection.connection, "PRAGMA data_version"))
