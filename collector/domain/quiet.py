"""When people are not to be disturbed: nights and days off, in a team's own zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKEND = (5, 6)
MOST_DAYS = 400
"""No row of days off is longer; a calendar without any working day must not loop."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours: a night that spans midnight or begins at it. Equal bounds mean that only days off are quiet."""

    zone: ZoneInfo
    begins: time = time(18)
    ends: time = time(8)
    holidays: frozenset[date] = field(default_factory=frozenset)
    days_off: bool = True
    """Whether weekends and holidays are quiet as a whole."""

    def until(self, at: datetime) -> datetime | None:
        """Give when the quiet that lies over `at` ends; nothing when it is not quiet."""
        local = at.astimezone(self.zone)
        if not self._quiet(local):
            return None
        for ahead in range(MOST_DAYS):
            day = local.date() + timedelta(days=ahead)
            if self._works(day) and (waking := self._waking(day)) > at:
                return waking
        return None

    def halfway(self, begin: datetime, end: datetime) -> datetime:
        """Give the instant at which half of the waking time between two instants is over; half of all of it when none of
        it is waking time.
        """
        stretches = self._awake(begin, end)
        left = sum((until - since for since, until in stretches), timedelta(0)) / 2
        for since, until in stretches:
            if left < until - since:
                return since + left
            left -= until - since
        return begin + (end - begin) / 2

    def _awake(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        found = []
        day = begin.astimezone(self.zone).date() - timedelta(days=1)
        while day <= end.astimezone(self.zone).date():
            if self._works(day):
                since, until = max(self._waking(day), begin), min(self._falling(day), end)
                if since < until:
                    found.append((since, until))
            day += timedelta(days=1)
        return found

    def _quiet(self, local: datetime) -> bool:
        if not self._works(local.date()):
            return True
        clock = local.time()
        if self.begins == self.ends:
            return False
        late = clock >= self.begins if self.begins > self.ends else False
        return late or clock < self.ends

    def _waking(self, day: date) -> datetime:
        """Give when the waking hours of a day begin."""
        clock = time(0) if self.begins == self.ends else self.ends
        waking = datetime.combine(day, clock, tzinfo=self.zone)
        return waking.replace(fold=1).astimezone(UTC)  # of an hour that comes twice, the second one

    def _falling(self, day: date) -> datetime:
        """Give when the waking hours of a day end: in the evening, or at midnight."""
        if self.begins > self.ends:
            return datetime.combine(day, self.begins, tzinfo=self.zone).astimezone(UTC)
        return datetime.combine(day + timedelta(days=1), time(0), tzinfo=self.zone).astimezone(UTC)

    def _works(self, day: date) -> bool:
        return not self.days_off or (day.weekday() not in WEEKEND and day not in self.holidays)
