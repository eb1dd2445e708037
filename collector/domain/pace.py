"""How a promise says that its way is to be gone: evenly, late, through points, or on working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Linear:
    """The same share of the way every day."""


@dataclass(frozen=True, slots=True)
class Late:
    """Nothing is expected before `until`, then the way is linear."""

    until: date


@dataclass(frozen=True, slots=True)
class Points:
    """Through given (date, value) points, each to be met by the end of its day, and linear between them."""

    points: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The same share of the way every working day."""


Pace = Linear | Late | Points | WorkingDays


def linear(elapsed: float, days: float) -> float:
    """Give the expected share of the way (0-1) after `elapsed` of `days` days (DESIGN §5: e(t))."""
    return min(max(elapsed / days, 0.0), 1.0)
