"""Everything a verdict may know about the series of a key result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.health import Pulse
from collector.domain.observed import Held
from collector.domain.promise import Promise


@dataclass(frozen=True, slots=True)
class Guard:
    """What is known of the series of a guardrail."""

    role: str
    pulse: Pulse
    current: float | None
    """Its last good reading."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What one slot of an slo or a keep used of its budget."""

    slot: datetime
    used: float
    """Bad events, or 1 for a reading out of the band."""
    total: float
    """All events, or 1."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything known about a key result's series."""

    days: Sequence[Day]
    """Ascending; those before the cycle, and the open one, too."""
    baseline: Baseline | None
    pulse: Pulse
    current: float | None
    """The last good reading."""
    covered: datetime | None
    """The last slot that has an outcome."""
    pending: datetime | None
    """Slots later than this are still to be asked for in the past; nothing when there are none."""
    first_slot: datetime | None
    """Slot of the first reading ever."""
    previous: Evaluation | None
    trouble: str = ""
    series: int = 0
    """Which series it is; another measure is another one."""
    changed: bool = True
    """Whether closed days or the baseline may have changed since `previous`."""
    guardrails: tuple[Guard, ...] = ()
    recent: Sequence[Slot] = ()
    """The newest slots of an slo or a keep, ascending, as far back as burn rates look."""
    held: Held | None = None
    settled: datetime | None = None
    """Slots up to this one are final (`settle`)."""
    segment: int = 1
    first_promise: Promise | None = None
    """The promise as first made in this cycle, when it was another one."""
    restep: bool = False
    """Whether the days that were judged are to be judged anew."""
