"""A lock by a session on the PostgreSQL server, which the server gives back when its holder's connection ends."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from sqlalchemy import Connection, NullPool
from sqlalchemy.exc import SQLAlchemyError

from collector.errors import AlreadyRunning
from collector.logs import get_logger
from collector.store import postgres_faults
from collector.store.address import ServerAddress
from collector.store.faults import LOCK_LIMIT, told
from collector.store.postgres import connecting

log = get_logger(__name__)

RUNNING = 0x6B726472
"""First key of the advisory lock of a run: the letters krdr. The second one is made of the schema's name."""
LOOK_AGAIN = 2.0
"""Seconds between two looks whether the lock's connection is still there."""
_LINGERING = 1.0
"""Seconds that the server may need to see that a killed holder is gone."""
_PAUSE = 0.05
_FAREWELL = 5.0
"""Seconds that giving back may take."""

_TAKE = "SELECT pg_try_advisory_lock(%s, hashtext(current_schema()))"
_HOLDER = """
SELECT a.application_name, a.client_addr
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objsubid = 2
  AND l.objid::bigint = hashtext(current_schema())::bigint & 4294967295
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class SessionLock:
    """An advisory lock, held by a connection of its own that a thread looks after.

    A second run is refused while that connection lives. When the server drops it (a restart, an administrator) the lock is
    taken again within seconds of the server's return. A run that starts in between is not refused; then the older one
    logs `run_lock_lost` once, naming the other, and takes the lock when that one ends. Even two runs at once keep each
    slot once. The server must see the connection itself: PgBouncer has to pool by session.
    """

    def __init__(self, address: ServerAddress) -> None:
        """Name the lock of the store at `address`; nothing is connected to yet."""
        self._name = address.name
        self._engine = connecting(
            address, "krd run", isolation_level="AUTOCOMMIT", poolclass=NullPool, pool_pre_ping=False
        )
        self._connection: Connection | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self) -> None:
        """Take it. Raises `AlreadyRunning` that names the holder, `StoreError` when the server cannot be asked."""
        with told(self._name, lambda cause, reading: postgres_faults.meaning(cause, reading, LOCK_LIMIT)):
            self._connection = self._taken(time.monotonic() + _LINGERING)
        self._stopping.clear()
        self._thread = threading.Thread(target=self._look_after, name="run-lock", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Give it back. Safe to call twice. Where the server hangs, the end of the process gives it back."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_FAREWELL)
            self._thread = None

    def _taken(self, until: float) -> Connection:
        """Give a connection that holds the lock."""
        connection = self._engine.connect()
        try:
            while not connection.exec_driver_sql(_TAKE, (RUNNING,)).scalar():
                if time.monotonic() > until:
                    raise AlreadyRunning(
                        f"{self._name} is served by another {_holder(connection)}:"
                        " stop that one first, or name another store"
                    )
                time.sleep(_PAUSE)
        except BaseException:
            connection.close()
            raise
        return connection

    def _look_after(self) -> None:
        """Own the connection from now on, and close it at the end."""
        lost = False
        while not self._stopping.wait(LOOK_AGAIN):
            if self._is_held():
                continue
            self._drop()
            try:
                self._connection = self._taken(time.monotonic())
            except AlreadyRunning as error:
                if not lost:
                    log.error("run_lock_lost", error=str(error))  # noqa: TRY400 - the text says all
                lost = True
            except SQLAlchemyError:
                continue  # the server is away, which all who write to it say; the next look tries again
            else:
                log.info("run_lock_taken_again")
                lost = False
        self._drop()

    def _is_held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(SQLAlchemyError):  # what is broken is closed all the same
                self._connection.close()
            self._connection = None


def _holder(connection: Connection) -> str:
    """Name who holds the lock, as that one calls itself: `krd run, pid 7 on host`."""
    found = connection.exec_driver_sql(_HOLDER, (RUNNING,)).first()
    return found.application_name if found and found.application_name else "krd run"
