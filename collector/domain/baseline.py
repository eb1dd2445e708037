"""Where a key result began, and how we know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Any

from collector.domain.days import Day
from collector.domain.shape import From, LastCycle, Measured, Shape, Typed


class BaselineKind(StrEnum):
    """Whose word it is."""

    TYPED = "typed"
    MEASURED = "measured"
    FIRST_READING = "first_reading"
    LAST_CYCLE = "last_cycle"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A starting value with its evidence."""

    kind: BaselineKind
    value: float
    spread: float | None = None
    """Median absolute deviation of the day values it was taken from, scaled by 1.4826 to a standard deviation."""
    provisional: bool = False
    """Late data may still move it; frozen once `settle + matures` has passed (DESIGN §5)."""
    at: datetime | None = None
    """From when its pace counts: the cycle's start, or the time of the first reading."""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            "kind": self.kind.value,
            "value": self.value,
            "spread": self.spread,
            "provisional": self.provisional,
            "at": self.at.isoformat() if self.at else None,
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Baseline:
        """Make it from what `document` gave."""
        at = document["at"]
        return cls(
            kind=BaselineKind(document["kind"]),
            value=document["value"],
            spread=document["spread"],
            provisional=document["provisional"],
            at=datetime.fromisoformat(at) if at else None,
            evidence=document["evidence"],
        )


@dataclass(frozen=True, slots=True)
class FirstReading:
    """The first good reading of a series."""

    value: float
    at: datetime


def word_of(shape: Shape) -> Baseline | None:
    """Give the baseline that a promise tells by itself: its author's word."""
    start = getattr(shape, "start", None)
    return Baseline(BaselineKind.TYPED, start.value) if isinstance(start, Typed) else None


def take_baseline(
    start: From, days: Sequence[Day], first: FirstReading | None, *, past_known: bool, settled: bool
) -> Baseline | None:
    """Decide the baseline from the closed days before the cycle (ascending), or say that it is not known yet.

    A number is the author's word. `measured` is the median of the days before the start with its spread. A source that
    gave nothing about the past gives its first reading instead, marked, and the pace starts at its own time (DESIGN
    §5). What the last cycle closed with is not among the days. `past_known` says that the past has been asked for; before that, nothing is decided. `settled` says that late
    data no longer comes.
    """
    match start:
        case Typed(value=value):
            return Baseline(BaselineKind.TYPED, value)
        case Measured(over=over):
            width = max(over.days, 1)
        case LastCycle():
            return None
    past = [day for day in days if -width <= day.day < 0 and day.value is not None]
    if past and past_known:
        return _measured(past, provisional=not settled)
    if past_known and first is not None:
        evidence = {"first_reading": first.value, "at": first.at.isoformat()}
        return Baseline(BaselineKind.FIRST_READING, first.value, at=first.at, evidence=evidence)
    return None


def _measured(past: Sequence[Day], *, provisional: bool) -> Baseline:
    values = [day.value for day in past if day.value is not None]
    centre = median(values)
    spread = 1.4826 * median(abs(value - centre) for value in values)
    evidence = {"days": {str(day.day): day.value for day in past}, "readings": sum(day.n for day in past)}
    return Baseline(BaselineKind.MEASURED, centre, spread=spread, provisional=provisional, evidence=evidence)
