"""What differs between the kinds of database that a store can be kept in; everything else is one code for all."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, Engine

from collector.store.faults import Reading


class WriteLog(Protocol):
    """Tells whether others write too, and whether a transaction was kept. Used by one thread at a time."""

    def enter(self, connection: Connection) -> int:
        """Begin a writing transaction's entry, and give the generation: another number once somebody else has written."""

    def keep(self) -> None:
        """Take note that the transaction of the last entry was kept."""

    def holds(self) -> bool:
        """Find out whether the transaction of the last entry was kept, when the answer to its COMMIT was lost.

        Waits for a database that is away. Raises `StoreError` when it stays away for too long.
        """


class Backend(Protocol):
    """One database that can hold a store."""

    name: str
    """Its name in messages, without secrets."""
    lock_limit: float
    """Seconds that a writer waits for another one."""
    readers: Engine
    """Its transactions see one consistent state and cannot write."""
    writer: Engine
    """One connection, whose transactions exclude those of every other writer, in any process, from their beginning on.

    The same engine as `readers` where there can be only one connection at all.
    """

    def look(self, *, must_exist: bool) -> None:
        """See whether a database can be there, before anything is touched. Raises `StoreError`."""

    def prepare(self) -> None:
        """Make the database fit for a store, once it is known to be nobody else's. Raises `StoreError`."""

    def is_empty(self, connection: Connection) -> bool:
        """Tell whether it holds nothing yet."""

    def is_ours(self, connection: Connection) -> bool:
        """Tell whether what it holds is marked as krd's."""

    def mark(self, connection: Connection) -> None:
        """Mark what it holds as krd's, inside the transaction that made it."""

    def write_log(self) -> WriteLog:
        """Begin to watch who writes. Raises `StoreError`."""

    def refuse_when_gone(self) -> None:
        """Raise `StoreError` when what was opened is no longer at its address."""

    def meaning(self, cause: BaseException, reading: Reading) -> str:
        """Say what an error of its driver means, and what to do."""
