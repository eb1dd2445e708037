"""Keeps numbers of a store that was put back from being given twice: who followed what was there before is told so."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from collector.errors import StoreError
from collector.store.integrity import reading
from collector.store.tables import pruned, transitions

LEAD = 1_000_000
"""So far ahead of a backup a store may have been that can be read no more."""


def sequences(file: Path) -> Mapping[str, int] | None:
    """Give the greatest number each table of a SQLite store ever gave; nothing when there is none that can be read."""
    if not file.exists():
        return None
    try:
        with reading(file) as connection:
            return dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
    except (sqlite3.Error, StoreError):
        return None


def lift(file: Path, before: Mapping[str, int] | None) -> None:
    """Let the store in `file` give only numbers beyond those that were given `before`, and count every place in the feeds
    up to there as kept no longer: the changes at those places were others. Raises `sqlite3.Error`.
    """
    with closing(sqlite3.connect(file)) as connection, connection:
        own = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
        if before is None:
            before = {name: number + LEAD for name, number in own.items()}
        feed = max(own.get(transitions.name, 0), before.get(transitions.name, 0)) + 1
        for name, number in {**before, transitions.name: feed}.items():
            _lift(connection, name, number)
        has = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (pruned.name,)).fetchone()
        if has:  # a backup from before the feeds gets the table, and its first readers, later
            connection.execute(
                "INSERT OR REPLACE INTO pruned (name, until) VALUES (?, ?)", (transitions.name, feed)
            )


def _lift(connection: sqlite3.Connection, name: str, number: int) -> None:
    if not connection.execute("SELECT 1 FROM sqlite_sequence WHERE name = ?", (name,)).fetchone():
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))
    connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, name))
