"""Inserts of thousands of rows, each in one call and with nothing done per value.

Rows are tuples in the order of the table's columns, in the database's own terms: instants as milliseconds, enums as
text, documents as JSON. Going through column types and named parameters costs four times what the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import BigInteger, BindParameter, Column, ColumnElement, Connection, Table, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

from collector.store.instants import Instant

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Insert: TypeAlias = "sqlite.Insert | postgresql.Insert"
"""An insert that knows what to do about rows that are there already, in the words of one kind of database."""
Excluded = ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]
"""The values of a row that met another one of its key."""

MOST_NAMES = 10_000
"""How many values one `IN (...)` may hold; SQLite takes 32,766 and PostgreSQL 65,535 in a statement."""


def insert_into(table: Table, dialect: str) -> Insert:
    """Begin an insert for the kind of database that SQLAlchemy calls `dialect`."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - it takes its time, which only such a store pays

        return postgresql.insert(table)
    return sqlite.insert(table)


class Bulk:
    """An insert, made ready once for each kind of database."""

    def __init__(self, statement: Callable[[str], Insert]) -> None:
        """Take what makes, for a dialect, an insert that names every column of its rows as a parameter, in their order."""
        self._statement = statement
        self._texts: dict[str, str] = {}

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows; no rows, no statement."""
        if rows:
            connection.exec_driver_sql(self._text(connection), list(rows))

    def _text(self, connection: Connection) -> str:
        dialect = connection.dialect
        if dialect.name not in self._texts:
            self._texts[dialect.name] = str(self._statement(dialect.name).compile(dialect=dialect))
        return self._texts[dialect.name]


def keep_first(table: Table) -> Bulk:
    """Insert rows; a row whose key is there already is left as it is."""
    return Bulk(lambda dialect: _insert(table, dialect).on_conflict_do_nothing())


def replace(table: Table, only_if: Callable[[Excluded], ColumnElement[bool]] | None = None) -> Bulk:
    """Insert rows; a row whose primary key is there already takes all the new values.

    `only_if` is given the new values, and says whether they may take the place of the old ones.
    """

    def upsert(dialect: str) -> Insert:
        statement = _insert(table, dialect)
        new = statement.excluded
        return statement.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={column.name: new[column.name] for column in table.c if not column.primary_key},
            where=only_if(new) if only_if else None,
        )

    return Bulk(upsert)


def _insert(table: Table, dialect: str) -> Insert:
    """Insert into all columns but the one that the database numbers by itself."""
    columns = [column for column in table.c if column is not table.autoincrement_column]
    return insert_into(table, dialect).values({column.name: raw(column) for column in columns})


def raw(column: Column[Any]) -> BindParameter[Any]:
    """Give a parameter for a column that takes the database's own terms."""
    return bindparam(column.name, type_=BigInteger() if isinstance(column.type, Instant) else column.type)


def chunks(names: Collection[int], size: int = MOST_NAMES) -> list[list[int]]:
    """Cut identifiers into ascending lists that fit one `IN (...)`."""
    ascending = sorted(names)
    return [ascending[start : start + size] for start in range(0, len(ascending), size)]
