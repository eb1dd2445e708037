"""The table `writes` of a store on PostgreSQL: one short row a writing transaction, the newest thousand of them.

It is written inside the transaction that it stands for, while no other one writes. So the numbers have no holes, a new
one that does not follow our last tells of somebody else, and a row that is there tells that its transaction was kept.
Whoever changes a store past krd adds a row, or stops krd first: `INSERT INTO writes SELECT max(n) + 1, 'me' FROM writes`.
"""

from __future__ import annotations

import time
import uuid

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from collector.errors import StoreError

TABLE = "CREATE TABLE IF NOT EXISTS writes (n bigint PRIMARY KEY, writer text NOT NULL)"
FATE_LIMIT = 30.0
"""Seconds in which a server must be back to tell whether a transaction was kept."""
_KEPT = 1000
_PRUNED = 100
"""Every so many writes older rows go."""
_PAUSE = 0.2

_ENTER = "INSERT INTO writes (n, writer) SELECT coalesce(max(n), 0) + 1, %s FROM writes RETURNING n"


class WritesTable:
    """What one open store knows of the writes of all."""

    def __init__(self, name: str, writer: Engine) -> None:
        """Know of no write of our own; `name` is the database's."""
        self._name, self._writer = name, writer
        self._me = uuid.uuid4().hex
        self._entered = self._ours = 0

    def enter(self, connection: Connection) -> int:
        """Add the row of a transaction, and give the generation: how many of the writes before it were not ours."""
        self._entered = int(connection.exec_driver_sql(_ENTER, (self._me,)).scalar_one())
        if self._entered % _PRUNED == 0:
            connection.exec_driver_sql("DELETE FROM writes WHERE n <= %s", (self._entered - _KEPT,))
        return self._entered - 1 - self._ours

    def keep(self) -> None:
        """Count the transaction of the last entry as ours."""
        self._ours += 1

    def holds(self) -> bool:
        """Find out whether the transaction of the last entry was kept.

        Where it still runs on the server it holds the writers' lock, so whoever has that lock sees how it ended. Raises
        `StoreError` when the server is away for longer than `FATE_LIMIT`. What was not known to be kept, and was, counts
        as not ours.
        """
        ends = time.monotonic() + FATE_LIMIT
        while True:
            try:
                with self._writer.begin() as connection:
                    row = "SELECT FROM writes WHERE n = %s AND writer = %s"
                    found = connection.exec_driver_sql(row, (self._entered, self._me))
                    return found.first() is not None
            except DBAPIError:
                if time.monotonic() > ends:
                    raise StoreError(
                        f"{self._name}: the connection broke while a change was being kept, and for {FATE_LIMIT:g} s"
                        " nobody answered whether it was; look at the server, krd looks again when it is back"
                    ) from None  # an error of a connection says nothing more
                time.sleep(_PAUSE)
