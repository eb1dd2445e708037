"""The moments round a sync: the brief, one escalation, what changed; when each is due, and which of them are over.

All of it follows from calendars and the time alone. That each is handled once is kept by the store.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collector.domain.calendar import Calendar
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.okr import Okrs
from collector.domain.quiet import Quiet

READ_AHEAD = timedelta(minutes=5)
"""So long before a brief what is stale is read once more."""
LAST_HOUR = timedelta(hours=1)
"""So long before the sync it is told what changed since the brief. Both are of a real day; a cycle of short days has the
same share of its own (DESIGN §5).
"""


class MomentKind(StrEnum):
    """What happens before a sync, in this order."""

    BRIEF = "brief"
    ESCALATION = "escalation"
    """Drift that nobody acknowledged is told once more, and to more people."""
    CHANGES = "changes"
    """Only what changed since the brief is told."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that is due for a team before a sync."""

    kind: MomentKind
    team: str
    calendar: Calendar
    due: datetime
    sync: datetime

    @property
    def cycle(self) -> str:
        """The id of the cycle that it is about."""
        return self.calendar.cycle.id

    @property
    def read_ahead(self) -> datetime:
        """When the numbers it will tell are to be read once more, where they are not fresh."""
        return self.due - self.calendar.cycle.wait(READ_AHEAD)

    @property
    def last_hour(self) -> datetime:
        """When the last hour before its sync begins."""
        return self.sync - self.calendar.cycle.wait(LAST_HOUR)


def next_moment(team: str, calendar: Calendar, after: datetime) -> Moment | None:
    """Give the brief for the first sync later than `after`, be it due already or not."""
    sync = calendar.next_sync(after)
    return None if sync is None else _brief(team, calendar, sync)


def moments_of(team: str, calendar: Calendar, sync: datetime, quiet: Quiet | None) -> tuple[Moment, ...]:
    """Give what happens before a sync, in its order; `quiet` are the hours in which the team sleeps.

    A sync just after a cycle's end belongs to the cycle in which its brief is due, so that two cycles in a row make one
    brief. A brief within the last hour is what is new by itself: nothing follows it then.
    """
    cycle = calendar.cycle
    brief = _brief(team, calendar, sync)
    if not cycle.starts <= brief.due < cycle.ends:
        return ()
    waking = quiet if not cycle.short else None
    halfway = waking.halfway(brief.due, sync) if waking is not None else brief.due + (sync - brief.due) / 2
    later = (
        Moment(MomentKind.ESCALATION, team, calendar, halfway, sync),
        Moment(MomentKind.CHANGES, team, calendar, brief.last_hour, sync),
    )
    return (brief, *(one for one in later if brief.due < one.due))


class Agenda:
    """What is ahead of every team, worked out once a sync: it is asked every second. Used by one thread."""

    def __init__(self, okrs: Okrs) -> None:
        self._okrs = okrs
        self._ahead: dict[tuple[str, str], _Ahead] = {}

    def due(self, at: datetime) -> list[Moment]:
        """Give the moments that have come and whose sync is still ahead, those of a team in their order."""
        return [moment for one in self._look(at) for moment in one.moments if moment.due <= at]

    def to_read(self, at: datetime) -> list[Moment]:
        """Give the briefs that are not due yet, but whose numbers are to be read once more."""
        briefs = (one.moments[0] for one in self._look(at) if one.moments)
        return [brief for brief in briefs if brief.read_ahead <= at < brief.due]

    def next_due(self, at: datetime) -> datetime | None:
        """Give when there will be something to do again: a moment, the reading before it, or a sync that is over."""
        return min((due for one in self._look(at) for due in one.wake_ups if due > at), default=None)

    def syncs(self, at: datetime) -> frozenset[tuple[str, str, datetime]]:
        """Give the next sync of each team and cycle that has one."""
        return frozenset(
            (team, cycle, one.sync) for (team, cycle), one in self._looked(at) if one.sync is not None
        )

    def _look(self, at: datetime) -> Iterator[_Ahead]:
        return (one for _, one in self._looked(at))

    def _looked(self, at: datetime) -> Iterator[tuple[tuple[str, str], _Ahead]]:
        for key, calendar in self._okrs.calendars.items():
            known = self._ahead.get(key)
            if known is None or at < known.since or (known.sync is not None and at >= known.sync):
                sync = calendar.next_sync(at)
                quiet = _quiet(self._okrs, key[0])
                moments = moments_of(key[0], calendar, sync, quiet) if sync is not None else ()
                known = self._ahead[key] = _Ahead(at, sync, moments)
            yield key, known


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The next sync of a team, as seen from an instant before it."""

    since: datetime
    sync: datetime | None
    moments: tuple[Moment, ...]

    @property
    def wake_ups(self) -> Iterator[datetime]:
        """The instants at which something begins."""
        yield from (moment.read_ahead for moment in self.moments[:1])
        yield from (moment.due for moment in self.moments)
        if self.sync is not None:
            yield self.sync


def past_moments(okrs: Okrs, at: datetime) -> Iterator[Iterator[tuple[Moment, ...]]]:
    """Give, for each team and cycle, the moments of the syncs that are over, by sync, the newest first."""
    for (team, _), calendar in okrs.calendars.items():
        before_all = calendar.cycle.starts - timedelta(microseconds=1)
        over = list(itertools.takewhile(lambda sync: sync <= at, calendar.syncs(before_all)))
        yield _those_of(okrs, team, calendar, over[::-1])


def _those_of(
    okrs: Okrs, team: str, calendar: Calendar, syncs: Iterable[datetime]
) -> Iterator[tuple[Moment, ...]]:
    quiet = _quiet(okrs, team)
    found = (moments_of(team, calendar, sync, quiet) for sync in syncs)
    return (moments for moments in found if moments)


def told_instant(cycle: Cycle, at: datetime) -> str:
    """Write an instant for people who share a cycle: `Mon 16 Nov 10:00`, or `day 13.8` where it sets its own day."""
    if not isinstance(cycle.grid, CalendarDays):
        return f"day {(at - cycle.starts) / cycle.grid.length:.1f}"
    local = at.astimezone(cycle.grid.zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _brief(team: str, calendar: Calendar, sync: datetime) -> Moment:
    return Moment(MomentKind.BRIEF, team, calendar, calendar.brief_before(sync), sync)


def _quiet(okrs: Okrs, team: str) -> Quiet | None:
    known = okrs.teams.get(team)
    return known.alerts.quiet if known is not None else None
