"""Copies a store while krd runs: what is copied is one consistent state, whole and safe on the disk before it has its name."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.errors import StoreError, UsageError
from collector.store.address import FileAddress, ServerAddress, locate
from collector.store.integrity import Inspection, damages, inspect_file, reading

MEND = "Stop krd, keep a copy of the file and of the -wal file beside it, and put back the newest backup"


def backup(url: str, target: Path, *, replace: bool = False) -> Inspection:
    """Copy the store at `url` to `target`, and give what was seen of the copy. Others read and write meanwhile.

    Raises `UsageError` for a target that is there (unless it may be replaced) or cannot be one, `StoreError` when
    copying fails; nothing is left behind then.
    """
    file = file_of(url, f"pg_dump --format=custom --no-owner --file={target}", option="--dbname")
    _look(file, target, replace=replace)
    with copied(file, target.parent, f".{target.name}") as copy:
        found = inspect_file(copy)
        if not found.whole:
            raise StoreError(
                f"{file}: is damaged, and so is a copy of it ({found.problems[0]}); nothing was written"
            )
        if replace:
            copy.replace(target)
        else:
            _name(copy, target)
        settle(target.parent)
    return inspect_file(target)


def file_of(url: str, instead: str, option: str) -> Path:
    """Give the file of a store. Raises `UsageError` for a server, with the command that does it there `instead`."""
    address = locate(url)
    if isinstance(address, ServerAddress):
        raise UsageError(
            f"{address.name}: PostgreSQL brings its own tools for this, which read the password from PGPASSWORD or"
            f" ~/.pgpass: {instead} {option}={address.name}"
        )
    if address.file is None:
        raise UsageError(f"{address.name}: is gone when krd ends; name a file")
    address.look(must_exist=False)
    return address.file


@contextmanager
def copied(file: Path, folder: Path, name: str) -> Iterator[Path]:
    """Give a copy of a SQLite database under a name of its own in `folder`, written down to the disk; what still bears
    that name at the end goes away. Raises `StoreError`.
    """
    FileAddress(file).look(must_exist=True)
    copy = folder / f"{name}.{secrets.token_hex(4)}.partial"
    try:
        _copy(file, copy)
        shutil.copymode(file, copy)
        with copy.open("rb") as written:
            os.fsync(written.fileno())
        yield copy
    except OSError as error:
        raise StoreError(
            f"{copy}: cannot be written ({error.strerror}); look at free space and rights"
        ) from error
    finally:
        copy.unlink(missing_ok=True)


def _copy(file: Path, copy: Path) -> None:
    """Copy what is whole. SQLite says of a damaged database that its copy cannot be opened: then the database itself is
    looked over.
    """
    with reading(file) as connection:
        try:
            connection.execute("VACUUM INTO ?", (str(copy.absolute()),))
        except sqlite3.DatabaseError:
            if not (found := damages(connection)):
                raise
            raise StoreError(f"{file}: is {found[0]}; nothing was copied. {MEND}") from None


def settle(folder: Path) -> None:
    """Write the names in a folder down to the disk, so that they survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _look(file: Path, target: Path, *, replace: bool) -> None:
    if not target.parent.is_dir():
        raise UsageError(
            f"{target}: the folder {target.parent} does not exist; create it, or name another file"
        )
    if target.is_dir():
        raise UsageError(f"{target}: is a folder; name the file of the backup inside it")
    if not target.exists():
        return
    if file.exists() and target.samefile(file):
        raise UsageError(f"{target}: is the store itself; name another file")
    if not replace:
        raise UsageError(f"{target}: exists already; name another file, or replace it with --force")
    if any(target.with_name(f"{target.name}{end}").exists() for end in ("-wal", "-shm")):
        raise UsageError(f"{target}: is a database that something has open; name another file")


def _name(copy: Path, target: Path) -> None:
    """Give the copy its name, unless somebody took it meanwhile."""
    try:
        os.link(copy, target)
    except FileExistsError:
        raise UsageError(f"{target}: exists already; name another file, or replace it with --force") from None
