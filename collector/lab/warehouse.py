"""Keeps the shop's events in an SQLite file that krd reads while the shop goes on writing."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from collector.clock import Clock, WallClock
from collector.errors import KrdError

if TYPE_CHECKING:
    from pathlib import Path

EventKind = Literal["visit", "order"]
_Event = tuple[str, EventKind, str]

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS events (user_id TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_time ON events (kind, at, user_id);
CREATE INDEX IF NOT EXISTS events_by_user ON events (user_id, kind);
CREATE TABLE IF NOT EXISTS loads (id INTEGER PRIMARY KEY CHECK (id = 1), finished_at TEXT NOT NULL);
"""

DENOMINATOR = """\
SELECT count(DISTINCT user_id) FROM events
WHERE kind = 'visit' AND at >= :since AND at < :until
"""
"""Visitors of the window."""

NUMERATOR = """\
SELECT count(DISTINCT v.user_id) FROM events AS v
WHERE v.kind = 'visit' AND v.at >= :since AND v.at < :until
  AND EXISTS (SELECT 1 FROM events AS o WHERE o.user_id = v.user_id AND o.kind = 'order')
"""
"""Visitors of the window who ordered, then or later: an order comes up to a checkout's latency after its visit."""

LOADED_UNTIL = "SELECT max(finished_at) FROM loads"
"""The instant up to which every event is in the file."""


class WarehouseFailed(KrdError):
    """The lab's warehouse cannot be written."""


class Warehouse:
    """The table `events (user_id, kind, at)`, loaded in small batches by one writer thread, as an ETL job would.

    `at` is text, UTC, `YYYY-MM-DD HH:MM:SS.ffffff`: always with six digits, so that comparing it as text with a bound of
    whole seconds, milliseconds or microseconds in the same notation is comparing instants. `loads.finished_at` is the
    instant up to which the events are complete. A file that exists is continued.
    """

    def __init__(self, path: Path, clock: Clock | None = None, *, batch_seconds: float = 0.25) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"
        self._clock = clock or WallClock()
        self._batch_seconds = batch_seconds
        self._lock = threading.Lock()
        self._waiting: list[_Event] = []
        self._stopping = threading.Event()
        self._failure: sqlite3.Error | None = None
        self._writer = threading.Thread(target=self._write, name="lab-warehouse", daemon=True)

    def start(self) -> None:
        """Create the tables and begin to write. Raises `WarehouseFailed` when the file cannot be used."""
        try:
            with closing(sqlite3.connect(self.path)) as connection:
                connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise self._failed(error) from error
        self._writer.start()

    def record(self, user_id: str, kind: EventKind) -> None:
        """Note an event of this instant; it is in the file one batch later. Raises `WarehouseFailed`."""
        if self._failure is not None:
            raise self._failed(self._failure)
        with self._lock:
            self._waiting.append((user_id, kind, _as_text(self._clock.now())))

    def stop(self) -> None:
        """Write what waits and close the file; harmless before `start`. Raises `WarehouseFailed` when not everything could be written."""
        self._stopping.set()
        if self._writer.ident is not None:
            self._writer.join()
        if self._failure is not None:
            raise self._failed(self._failure)

    def _write(self) -> None:
        try:
            with closing(sqlite3.connect(self.path, timeout=5)) as connection:
                while not self._stopping.wait(self._batch_seconds):
                    self._load(connection)
                self._load(connection)
        except sqlite3.Error as error:
            self._failure = error  # told to whoever records or stops next

    def _load(self, connection: sqlite3.Connection) -> None:
        with (
            self._lock
        ):  # the same lock under which events are stamped: none before this instant is still to come
            batch, self._waiting = self._waiting, []
            finished_at = _as_text(self._clock.now())
        with connection:
            connection.executemany("INSERT INTO events (user_id, kind, at) VALUES (?, ?, ?)", batch)
            connection.execute("INSERT OR REPLACE INTO loads (id, finished_at) VALUES (1, ?)", (finished_at,))

    def _failed(self, error: sqlite3.Error) -> WarehouseFailed:
        return WarehouseFailed(
            f"the lab's warehouse {self.path} cannot be written: {error}; free disk space or choose another directory"
        )


def _as_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
