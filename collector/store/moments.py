"""Keeps which moments of a team (its briefs) were handled, so that each is handled once over restarts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, select

from collector.store.bulk import insert_into
from collector.store.tables import moments

MISSED = "missed"
"""The outcome of what was not said before its sync was over."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is marked: one occasion of one team in one cycle."""

    team: str
    cycle: str
    kind: str
    moment: datetime


def mark(connection: Connection, moment: Moment, outcome: str) -> bool:
    """Write down that it was handled; False when it was before. What a clock that ran ahead had called missed may still be
    handled, once that clock was put right.
    """
    row = insert_into(moments, connection.dialect.name).values(
        team=moment.team, cycle=moment.cycle, kind=moment.kind, moment=moment.moment, outcome=outcome
    )
    handled = row.on_conflict_do_update(
        index_elements=list(moments.primary_key),
        set_={"outcome": row.excluded.outcome},
        where=and_(moments.c.outcome == MISSED, row.excluded.outcome != MISSED),
    )
    return connection.execute(handled.returning(moments.c.team)).first() is not None


def kinds_marked(connection: Connection, team: str, cycle: str, moment: datetime) -> frozenset[str]:
    """Give everything that was handled of a team at an instant, in one query."""
    same = (moments.c.team == team, moments.c.cycle == cycle, moments.c.moment == moment)
    return frozenset(connection.execute(select(moments.c.kind).where(*same)).scalars())


def marked(connection: Connection, moment: Moment) -> bool:
    """Tell whether it was handled."""
    same = exists().where(
        moments.c.team == moment.team,
        moments.c.cycle == moment.cycle,
        moments.c.kind == moment.kind,
        moments.c.moment == moment.moment,
    )
    return bool(connection.scalar(select(same)))
