"""What success means: the four shapes a key result can have, told by its keys (DESIGN §4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collector.domain.span import WEEK, Span


class Commitment(StrEnum):
    """What was promised: committed succeeds at the whole way, aspirational at 70 % of it."""

    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"

    @property
    def success(self) -> float:
        """Share of the way from baseline to target at which a reach succeeds (DESIGN §5)."""
        return 1.0 if self is Commitment.COMMITTED else 0.7


@dataclass(frozen=True, slots=True)
class Typed:
    """A baseline that is the author's word."""

    value: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A baseline taken from the source: the median of the `over` before the cycle's start."""

    over: Span = WEEK


@dataclass(frozen=True, slots=True)
class LastCycle:
    """A baseline that is what the previous cycle closed with."""


From = Typed | Measured | LastCycle


@dataclass(frozen=True, slots=True)
class Change:
    """A target written as a change from the baseline: in percent of it, or in points of its unit."""

    amount: float
    relative: bool

    def resolve(self, baseline: float) -> float:
        """Give the target for `baseline`."""
        return baseline * (1 + self.amount / 100) if self.relative else baseline + self.amount


@dataclass(frozen=True, slots=True)
class Reach:
    """From X to Y: judged by the level at the close."""

    start: From
    to: float | Change

    def target(self, baseline: float) -> float:
        """Give the target value, resolving a change against `baseline`."""
        return self.to.resolve(baseline) if isinstance(self.to, Change) else self.to


@dataclass(frozen=True, slots=True)
class Total:
    """At most or at least N this cycle: judged by the count at the close. Exactly one of the two is set."""

    at_most: float | None = None
    at_least: float | None = None
    start: From | None = None

    @property
    def limit(self) -> float:
        """N itself."""
        return self.at_most if self.at_most is not None else self.at_least or 0.0


@dataclass(frozen=True, slots=True)
class Keep:
    """Stay under, above or between: judged by the share (percent) of measured slots in the band."""

    share: float
    at_most: float | None = None
    at_least: float | None = None

    def holds(self, value: float) -> bool:
        """Tell whether a reading lies in the band; its edges belong to it."""
        return within(value, self.at_most, self.at_least)


def within(value: float, at_most: float | None, at_least: float | None) -> bool:
    """Tell whether a value keeps its bounds; equality keeps them."""
    return (at_most is None or value <= at_most) and (at_least is None or value >= at_least)


@dataclass(frozen=True, slots=True)
class Slo:
    """So many percent of events are good: judged by the error budget of the cycle."""

    objective: float
    """Percent, above 0 and below 100."""


Shape = Reach | Total | Keep | Slo
