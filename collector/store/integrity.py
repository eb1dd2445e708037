"""Looks a database over without touching it: is it ours, is it whole, which schema has it, how much room is there."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from collector.errors import StoreError
from collector.store import sqlite_faults
from collector.store.address import FileAddress, NothingKept, ServerAddress, locate
from collector.store.driver import require_driver
from collector.store.faults import LOCK_LIMIT, told
from collector.store.schema import HEAD
from collector.store.sqlite import APPLICATION

MOST_PROBLEMS = 20
"""So many problems of one kind are told; a damaged file can name thousands."""
SPARE = 1.1
"""A copy needs this many times the size of what it is a copy of."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was seen. Sizes are bytes."""

    name: str
    engine: str
    schema: str
    """Revision of its schema; nothing when it holds none."""
    size: int
    log: int | None
    """Size of the write-ahead log beside a file."""
    unused: int | None
    """What vacuuming would give back."""
    free: int | None
    """Free space on the disk of a file."""
    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it can be used as it is."""
        return not self.problems


def inspect(url: str) -> Inspection:
    """Look over the store at `url`. Raises `StoreError` where it cannot even be read, `NothingKept` where there is none."""
    address = locate(url)
    if isinstance(address, ServerAddress):
        return _inspect_server(address)
    address.look(must_exist=True)
    if address.file is None:
        raise NothingKept(f"{address.name}: is gone when krd ends; there is nothing to look at")
    return inspect_file(address.file)


def inspect_file(file: Path) -> Inspection:
    """Look over a SQLite file. Raises `StoreError` where it cannot even be read."""
    FileAddress(file).look(must_exist=True)
    with reading(file) as connection:
        ours = _one(connection, "PRAGMA application_id") == APPLICATION
        schema = _schema(connection) if ours else ""
        page = _one(connection, "PRAGMA page_size")
        problems = [] if ours else [f"{file}: is no store of krd"]
        problems += damages(connection)
        size, unused = (
            _one(connection, "PRAGMA page_count") * page,
            _one(connection, "PRAGMA freelist_count") * page,
        )
    free, log = shutil.disk_usage(file.parent).free, _size(file.with_name(f"{file.name}-wal"))
    problems += _of_schema(schema) if ours else []
    warnings = []
    if free < size * SPARE:
        warnings.append(f"only {free} bytes are free on the disk: too few for a copy of it")
    if schema and schema < HEAD:
        warnings.append(f"its schema is {schema}, this krd's is {HEAD}: the next start leads it on")
    engine = f"SQLite {sqlite3.sqlite_version}"
    return Inspection(str(file), engine, schema, size, log, unused, free, tuple(problems), tuple(warnings))


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a SQLite file only to read it, what its write-ahead log holds included. Raises `StoreError`."""
    with told(str(file), lambda cause, only_reads: sqlite_faults.meaning(cause, only_reads, LOCK_LIMIT)):
        uri = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=LOCK_LIMIT)) as connection:
            yield connection


def damages(connection: sqlite3.Connection) -> list[str]:
    """Give what SQLite finds damaged, and what names rows that are not there."""
    found = connection.execute(f"PRAGMA integrity_check({MOST_PROBLEMS})").fetchall()
    damages = [f"damaged: {text}" for (text,) in found if text != "ok"]
    loose = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_PROBLEMS)
    return damages + [
        f"a row of {table} names a row of {parent} that is not there" for table, _, parent, _ in loose
    ]


def _schema(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _of_schema(schema: str) -> list[str]:
    if not schema:
        return ["it holds no schema"]
    if schema > HEAD:
        return [f"it was written by a newer krd (schema {schema}, this one knows {HEAD}): run the newer krd"]
    return []


def _one(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(pragma).fetchone()[0])


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


_SIZE = (
    "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c"
    " WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind = 'r'"
)
_VERSION = "SELECT current_setting('server_version')"


def _inspect_server(address: ServerAddress) -> Inspection:
    require_driver()
    from collector.store.postgres import Postgres  # noqa: PLC0415 - its driver is an extra, and takes its time

    backend = Postgres(address, LOCK_LIMIT)
    try:
        with told(backend.name, backend.meaning), backend.readers.connect() as connection, connection.begin():
            if backend.is_empty(connection):
                raise NothingKept(f"{address.name}: nothing is kept there yet; start `krd run` first")
            if not backend.is_ours(connection):
                raise StoreError(f"{address.name}: holds the tables of another program")
            return _server(address.name, connection)
    finally:
        backend.readers.dispose()
        backend.writer.dispose()


def _server(name: str, connection: Connection) -> Inspection:
    def ask(query: str) -> str:
        return str(connection.exec_driver_sql(query).scalar())

    schema = ask("SELECT version_num FROM alembic_version")
    problems = _of_schema(schema)
    warnings = []
    if schema < HEAD:
        warnings.append(f"its schema is {schema}, this krd's is {HEAD}: the next start leads it on")
    engine = f"PostgreSQL {ask(_VERSION)}"
    return Inspection(
        name, engine, schema, int(ask(_SIZE)), None, None, None, tuple(problems), tuple(warnings)
    )
