"""Where a key result should be after each day: the line that its pace draws over the days of its cycle."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from collector.domain.calendar import Calendar
from collector.domain.cycle import CalendarDays
from collector.domain.pace import Late, Linear, Pace, Points, WorkingDays

Knot = tuple[float, float]
"""(days of the cycle that are over, share of the way that is expected then)."""


@dataclass(frozen=True, slots=True)
class Way:
    """The days and the values between which a pace is drawn."""

    calendar: Calendar
    first: int
    """Index of the day with which the pace begins: 0, or that of the first reading."""
    days: int
    """Days from the cycle's start to the deadline."""
    baseline: float
    target: float


@dataclass(frozen=True, slots=True)
class Course:
    """A line of knots from nothing to the whole way, linear between them."""

    knots: tuple[Knot, ...]

    def expected(self, elapsed: float) -> float:
        """Give the share of the way (0-1) that is expected after `elapsed` days of the cycle (DESIGN §5: e(t))."""
        for (here, share), (there, next_share) in itertools.pairwise(self.knots):
            if elapsed <= here:
                return share
            if elapsed < there:
                return share + (elapsed - here) / (there - here) * (next_share - share)
        return self.knots[-1][1]

    def weeks_ahead(self, elapsed: float, progress: float) -> float:
        """Tell by how many weeks `progress` is ahead of the line (negative: behind): the distance to the nearest moment
        at which just that was expected. Past both ends the line goes on at its mean slope.
        """
        here = max(elapsed, self.knots[0][0])
        share = min(max(progress, 0.0), 1.0)
        moment = min(self._moments(share, here), key=lambda when: abs(when - here))
        return (moment + (progress - share) * self._length - here) / 7

    def _moments(self, share: float, here: float) -> list[float]:
        """When the line stands at `share`; where it rests there, the moment nearest to `here`."""
        return [
            min(max(here, begin), end)
            if before == after
            else begin + (share - before) / (after - before) * (end - begin)
            for (begin, before), (end, after) in itertools.pairwise(self.knots)
            if min(before, after) <= share <= max(before, after)
        ]

    @property
    def _length(self) -> float:
        """Days from where the line leaves nothing to its end."""
        begins = max(when for when, share in self.knots if share <= 0.0)
        return self.knots[-1][0] - begins


def course_of(pace: Pace, way: Way) -> Course:
    """Draw the line of `pace`. A cycle that sets its own day has no dates, so that every pace is linear in it."""
    grid = way.calendar.cycle.grid
    end = max(way.days, way.first + 1)
    straight = Course(((way.first, 0.0), (end, 1.0)))
    if not isinstance(grid, CalendarDays):
        return straight
    match pace:
        case Linear():
            return straight
        case Late(until=until):
            begins = min(max((until - grid.first).days, way.first), end - 1)
            return Course(((way.first, 0.0), (begins, 0.0), (end, 1.0))) if begins > way.first else straight
        case Points(points=points):
            between = [((day - grid.first).days + 1, _share(value, way)) for day, value in points]
            inner = [(when, share) for when, share in sorted(between) if way.first < when < end]
            return Course(((way.first, 0.0), *inner, (end, 1.0)))
        case WorkingDays():
            return _on_working_days(grid, way, end) or straight
        case _:
            assert_never(pace)


def _share(value: float, way: Way) -> float:
    """What share of the way a value is; of no way, all of it."""
    length = way.target - way.baseline
    return (value - way.baseline) / length if length else 1.0


def _on_working_days(grid: CalendarDays, way: Way, end: int) -> Course | None:
    worked = [way.calendar.working(grid.first + timedelta(days=day)) for day in range(way.first, end)]
    total = sum(worked)
    if not total:
        return None
    done = itertools.accumulate(worked)
    return Course(
        ((way.first, 0.0), *((way.first + n, count / total) for n, count in enumerate(done, start=1)))
    )
