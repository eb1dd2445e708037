"""Puts a backup in the place of a store that nobody serves, and keeps what was there beside it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collector.errors import StoreError, UsageError
from collector.store.address import FileAddress
from collector.store.backup import copied, file_of, settle
from collector.store.integrity import Inspection, inspect_file
from collector.store.lock import RunLock
from collector.store.sequences import lift, sequences

_BESIDE = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now, and where that is which was there before."""

    found: Inspection
    before: Path | None


def restore(url: str, backup: Path, at: datetime) -> Restored:
    """Put `backup` in the place of the store at `url`; the backup stays. At no moment is there no store, or half of one.

    Numbers that the store gave since the backup are not given again: whoever follows the changes of alerts is told that
    their place is kept no longer. Raises `AlreadyRunning` while a `krd run` serves the store, `StoreError` for a backup that is damaged, newer than this
    krd, or no store, and `UsageError` for a server and a backup that is not there.
    """
    store = file_of(url, f"pg_restore --clean --if-exists --single-transaction {backup}", option="--dbname")
    if not backup.exists():
        raise UsageError(f"{backup}: there is no such file; name a copy that `krd db backup` made")
    FileAddress(backup).look(must_exist=True)
    if store.exists() and store.samefile(backup):
        raise UsageError(f"{backup}: is the store itself; name a backup of it")
    found = inspect_file(backup)
    if not found.whole:
        raise StoreError(f"{backup}: cannot be put back: {found.problems[0]}; the store is as it was")
    with RunLock(url), copied(backup, store.parent, f".{store.name}") as copy:
        _lift(copy, sequences(store))
        before = _set_aside(store, at) if store.exists() else None
        copy.replace(store)
        settle(store.parent)
    return Restored(inspect_file(store), before)


def _lift(copy: Path, before: Mapping[str, int] | None) -> None:
    try:
        lift(copy, before)
    except sqlite3.Error as error:
        raise StoreError(f"{copy}: cannot be written ({error}); the store is as it was") from error


def _set_aside(store: Path, at: datetime) -> Path:
    """Give the old database a second name, and take its log away from beside the first.

    The log goes before the new database comes: SQLite would write what is in it into whatever database lies beside it.
    """
    before = store.with_name(f"{store.name}.before-restore-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    if before.exists():
        raise StoreError(f"{before}: exists already, so the store cannot be kept under that name; try again")
    _empty_log(store)
    try:
        os.link(store, before)
    except OSError as error:
        raise StoreError(f"{before}: cannot be made ({error.strerror}); the store is as it was") from error
    for end in _BESIDE:
        with suppress(FileNotFoundError):
            store.with_name(f"{store.name}{end}").rename(before.with_name(f"{before.name}{end}"))
    return before


def _empty_log(store: Path) -> None:
    """Bring what is in the log into the database, where that can still be done: a damaged one is set aside with its log."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
