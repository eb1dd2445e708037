"""Says what an error of SQLite means: what happened, and what to do."""

from __future__ import annotations

import sqlite3

from collector.store.faults import NOT_KEPT, READER_WROTE, Reading, locked


def meaning(cause: sqlite3.Error, reading: Reading, lock_limit: float) -> str:
    """Say what an error means. Values are not repeated: SQLite names tables and columns only."""
    match _code(cause):
        case sqlite3.SQLITE_READONLY if reading:
            return READER_WROTE
        case sqlite3.SQLITE_FULL:
            return f"the disk is full; {NOT_KEPT}. Make room, krd goes on by itself"
        case sqlite3.SQLITE_IOERR:
            return (
                f"the disk gave an error ({_name(cause)}); {NOT_KEPT}."
                " Look at free space, file size limits and the disk's health"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return locked(lock_limit)
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
            return f"it refused what breaks its rules ({cause}); {NOT_KEPT}"
        case _:
            return f"it failed ({_name(cause)}: {cause}); {NOT_KEPT}"


def _code(cause: sqlite3.Error) -> int:
    """Give the primary result code; errors that Python raises by itself have none."""
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def _name(cause: sqlite3.Error) -> str:
    return getattr(cause, "sqlite_errorname", type(cause).__name__)
