"""Keeps a second `krd run` away from a database. It excludes nobody else: the command line and the web write beside it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from collector.errors import AlreadyRunning, StoreError
from collector.store.address import locate


class RunLock:
    """The lock file `<database>.lock`, held while entered; the system gives it back when the process dies.

    The file stays: deleting it would let two processes lock two files of the same name. A database in memory needs no
    lock.
    """

    def __init__(self, url: str) -> None:
        """Name the lock of the store at `url`. Raises `StoreError` for an address that krd cannot use."""
        database = locate(url).file
        self.file = None if database is None else database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take it. Raises `AlreadyRunning` with the pid that holds it, `StoreError` where there can be no lock file."""
        if self.file is None:
            return
        try:
            descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"{self.file}: the lock file cannot be made ({error.strerror});"
                " the folder of the store must exist and this user must be able to write it"
            ) from error
        try:
            _lock(descriptor, self.file)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back. Safe to call twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(descriptor: int, file: Path) -> None:
    """Lock the open file and write our pid into it."""
    try:
        # flock, not lockf: closing any other descriptor of the file would give a lockf lock back
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise AlreadyRunning(
            f"{file.with_suffix('')} is served by another krd run, pid {holder}: stop that one first, or name another store"
        ) from None
    except OSError as error:
        raise StoreError(
            f"{file}: cannot be locked ({error.strerror}); put the store on a local disk"
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
