"""What a slot left behind: a sample, or a gap. Nothing else, and never one for the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class SampleState(StrEnum):
    """Whether a stored number counts."""

    USED = "used"
    HELD = "held"
    """Implausible: stored, not used, until confirmed or released."""
    DISCARDED = "discarded"


class Origin(StrEnum):
    """How a number came in."""

    LIVE = "live"
    HEALED = "healed"
    RESTATED = "restated"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Sample:
    """One finite number of a series at one slot."""

    slot: datetime
    value: float
    as_of: datetime
    """The instant the number stands for: the source's own time stamp where it tells one."""
    recorded_at: datetime
    num: float | None = None
    den: float | None = None
    state: SampleState = SampleState.USED
    origin: Origin = Origin.LIVE
    evidence: Mapping[str, object] = field(default_factory=dict)


class GapReason(StrEnum):
    """Why a slot has no number. The error kinds of `connectors.api`, and krd's own."""

    NO_DATA = "no_data"
    TRANSIENT = "transient"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    AUTH = "auth"
    BAD_QUERY = "bad_query"
    BAD_VALUE = "bad_value"
    CONFIG = "config"
    PARTIAL = "partial"
    SOURCE_DOWN = "source_down"
    """Not asked: the source was known to be down, asleep or paused."""
    BACKED_OFF = "backed_off"
    """Not asked: the binding was refused before and is tried less often until it works."""
    WAITING = "waiting"
    """Not asked yet: the source says that the rows of this slot are not loaded."""
    MISSED = "missed"
    """Not asked: krd was not running, or could not keep up."""

    @property
    def healable(self) -> bool:
        """Whether the source may still have the number, if it answers the past: nobody said that there is none."""
        return self not in (GapReason.NO_DATA, GapReason.BAD_VALUE, GapReason.BAD_QUERY, GapReason.PARTIAL)

    @property
    def breaks(self) -> bool:
        """Whether it makes the health `broken`: a person has to change something."""
        return self in (GapReason.AUTH, GapReason.BAD_QUERY, GapReason.BAD_VALUE, GapReason.CONFIG)


@dataclass(frozen=True, slots=True)
class Restatement:
    """A number that took the place of another one: both, with both times, are kept."""

    was: Sample
    now: Sample
    at: datetime
    """When it was replaced."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A slot that was due and has no number."""

    slot: datetime
    reason: GapReason
    detail: str = ""
