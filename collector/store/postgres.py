"""A store in a PostgreSQL database: writers of all processes take turns from BEGIN on, and lost connections are replaced.

Its tables lie in the first schema of the role's search path. The transactions that write hold one advisory lock of that
schema, as SQLite's hold its file. A connection that broke is seen and replaced when it is next used.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from collector.errors import StoreError
from collector.store import postgres_faults
from collector.store.address import ServerAddress
from collector.store.faults import NOT_KEPT, Reading
from collector.store.writes import TABLE, WritesTable

MARK = "the store of krd, the key-result daemon"
"""Comment of the table `alembic_version` of a store. It tells krd's schemas from other programs'."""
WRITING = 0x6B726477
"""First key of the advisory lock of writers: the letters krdw. The second one is made of the schema's name."""
CONNECT_LIMIT = 10
"""Seconds until a server that does not answer a new connection is given up."""

_EMPTY = """
SELECT to_regclass('alembic_version') IS NULL AND NOT EXISTS (
  SELECT FROM pg_class c
  WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
)
"""
"""What extensions brought along does not count."""
_SESSION = """
SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
  set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '30000', false),
  set_config('synchronous_commit', CASE setting WHEN 'off' THEN 'on' ELSE setting END, false)
FROM current_setting('synchronous_commit') AS setting
"""
"""The server lets go within 30 s of what a dead machine held, and answers a COMMIT when it is safe from a power cut."""
_ALIVE: Mapping[str, str | int] = {
    "connect_timeout": CONNECT_LIMIT,
    "client_encoding": "utf8",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""We notice within 30 s that the server's machine is gone."""


class Postgres:
    """A database on a server."""

    def __init__(self, address: ServerAddress, lock_limit: float) -> None:
        """Name the database; it is not connected to yet."""
        self.name, self.lock_limit = address.name, lock_limit
        self.readers = connecting(address, "krd", isolation_level="REPEATABLE READ")
        self.readers.update_execution_options(postgresql_readonly=True)
        self.writer = connecting(
            address, "krd", isolation_level="READ COMMITTED", pool_size=1, max_overflow=0
        )
        event.listen(self.writer, "begin", self._take_turn)
        event.listen(self.writer, "commit", self._refuse_half)

    def look(self, *, must_exist: bool) -> None:
        """See nothing yet: only connecting tells."""

    def prepare(self) -> None:
        """Refuse a database that cannot hold every text."""
        with self.readers.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise StoreError(
                f"{self.name}: keeps text as {encoding}, which has no place for every letter;"
                " make a database with ENCODING 'UTF8', and name that"
            )

    def is_empty(self, connection: Connection) -> bool:
        """Tell whether the schema holds nothing, and no other one in the search path stands in for it."""
        return bool(connection.exec_driver_sql(_EMPTY).scalar())

    def is_ours(self, connection: Connection) -> bool:
        """Tell whether the schema bears krd's mark."""
        mark = "SELECT obj_description(to_regclass('alembic_version'), 'pg_class')"
        return connection.exec_driver_sql(mark).scalar() == MARK

    def mark(self, connection: Connection) -> None:
        """Write krd's mark, and make the table by which writers know of each other."""
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{MARK}'")
        connection.exec_driver_sql(TABLE)

    def write_log(self) -> WritesTable:
        """Watch the table of writes."""
        return WritesTable(self.name, self.writer)

    def refuse_when_gone(self) -> None:
        """Refuse nothing: a database that went away is told by the connection."""

    def meaning(self, cause: Any, reading: Reading) -> str:
        """Say what an error of the server or the driver means, and what to do."""
        return postgres_faults.meaning(cause, reading, self.lock_limit)

    def _take_turn(self, connection: Connection) -> None:
        # READ COMMITTED: what is seen is what was there when the turn came, not when the waiting for it began
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock({WRITING}, hashtext(current_schema()))"
            f" WHERE set_config('lock_timeout', '{round(self.lock_limit * 1000)}', true) IS NOT NULL"
        )

    def _refuse_half(self, connection: Connection) -> None:
        # the server would answer COMMIT with a rollback, and the driver would take that for success
        driver: psycopg.Connection[Any] | None = connection.connection.driver_connection
        if driver is not None and driver.info.transaction_status is TransactionStatus.INERROR:
            raise StoreError(
                f"{self.name}: a statement failed and the transaction went on; {NOT_KEPT}."
                " This is a mistake in krd, please report it"
            )


def connecting(address: ServerAddress, called: str, **how: Any) -> Engine:
    """Make an engine; it connects when first used. Its connections are `called` so in `pg_stat_activity`."""
    named = {"application_name": f"{called}, pid {os.getpid()} on {socket.gethostname()}"[:63]}
    engine = create_engine(
        URL.create("postgresql+psycopg"),  # the address stays out of what an engine shows of itself
        connect_args={**_ALIVE, **named, **address.parameters},
        **{"poolclass": QueuePool, "pool_pre_ping": True, **how},
        paramstyle="format",  # rows are given by position, see `bulk`
        use_native_hstore=False,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: psycopg.Connection[Any], _record: Any) -> None:
    connection.autocommit = True
    connection.execute(_SESSION)
    connection.autocommit = False
