"""Says what a failing database means: what happened, to which file, what to do. Statements and values are not repeated."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from collector.errors import StoreError

LOCK_LIMIT = 10
"""Seconds that a writer waits for another one, the pool for a free connection."""


@contextmanager
def told(name: str, *, reading: bool = False) -> Iterator[None]:
    """Raise what a database's library raises as `StoreError`; `name` is the database's.

    `reading` says that the transaction was opened for reading only.
    """
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise StoreError(f"{name}: {_meant(error, reading=reading)}") from error


def _meant(error: Exception, *, reading: bool) -> str:
    match error:
        case DBAPIError(orig=sqlite3.Error() as cause) | (sqlite3.Error() as cause):
            if reading and _code(cause) == sqlite3.SQLITE_READONLY:
                return "a transaction that only reads was asked to write; this is a mistake in krd, please report it"
            return _said(cause)
        case PoolTimeout():
            return "too many parts of krd read at once, and none ended within 30 s; ask for less at a time"
        case _:
            return f"it cannot be used like that ({type(error).__name__}); this is a mistake in krd, please report it"


def _said(cause: sqlite3.Error) -> str:
    match _code(cause):
        case sqlite3.SQLITE_FULL:
            return "the disk is full; nothing of this was kept. Make room, krd goes on by itself"
        case sqlite3.SQLITE_IOERR:
            return (
                f"the disk gave an error ({_name(cause)}); nothing of this was kept."
                " Look at free space, file size limits and the disk's health"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"another process has kept it locked for more than {LOCK_LIMIT} s;"
                " end what holds a transaction open (another krd, a sqlite3 shell, a backup), and try again"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return (
                "it cannot be written: give this user the right to write the file and its folder,"
                " and mount the disk for writing"
            )
        case sqlite3.SQLITE_CANTOPEN:
            return "it cannot be opened: look at the rights of the file, of its folder, and of the files beside it"
        case sqlite3.SQLITE_CORRUPT:
            return (
                f"it is damaged ({cause}). krd does not repair or recreate it: stop krd, keep a copy of the file and of"
                " the -wal file beside it, and put back the newest backup"
            )
        case sqlite3.SQLITE_NOTADB:
            return "this file is no SQLite database. krd left it as it is: name another file, or put back a backup"
        case sqlite3.SQLITE_CONSTRAINT:
            return f"it refused what breaks its rules ({cause}); nothing of this was kept"
        case _:
            return f"it failed ({_name(cause)}: {cause}); nothing of this was kept"


def _code(cause: sqlite3.Error) -> int:
    """Give the primary result code; errors that Python raises by itself have none."""
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def _name(cause: sqlite3.Error) -> str:
    return getattr(cause, "sqlite_errorname", type(cause).__name__)
