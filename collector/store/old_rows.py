"""Finds and deletes the readings of cycles long over, in portions that hold nobody up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, delete, func, or_, select

from collector.ports.store import Place, Pruned
from collector.store.tables import currents, gaps, key_results, samples, series

LOOKED_AT = 10
"""Rows looked at for each one that may be deleted: a portion that finds little ends soon, too."""
_SLOT, _SERIES = "pruned_slot", "pruned_series"


def last_read(connection: Connection) -> dict[str, datetime | None]:
    """Give every cycle there is with the last slot that a series of it has an outcome at."""
    query = (
        select(key_results.c.cycle, func.max(currents.c.covered, type_=currents.c.covered.type).label("last"))
        .join(series, series.c.key_result == key_results.c.id, isouter=True)
        .join(currents, currents.c.series == series.c.id, isouter=True)
        .group_by(key_results.c.cycle)
    )
    return {row.cycle: row.last for row in connection.execute(query)}


def prune(
    connection: Connection, of: Collection[int], limit: int, until: datetime, after: Place | None
) -> Pruned:
    """Delete at most `limit` samples, then gaps, of these series with slots up to `until`, going on from `after`.

    Rows are walked in the order of the primary key, so that what was passed is not looked at again.
    """
    in_gaps = after is not None and after.gaps
    table = gaps if in_gaps else samples
    keys = _following(connection, table, limit * LOOKED_AT, until, after)
    chosen = set(of)
    old = [(slot, one) for slot, one in keys if one in chosen][:limit]
    if old:
        gone = delete(table).where(table.c.slot == bindparam(_SLOT), table.c.series == bindparam(_SERIES))
        connection.execute(gone, [{_SLOT: slot, _SERIES: one} for slot, one in old])
    reached = old[-1] if len(old) == limit else (keys[-1] if keys else None)
    if len(old) == limit or len(keys) == limit * LOOKED_AT:
        return Pruned(len(old), Place(*reached, gaps=in_gaps) if reached else None)
    return Pruned(len(old), None if in_gaps else Place(gaps=True))


def _following(
    connection: Connection, table: Table, most: int, until: datetime, after: Place | None
) -> list[tuple[datetime, int]]:
    query = select(table.c.slot, table.c.series).where(table.c.slot <= until)
    if after is not None and after.slot is not None:
        later = or_(table.c.slot > after.slot, table.c.series > after.series)
        query = query.where(table.c.slot >= after.slot, later)
    query = query.order_by(table.c.slot, table.c.series).limit(most)
    return [(slot, one) for slot, one in connection.execute(query)]
