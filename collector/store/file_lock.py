"""A lock by a file beside the database, which the system gives back when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from collector.errors import AlreadyRunning, StoreError
from collector.store.address import lock_beside


class FileLock:
    """The lock file `<database>.lock`. It stays: deleting it would let two processes lock two files of the same name."""

    def __init__(self, database: Path) -> None:
        """Name the lock of a database."""
        self._database = database
        self._file = lock_beside(database)
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take it. Raises `AlreadyRunning` with the pid that holds it, `StoreError` where there can be no lock file."""
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"{self._file}: the lock file cannot be made ({error.strerror});"
                " the folder of the store must exist and this user must be able to write it"
            ) from error
        try:
            self._take(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back. Safe to call twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, descriptor: int) -> None:
        """Lock the open file and write our pid into it."""
        try:
            # flock, not lockf: closing any other descriptor of the file would give a lockf lock back
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise AlreadyRunning(
                f"{self._database} is served by another krd run, pid {holder}:"
                " stop that one first, or name another store"
            ) from None
        except OSError as error:
            raise StoreError(
                f"{self._file}: cannot be locked ({error.strerror}); put the store on a local disk"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
