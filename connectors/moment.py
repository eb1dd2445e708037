"""The instants a question is about, so that a slot means the same whenever it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """The instants a question is about (all aware, UTC): DESIGN §4, "Time in queries"."""

    as_of: datetime
    """The nominal time of the slot."""
    until: datetime
    """`as_of - matures`; the end of the window."""
    since: datetime
    """`until - window`, or the cycle's start."""
    cycle_start: datetime
    cycle_end: datetime
    every: timedelta
    """The nominal distance to the next slot, for `$every`."""

    @property
    def window(self) -> timedelta:
        """Length of the window, for `$window`."""
        return self.until - self.since

    @property
    def elapsed(self) -> timedelta:
        """Time since the cycle's start, for `$elapsed`; never negative."""
        return max(self.until - self.cycle_start, timedelta(0))
