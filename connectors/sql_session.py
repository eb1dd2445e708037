"""Opens databases so that nothing can be written through them, as far as each database allows.

| database | session | what still needs a role that may only read |
|---|---|---|
| SQLite | opened `mode=ro`, and an authorizer that allows nothing but reading | nothing |
| PostgreSQL | READ ONLY transactions, always rolled back; server-side time limits | functions with effects outside the transaction |
| MySQL, MariaDB | `SESSION TRANSACTION READ ONLY`, server-side time limit | `SELECT … INTO OUTFILE` |
| DuckDB | read only, no access to files or the network, locked configuration | nothing |
| any other | none | everything: the role is the only fence |
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from connectors.api import ErrorKind

SQLITE_BUSY_SECONDS = 1.0
"""How long SQLite waits for a writer's lock; past it the failure is transient and the collector asks again."""

SQLITE_CELL_BYTES = 8 * 1024 * 1024
"""The longest text or blob SQLite may build: `zeroblob(1e9)` is refused instead of filling the memory."""

_INSTRUCTIONS = 10_000
"""SQLite's virtual machine instructions between two looks at the deadline: well under a millisecond."""

_SQLITE_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})

_FILES = frozenset({"sqlite", "duckdb"})
"""Opened anew for every batch: a kept connection would go on reading a file that was replaced, and lock DuckDB's."""

_PACKAGES = {
    "postgresql": "krd[postgres]",
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "duckdb": "duckdb-engine",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "databricks": "databricks-sqlalchemy",
    "clickhousedb": "clickhouse-connect",
    "trino": "trino[sqlalchemy]",
    "redshift": "sqlalchemy-redshift",
    "mssql": "mssql-python",
    "oracle": "oracledb",
}


class CannotOpen(Exception):
    """The source cannot be used until a person changes something; the text says what, and shows no URL."""

    kind = ErrorKind.CONFIG


class Closed(CannotOpen):
    """The source was closed while someone still asked it."""

    kind = ErrorKind.TRANSIENT


def open_engine(url_text: str, *, timeout: timedelta, connections: int, zone: str | None) -> Engine:
    """Make an engine on which every transaction reads; `timeout` bounds each statement on the server where it can.

    Opens no connection. Raises `CannotOpen` for a URL that cannot be read, a missing driver, or a database krd cannot read.
    """
    url = parsed(url_text)
    name = url.get_backend_name()
    arguments: dict[str, Any] = {
        "hide_parameters": True,
        "connect_args": _connect_arguments(url, timeout, zone),
    }
    if name in _FILES:
        arguments["poolclass"] = NullPool
    else:
        arguments |= {
            "poolclass": QueuePool,
            "pool_size": connections,
            "max_overflow": 0,
            "pool_pre_ping": True,
            "pool_recycle": 3600,
        }
    if name == "sqlite":
        arguments["creator"] = _sqlite_creator(url)
    if name == "postgresql":
        arguments["execution_options"] = {"postgresql_readonly": True}
    try:
        engine = create_engine(url, **arguments)
    except NoSuchModuleError:
        raise CannotOpen(f"no driver for {name} is installed: pip install {_package(name)}") from None
    except ImportError as error:
        raise CannotOpen(
            f"the driver for {name} cannot be loaded ({error.name or 'import failed'}): pip install {_package(name)}"
        ) from None
    if engine.dialect.is_async:
        raise CannotOpen(
            f"{url.drivername} is an asynchronous driver; krd needs a synchronous one, such as postgresql+psycopg"
        )
    _prepare_connections(engine, timeout, zone)
    return engine


def parsed(url_text: str) -> URL:
    """Read a database URL. Raises `CannotOpen` without showing it."""
    try:
        return make_url(url_text)
    except (ArgumentError, ValueError):
        raise CannotOpen(
            "the URL cannot be read; write one like postgresql://user@host/database or sqlite:///warehouse.db "
            "(special characters of a password are percent-encoded)"
        ) from None


