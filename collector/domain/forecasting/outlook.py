"""What a forecast may know of one key result on one day: one value a day, and the promise. Nothing of what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from collector.domain.arrays import Floats

HISTORY = 28
"""Days before the cycle that may enter (DESIGN §5: a series is healed back to 28 days before it)."""
NOTHING: Floats = np.empty(0)
"""No series."""


def _nothing() -> Floats:
    return NOTHING


class Form(IntEnum):
    """What is compared with the target at the close."""

    LEVEL = 0
    """The mean of the last `window` days, of ratios the quotient of their sums (a reach)."""
    AT_MOST = 1
    """A count of which no more than the target may come (a total)."""
    AT_LEAST = 2
    """A count of which the target is asked (a total)."""
    EVENTS = 3
    """Bad events among all, of which a share is allowed (an slo)."""
    STAY = 4
    """Days, or shares of them, out of a band, of which so many are allowed (a keep)."""


class Scale(IntEnum):
    """In which scale a day's noise is alike, high or low."""

    PLAIN = 0
    LOG = 1
    """Durations, sizes, money: what changes by factors, and is above zero."""
    LOGIT = 2
    """Shares of a whole."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A step that somebody expects."""

    day: int
    """Index of the day of the cycle on which it is to come."""
    share: float
    """Of the way from baseline to target, 0-1."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One key result as a forecast sees it. Days are indices in the cycle, from 0; negative ones lie before it.

    All series have one number a day, from `first` up to, without, `today`; a day without a reading is NaN, never 0.
    """

    form: Form
    values: Floats
    """LEVEL: the value of the day. AT_MOST, AT_LEAST: what the day added. EVENTS: bad events. STAY: the value of the day."""
    today: int
    """The first day that is not known."""
    length: int
    """Days of the promise: its last one is `length - 1`."""
    target: float
    """LEVEL: the value to be reached. AT_MOST, AT_LEAST: the count. EVENTS: the share of events that may be bad, 0-1.
    STAY: how many days may lie out of the band until the close, those past included."""
    rising: bool = True
    """Whether more is better (LEVEL)."""
    baseline: float = 0.0
    """LEVEL: where the way begins."""
    first: int = -HISTORY
    start: int = 0
    """The day with which the pace begins: 0, or that of the first reading of a source without a past."""
    window: int = 1
    """Days over which a LEVEL is taken at the close."""
    scale: Scale = Scale.PLAIN
    factor: float = 1.0
    """What a pooled quotient is multiplied by: 100 for percent. A LOGIT scale has its ceiling there."""
    ceiling: float = np.inf
    """What a LEVEL cannot pass: 100 for a percentage of a whole."""
    num: Floats = field(default_factory=_nothing)
    """Numerators of pooled ratios (LEVEL)."""
    den: Floats = field(default_factory=_nothing)
    """Denominators of pooled ratios (LEVEL); all events (EVENTS); days that a number covers, 1 where empty (counts)."""
    inside: Floats = field(default_factory=_nothing)
    """STAY: share of the readings of the day in the band, 0-1."""
    low: float = -np.inf
    high: float = np.inf
    """STAY: the band."""
    within: float = 0.0
    """STAY: standard deviation of readings within a day; 0 where a day has one."""
    previous: float = np.nan
    """Counts: what the last cycle closed with, if known."""
    planned: bool = True
    """Whether the pace has begun to matter; a draft is seen by its past alone (LEVEL)."""
    belief: float = 0.3
    """Share of the planned pace that effort is believed to bring (`collector.domain.outlooks.BELIEF`)."""
    partly: float = 0.7
    """Share of the way at which an aspirational promise succeeds."""
    aspirational: bool = False
    """Whether that share of the way is a success (P(hit))."""
    course: Floats = field(default_factory=_nothing)
    """Share of the way expected at the close of each day of the cycle, `length` numbers; empty where it is linear."""
    launches: Sequence[Launch] = ()
    whole: bool = False
    """Counts: whether they are of whole things, which come in pieces."""

    @property
    def readings(self) -> int:
        """How many days hold a reading."""
        return int(np.count_nonzero(np.isfinite(self.values)))
