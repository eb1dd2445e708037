"""Keeps which moments of a team (its briefs) were handled, so that each is handled once over restarts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from collector.store.bulk import insert_into
from collector.store.tables import moments


@dataclass(frozen=True, slots=True)
class Moment:
    """What is marked: one occasion of one team in one cycle."""

    team: str
    cycle: str
    kind: str
    moment: datetime


def mark(connection: Connection, moment: Moment, outcome: str) -> bool:
    """Write down that it was handled; False when it was before."""
    row = insert_into(moments, connection.dialect.name).values(
        team=moment.team, cycle=moment.cycle, kind=moment.kind, moment=moment.moment, outcome=outcome
    )
    marked_now = row.on_conflict_do_nothing().returning(moments.c.team)
    return connection.execute(marked_now).first() is not None


def marked(connection: Connection, moment: Moment) -> bool:
    """Tell whether it was handled."""
    same = exists().where(
        moments.c.team == moment.team,
        moments.c.cycle == moment.cycle,
        moments.c.kind == moment.kind,
        moments.c.moment == moment.moment,
    )
    return bool(connection.scalar(select(same)))
