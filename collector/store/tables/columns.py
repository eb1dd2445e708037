"""The columns that many tables have, and the one list of all tables."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, MetaData

metadata = MetaData()


def number(table: str, name: str, *, nullable: bool = False) -> tuple[Column[float], CheckConstraint]:
    """Give a column of finite numbers with the constraint that keeps infinities and text out.

    SQLite turns NaN into null by itself; where null is allowed, only `values.finite_or_none` keeps NaN out.
    """
    finite = f"{name} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308"
    return Column(name, Float, nullable=nullable), CheckConstraint(finite, name=f"{table}_{name}_finite")


def of_series() -> Column[int]:
    """Give the column that names a series."""
    return Column("series", ForeignKey("series.id"), primary_key=True)


def of_key_result() -> Column[int]:
    """Give the column that names a key result."""
    return Column("key_result", ForeignKey("key_results.id"), primary_key=True)
