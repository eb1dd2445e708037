"""Translates what databases and drivers raise into failures: sorted by what happens next, and without secrets."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from sqlalchemy.exc import (
    CompileError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connectors.api import ErrorKind, Failure, SecretUnavailable
from connectors.sql_session import CannotOpen

MESSAGE_CHARACTERS = 300
"""A database's own words are cut after this many characters."""

LATE = "the database had not answered when the deadline came; shorten the query's work, or raise the source's `timeout`"

HIDDEN = "•••"

_SQLSTATES = {
    "57014": ErrorKind.TIMEOUT,  # query_canceled: statement_timeout, or our cancel
    "25P03": ErrorKind.TIMEOUT,  # idle_in_transaction_session_timeout
    "28": ErrorKind.AUTH,  # invalid authorization
    "3D": ErrorKind.CONFIG,  # no such database
    "22": ErrorKind.BAD_VALUE,  # data exception: division by zero, out of range, not a number
    "08": ErrorKind.TRANSIENT,  # connection
    "40": ErrorKind.TRANSIENT,  # serialization failure, deadlock
    "53": ErrorKind.TRANSIENT,  # out of connections, memory, disk
    "55P03": ErrorKind.TRANSIENT,  # lock not available
    "57P": ErrorKind.TRANSIENT,  # shutting down, starting up
    "58": ErrorKind.TRANSIENT,  # system error
    "XX": ErrorKind.TRANSIENT,  # internal error
    "0A": ErrorKind.BAD_QUERY,  # not supported: a writing WITH inside a subquery
    "21": ErrorKind.BAD_QUERY,  # a scalar subquery with several rows
    "25006": ErrorKind.BAD_QUERY,  # read-only transaction
    "42": ErrorKind.BAD_QUERY,  # syntax, undefined, no privilege on a table
    "P0": ErrorKind.BAD_QUERY,  # raised by a function
}
"""PostgreSQL's error codes, by their longest matching beginning (manual, appendix A)."""

_MYSQL = {
    ErrorKind.AUTH: {1044, 1045, 1698},
    ErrorKind.CONFIG: {1049},
    ErrorKind.TIMEOUT: {1317, 1969, 3024},
    ErrorKind.TRANSIENT: {1040, 1053, 1205, 1213, 2002, 2003, 2006, 2013},
    ErrorKind.BAD_QUERY: {1054, 1064, 1142, 1143, 1146, 1305, 1370, 1792},
}

_SQLITE = {
    "SQLITE_INTERRUPT": ErrorKind.TIMEOUT,
    "SQLITE_BUSY": ErrorKind.TRANSIENT,
    "SQLITE_LOCKED": ErrorKind.TRANSIENT,
    "SQLITE_IOERR": ErrorKind.TRANSIENT,
    "SQLITE_SCHEMA": ErrorKind.TRANSIENT,
    "SQLITE_CANTOPEN": ErrorKind.CONFIG,
    "SQLITE_NOTADB": ErrorKind.CONFIG,
    "SQLITE_CORRUPT": ErrorKind.CONFIG,
    "SQLITE_PERM": ErrorKind.CONFIG,
}
"""By the beginning of the extended error's name; every other SQLite error is the query's."""

_LOGIN_REFUSED = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|authentication failed|access denied for user"
    r"|role \".*\" (does not exist|is not permitted to log in)",
    re.IGNORECASE,
)
_NO_DATABASE = re.compile(r"database \".*\" does not exist|unknown database", re.IGNORECASE)
_CREDENTIALS = re.compile(
    r"(?i)(\b(?:password|passwd|pwd|token|secret)\s*=\s*)('[^']*'|[^\s;&,]+)|(://[^:/@\s]*:)[^@\s]+(@)"
)


def failure_of(error: Exception, *, late: bool, secrets: Iterable[str] = ()) -> Failure:
    """Sort an exception. `late` says that the deadline had passed, so whatever stopped the statement was our doing.

    `secrets` are texts that must not appear in the message.
    """
    if isinstance(error, CannotOpen):
        return Failure(error.kind, redacted(str(error), secrets))
    if isinstance(error, SecretUnavailable):
        return Failure(ErrorKind.CONFIG, str(error))
    if isinstance(error, PoolTimeout):
        return Failure(
            ErrorKind.TIMEOUT, "no free connection before the deadline; raise `connections` of the source"
        )
    if late:
        return Failure(ErrorKind.TIMEOUT, LATE)
    if isinstance(error, DBAPIError):
        kind = _kind_of(error)
        return Failure(kind, f"{_LEADS[kind]}: {redacted(_words(error.orig), secrets)}")
    if isinstance(error, CompileError):
        return Failure(
            ErrorKind.BAD_QUERY,
            f"the query cannot be written for this database: {redacted(str(error), secrets)}",
        )
    if isinstance(error, SQLAlchemyError):
        return Failure(
            ErrorKind.CONFIG, f"SQLAlchemy refuses ({type(error).__name__}): {redacted(str(error), secrets)}"
        )
    return Failure(
        ErrorKind.TRANSIENT, f"the driver failed with {type(error).__name__}: {redacted(str(error), secrets)}"
    )


_LEADS = {
    ErrorKind.TRANSIENT: "the database cannot answer now",
    ErrorKind.TIMEOUT: "the database stopped the statement",
    ErrorKind.RATE_LIMITED: "the database asks for peace",
    ErrorKind.AUTH: "the database refuses the login; check the user and password of the source's url",
    ErrorKind.BAD_QUERY: "the database refuses the query",
    ErrorKind.BAD_VALUE: "the database could not compute the number",
    ErrorKind.CONFIG: "the database cannot be opened",
    ErrorKind.PARTIAL: "the answer is incomplete",
}


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Cut a foreign text to one short line without secrets."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _CREDENTIALS.sub(lambda found: f"{found[1] or found[3]}{HIDDEN}{found[4] or ''}", text)
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_CHARACTERS else line[: MESSAGE_CHARACTERS - 1] + "…"


def _kind_of(error: DBAPIError) -> ErrorKind:
    orig = error.orig
    if isinstance(orig, sqlite3.Error):
        return _sqlite_kind(orig)
    state = getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None)
    if isinstance(state, str):
        for length in (5, 3, 2):
            if state[:length] in _SQLSTATES:
                return _SQLSTATES[state[:length]]
    number = orig.args[0] if orig is not None and orig.args else None
    for kind, numbers in _MYSQL.items():
        if number in numbers:
            return kind
    return _kind_by_words(error)


def _kind_by_words(error: DBAPIError) -> ErrorKind:
    """While a connection is being made, libpq tells its reasons in words only."""
    words = str(error.orig)
    if _LOGIN_REFUSED.search(words):
        return ErrorKind.AUTH
    if _NO_DATABASE.search(words):
        return ErrorKind.CONFIG
    if isinstance(error, (OperationalError, InterfaceError, InternalError)):
        return ErrorKind.TRANSIENT
    return ErrorKind.BAD_QUERY


def _sqlite_kind(error: sqlite3.Error) -> ErrorKind:
    name = getattr(error, "sqlite_errorname", "")
    for beginning, kind in _SQLITE.items():
        if name.startswith(beginning):
            return kind
    return ErrorKind.BAD_QUERY


def _words(error: BaseException | None) -> str:
    """The database's first sentence. What follows it may quote rows and the statement."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    return primary if isinstance(primary, str) else str(error)
