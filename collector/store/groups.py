"""Tells when the letters of a group may go out: after they waited for others, and not too soon after the group's last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from collector.ports.store import Posting
from collector.store.bulk import MOST_NAMES
from collector.store.letters import WAITING
from collector.store.tables import outbox


@dataclass(frozen=True, slots=True)
class Due:
    """When letters of a group may go out."""

    at: datetime
    earliest: datetime | None
    """When the interval of the group is over, also for those who wait for no others; nothing where nothing was sent."""


def group_of(posting: Posting) -> str:
    """Give the group that a letter is kept under: one of its own where it travels alone."""
    return posting.group or posting.announcement.id


def group_dues(
    connection: Connection, notifier: str, postings: Sequence[Posting], at: datetime
) -> Mapping[str, Due]:
    """Give when each group that gets letters is due. What waits in it already travels with them, at the earlier time."""
    groups: dict[str, list[Posting]] = {}
    for posting in postings:
        groups.setdefault(group_of(posting), []).append(posting)
    waiting = _waiting(connection, notifier, groups)
    dues: dict[str, Due] = {}
    for group, joining in groups.items():
        due = _own_due(connection, notifier, group, joining, at)
        if (present := waiting.get(group)) is not None and present > due.at:
            _bring_forward(connection, notifier, group, due.at)
        dues[group] = replace(due, at=min(due.at, present or due.at))
    return dues


def _own_due(
    connection: Connection, notifier: str, group: str, joining: Sequence[Posting], at: datetime
) -> Due:
    last = None
    if any(posting.interval for posting in joining):
        last = _last_message(connection, notifier, group, at)
    dues = [at + posting.wait for posting in joining]
    if last is None:
        return Due(min(dues), None)
    over = [last + posting.interval for posting in joining]
    return Due(min(max(pair) for pair in zip(dues, over, strict=True)), min(over))


def _last_message(connection: Connection, notifier: str, group: str, at: datetime) -> datetime | None:
    """Give when letters of a group last became a message, whatever became of that. One that is told to have been later than
    now was so before the clock went back: nobody knows when that was.
    """
    mine = (outbox.c.notifier == notifier, outbox.c.group == group)
    known = (outbox.c.bundled.is_not(None), outbox.c.bundled <= at)
    last: datetime | None = connection.scalar(select(func.max(outbox.c.bundled)).where(*mine, *known))
    return last


def _waiting(connection: Connection, notifier: str, groups: Collection[str]) -> Mapping[str, datetime]:
    """Give when those of the groups are due that hold letters no message was made of."""
    found: dict[str, datetime] = {}
    names = sorted(groups)
    query = (
        select(outbox.c.group, func.max(outbox.c.due, type_=outbox.c.due.type).label("due"))
        .where(outbox.c.notifier == notifier, WAITING, outbox.c.bundle == "")
        .group_by(outbox.c.group)
    )
    for start in range(0, len(names), MOST_NAMES):
        chunk = names[start : start + MOST_NAMES]
        of_chunk = connection.execute(query.where(outbox.c.group.in_(chunk)))
        found.update((row.group, row.due) for row in of_chunk)
    return found


def _bring_forward(connection: Connection, notifier: str, group: str, due: datetime) -> None:
    mine = (outbox.c.notifier == notifier, outbox.c.group == group, WAITING, outbox.c.bundle == "")
    connection.execute(update(outbox).where(*mine, outbox.c.due > due).values(due=due))