@contextmanager
def limited(connection: Connection, expires: float) -> Iterator[None]:
    """Make statements end by themselves at `expires` (on `time.monotonic`) where the driver can do that: SQLite."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.set_progress_handler(lambda: time.monotonic() >= expires, _INSTRUCTIONS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def canceller(connection: Connection) -> Callable[[], object] | None:
    """The driver's own way to stop a running statement from another thread, or None."""
    driver = connection.connection.driver_connection
    for name in ("cancel_safe", "interrupt", "cancel"):
        method = getattr(driver, name, None)
        if callable(method):
            found: Callable[[], object] = method
            return found
    return None


def _connect_arguments(url: URL, timeout: timedelta, zone: str | None) -> dict[str, Any]:
    match url.get_backend_name():
        case "postgresql" if url.get_driver_name() == "psycopg":
            # without prepared names, so that PgBouncer may move us between sessions
            return _libpq_arguments(url, timeout, zone) | {"prepare_threshold": None}
        case "postgresql" if url.get_driver_name() == "psycopg2":
            return _libpq_arguments(url, timeout, zone)
        case "duckdb":
            fences = dict.fromkeys(
                ("enable_external_access", "autoload_known_extensions", "autoinstall_known_extensions"),
                "false",
            )
            return {"read_only": True, "config": {**fences, "lock_configuration": "true"}}
        case _:
            return {}


def _libpq_arguments(url: URL, timeout: timedelta, zone: str | None) -> dict[str, Any]:
    milliseconds = max(1, math.ceil(timeout.total_seconds() * 1000))
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds + 10_000,
        # naive columns are compared with our aware instants in the session's zone: it must not be the server's whim
        "TimeZone": zone or "UTC",
    }
    asked = url.query.get("options", "")
    theirs = asked if isinstance(asked, str) else " ".join(asked)
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {
        "application_name": "krd",
        "options": f"{theirs} {ours}".strip(),
        "connect_timeout": max(2, math.ceil(timeout.total_seconds())),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": max(10_000, milliseconds),
    }


def _sqlite_creator(url: URL) -> Callable[[], sqlite3.Connection]:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise CannotOpen("a SQLite source needs the path of a file, as in sqlite:///warehouse.db")
    path = Path(url.database).absolute()

    def create() -> sqlite3.Connection:
        if not path.is_file():
            raise CannotOpen(f"the SQLite file {path.name} does not exist; krd never creates one")
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=ro", uri=True, timeout=SQLITE_BUSY_SECONDS, check_same_thread=False
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, SQLITE_CELL_BYTES)
        return connection

    return create


def _prepare_connections(engine: Engine, timeout: timedelta, zone: str | None) -> None:
    """Fence every new connection, after SQLAlchemy has looked at the first (it asks SQLite for a PRAGMA)."""
    match engine.dialect.name:
        case "sqlite":

            @event.listens_for(engine, "connect")
            def fence(connection: Any, _record: object) -> None:
                connection.set_authorizer(_only_reading)

        case "mysql" | "mariadb":

            @event.listens_for(engine, "connect")
            def tell(connection: Any, _record: object) -> None:
                mariadb = getattr(engine.dialect, "is_mariadb", False)  # known once the server has answered
                cursor = connection.cursor()
                for statement in mysql_session(timeout, zone, mariadb=mariadb):
                    cursor.execute(statement)
                cursor.close()

        case _:
            return


def mysql_session(timeout: timedelta, zone: str | None, *, mariadb: bool) -> list[str]:
    """The statements that fence a MySQL session. MariaDB counts its limit in seconds under another name."""
    seconds = timeout.total_seconds()
    limit = (
        f"max_statement_time={seconds:.3f}" if mariadb else f"MAX_EXECUTION_TIME={math.ceil(seconds * 1000)}"
    )
    clock = [] if zone else ["SET SESSION time_zone='+00:00'"]
    return ["SET SESSION TRANSACTION READ ONLY", f"SET SESSION {limit}", *clock]


def _only_reading(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
    if action in _SQLITE_ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second != "load_extension":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _package(name: str) -> str:
    return _PACKAGES.get(name, f"a package with a SQLAlchemy dialect for {name}")
