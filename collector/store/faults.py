"""Says what a failing database means: what happened, to which store, what to do. Statements and values are not repeated."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from collector.errors import StoreError

LOCK_LIMIT = 10.0
"""Seconds that a writer waits for another one."""

Reading = bool
"""Whether the transaction that failed was opened for reading only."""
Meaning = Callable[[Any, Reading], str]
"""Says what an error of one kind of database means, and what to do."""

NOT_KEPT = "nothing of this was kept"
READER_WROTE = "a transaction that only reads was asked to write; this is a mistake in krd, please report it"


@contextmanager
def told(name: str, meaning: Meaning, *, reading: Reading = False) -> Iterator[None]:
    """Raise what a database's library raises as `StoreError`; `name` is the database's, `meaning` knows its errors."""
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise StoreError(f"{name}: {_meant(error, meaning, reading)}") from _shown(error)


def locked(limit: float) -> str:
    """Say that somebody else writes for too long; `limit` in seconds."""
    return (
        f"another process has kept it locked for more than {limit:g} s;"
        " end what holds a transaction open (another krd, a database shell, a backup), and try again"
    )


def _shown(error: Exception) -> Exception | None:
    """Give the cause for a traceback, unless its text may repeat the values of a row, as a server's does."""
    return None if isinstance(error, DBAPIError) and not isinstance(error.orig, sqlite3.Error) else error


def _meant(error: Exception, meaning: Meaning, reading: Reading) -> str:
    match error:
        case DBAPIError(orig=BaseException() as cause):
            return meaning(cause, reading)
        case sqlite3.Error():
            return meaning(error, reading)
        case PoolTimeout():
            return "too many parts of krd read at once, and none ended within 30 s; ask for less at a time"
        case _:
            return f"it cannot be used like that ({type(error).__name__}); this is a mistake in krd, please report it"
