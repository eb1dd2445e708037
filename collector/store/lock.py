"""Keeps a second `krd run` away from a store. It excludes nobody else: the command line and the web write beside it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from collector.store.address import FileAddress, locate
from collector.store.driver import require_driver
from collector.store.file_lock import FileLock


class Lock(Protocol):
    """What one kind of database offers to be locked by."""

    def acquire(self) -> None:
        """Take it. Raises `AlreadyRunning` that names the holder, `StoreError` where it cannot be taken at all."""

    def release(self) -> None:
        """Give it back. Safe to call twice."""


class RunLock:
    """Held while entered, and freed by the death of its holder: a file beside SQLite, a session on PostgreSQL.

    A database in memory needs no lock.
    """

    def __init__(self, url: str) -> None:
        """Name the lock of the store at `url`. Raises `StoreError` for an address that krd cannot use."""
        self._lock = _lock(url)

    def acquire(self) -> None:
        """Take it. Raises `AlreadyRunning` that names the holder, `StoreError` where it cannot be taken at all."""
        if self._lock is not None:
            self._lock.acquire()

    def release(self) -> None:
        """Give it back. Safe to call twice."""
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(url: str) -> Lock | None:
    address = locate(url)
    if isinstance(address, FileAddress):
        return FileLock(address.file) if address.file else None
    require_driver()
    from collector.store.session_lock import SessionLock  # noqa: PLC0415 - its driver is an extra, and takes its time

    return SessionLock(address)
