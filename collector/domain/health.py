"""How far the data can be trusted: an axis of its own beside the status (DESIGN §1, law 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collector.domain.sample import GapReason

GRACE = timedelta(hours=1)


class Health(StrEnum):
    """The state of a series' data."""

    NEVER = "never"
    """No good reading yet."""
    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"
    BROKEN = "broken"
    """The last attempt failed in a way that a person has to mend."""

    @property
    def freezes(self) -> bool:
        """Whether a status may not move on this data."""
        return self in (Health.NEVER, Health.STALE, Health.BROKEN)


@dataclass(frozen=True, slots=True)
class Pulse:
    """The three times of a series, and how its last attempt ended."""

    attempted: datetime | None
    succeeded: datetime | None
    as_of: datetime | None
    """`as_of` of the last good reading."""
    failing: GapReason | None
    """Why the last attempt gave no reading; nothing when it did."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How old data may get before it is called late and stale."""

    late: timedelta
    stale: timedelta

    @classmethod
    def of(cls, every: timedelta, grace: timedelta = GRACE) -> Patience:
        """Late past 1.5 intervals; stale past max(3 intervals, one interval and an hour) (DESIGN §5).

        `grace` is the hour, or its share of a short `day`.
        """
        return cls(late=every * 1.5, stale=max(every * 3, every + grace))


def judge_health(pulse: Pulse, patience: Patience, at: datetime) -> Health:
    """Tell the health of a series at `at`."""
    if pulse.failing is not None and pulse.failing.breaks:
        return Health.BROKEN
    if pulse.as_of is None:
        return Health.NEVER
    age = at - pulse.as_of
    if age > patience.stale:
        return Health.STALE
    return Health.LATE if age > patience.late else Health.FRESH


def next_change(pulse: Pulse, patience: Patience, at: datetime) -> datetime | None:
    """Tell when the health will next change if nothing is read until then."""
    if pulse.as_of is None or (pulse.failing is not None and pulse.failing.breaks):
        return None
    for age in (patience.late, patience.stale):
        moment = pulse.as_of + age
        if moment >= at:
            return moment
    return None
