"""Opens a store, and its transactions: one that writes at a time, any number that read one consistent state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.exc import DBAPIError

from collector.crash_points import Point, reached
from collector.errors import StoreError
from collector.store.address import FileAddress, NothingKept, locate
from collector.store.backend import Backend, WriteLog
from collector.store.driver import require_driver
from collector.store.faults import LOCK_LIMIT, Reading, told
from collector.store.schema import fits, lead_on
from collector.store.sqlite import Sqlite
from collector.store.unit_of_work import SqlTransaction


def open(url: str, *, must_exist: bool = False, lock_limit: float = LOCK_LIMIT) -> SqlStore:  # noqa: A001 - read as engine.open, as in gzip.open
    """Open the store at `url`, make it if there is none, and lead an older one to this krd's schema.

    With `must_exist` nothing is made where there is none. A writer waits `lock_limit` seconds for another one. Raises
    `StoreError` when it cannot be used as it is; a damaged database, a newer one and one of another program are refused
    and left as they are.
    """
    backend = _backend(url, lock_limit)
    backend.look(must_exist=must_exist)
    try:
        with told(backend.name, backend.meaning):
            return SqlStore(backend, _ready(backend, must_exist=must_exist))
    except BaseException:
        backend.readers.dispose()
        backend.writer.dispose()
        raise


def open_if_kept(url: str) -> SqlStore | None:
    """Open the store at `url` where there is one; nothing is made. Raises `StoreError` as `open` does."""
    try:
        return open(url, must_exist=True)
    except NothingKept:
        return None


def _backend(url: str, lock_limit: float) -> Backend:
    address = locate(url)
    if isinstance(address, FileAddress):
        return Sqlite(address, lock_limit)
    require_driver()
    from collector.store.postgres import Postgres  # noqa: PLC0415 - its driver is an extra, and takes its time

    return Postgres(address, lock_limit)


def _ready(backend: Backend, *, must_exist: bool) -> WriteLog:
    """Look first, then touch: what is no store of ours is left as it is."""
    with backend.readers.connect() as connection, connection.begin():
        fitting = fits(backend, connection, must_exist=must_exist)
    backend.prepare()
    if not fitting:
        lead_on(backend)
    return backend.write_log()


class SqlStore:
    """An open store. Any thread may read and write; writers of one process wait for each other."""

    def __init__(self, backend: Backend, log: WriteLog) -> None:
        """Take over a database that is ready."""
        self._backend, self._log = backend, log
        self._turn = threading.Lock()
        """Held by the thread that writes."""
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """Open a transaction that sees one consistent state; trying to write in it raises `StoreError`.

        It has no generation: what it sees is new anyway. A database in memory has one connection for all, so that reading
        waits for writing there, and may write.
        """
        if self._backend.readers is self._backend.writer:
            with self.write() as transaction:
                yield transaction
            return
        self._refuse_when_gone()
        with self._told(reading=True), self._backend.readers.connect() as connection, connection.begin():
            yield SqlTransaction(connection, generation=None)

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """Open the writing transaction: it commits at the end of the block, or rolls back whole when that raises.

        When the connection breaks before COMMIT was answered, the database is asked afterwards whether it was kept. Raises
        `StoreError` when another writer is busy for longer than the limit, and for everything a disk or a server can do;
        nothing was kept then, unless the text says that this could not be found out.
        """
        with self._my_turn(), self._told():
            asked = False
            """Whether the block has ended well, so that only COMMIT can fail."""
            try:
                with self._backend.writer.begin() as connection:
                    transaction = SqlTransaction(connection, generation=self._log.enter(connection))
                    reached(Point.WRITE_BEGUN)
                    yield transaction
                    reached(Point.WRITE_ENDING)
                    asked = True
            except DBAPIError as error:
                if not (asked and error.connection_invalidated and self._log.holds()):
                    raise
            reached(Point.WRITE_KEPT)
            self._log.keep()

    def close(self) -> None:
        """Give back connections, after the writing transaction that is open. Safe to call twice."""
        with self._turn:
            self._closed = True
            self._backend.readers.dispose()
            self._backend.writer.dispose()

    def _told(self, *, reading: Reading = False) -> AbstractContextManager[None]:
        return told(self._backend.name, self._backend.meaning, reading=reading)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        limit = self._backend.lock_limit
        if not self._turn.acquire(timeout=limit):
            raise StoreError(
                f"{self._backend.name}: another part of krd has been writing for more than {limit:g} s; try again"
            )
        try:
            self._refuse_when_gone()
            yield
        finally:
            self._turn.release()

    def _refuse_when_gone(self) -> None:
        if self._closed:
            raise StoreError(f"{self._backend.name}: the store is closed; open it again")
        self._backend.refuse_when_gone()
