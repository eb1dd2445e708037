"""Times are kept as integers: milliseconds since 1970 in UTC, so that they sort, compare and subtract in any database.

What is finer than a millisecond is cut off.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def millis(at: datetime) -> int:
    """Give the milliseconds since 1970 of an aware instant. Raises `TypeError` for a naive one."""
    return _of_utc(at) if at.tzinfo is UTC else (at - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=4096)
def _of_utc(at: datetime) -> int:
    """Give those of an instant in UTC. They are remembered, since the rows of a round are of the same few instants, a dozen
    times each; of another zone they must not be: the two instants of an hour that its clocks show twice are equal to Python.
    """
    return (at - _EPOCH) // _MILLISECOND


def millis_or_none(at: datetime | None) -> int | None:
    """Give the milliseconds of an instant that may be unknown."""
    return None if at is None else millis(at)


def instant(since_1970: int) -> datetime:
    """Give the instant, aware, UTC, of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=since_1970)


class Instant(TypeDecorator[datetime]):
    """A column of instants: aware datetimes outside, integers inside."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - the interface's
        """Turn an instant into its integer."""
        return millis_or_none(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface's
        """Turn an integer into its instant."""
        return None if value is None else instant(value)
