"""How much of what is allowed is used: the budget of an slo, a keep or an at-most total, and how fast it burns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast the budget burns in a pair of windows; 1 uses it up exactly at the close."""

    long: timedelta
    """Length of the long window, real time."""
    short: timedelta
    """Length of the short one, which tells whether it still goes on."""
    rate: float | None
    """Of the long window; nothing when it holds no reading."""
    short_rate: float | None
    threshold: float
    """The rate past which the pair speaks: its share of the budget in its long window, scaled to the cycle."""

    @property
    def over(self) -> bool | None:
        """Whether both windows burn faster than the threshold; nothing while one of them is unmeasured."""
        if self.rate is None or self.short_rate is None:
            return None
        return self.rate > self.threshold and self.short_rate > self.threshold

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document; lengths are seconds."""
        return {
            "long": self.long.total_seconds(),
            "short": self.short.total_seconds(),
            "rate": self.rate,
            "short_rate": self.short_rate,
            "threshold": self.threshold,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Burn:
        """Make it from what `document` gave."""
        return cls(
            **{
                **document,
                "long": timedelta(seconds=document["long"]),
                "short": timedelta(seconds=document["short"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget in its own unit: events of an slo, slots of a keep, counts of a total."""

    used: float
    allowed: float
    exhausts: str | None = None
    """Name of the day on which it is used up at the rate of the days the level is taken over; nothing when it lasts."""
    lost: bool = False
    """Whether nothing that may still come can bring it back: more is used than the whole cycle allows."""
    burns: tuple[Burn, ...] = ()
    """Fast and slow pairs of windows, the fastest first; empty where slots are not counted."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            "used": self.used,
            "allowed": self.allowed,
            "exhausts": self.exhausts,
            "lost": self.lost,
            "burns": [burn.document() for burn in self.burns],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Budget:
        """Make it from what `document` gave."""
        return cls(**{**document, "burns": tuple(map(Burn.from_document, document["burns"]))})


def allowed_of(objective: float, whole: float) -> float:
    """Give what an objective (percent) allows of a whole: (1 - objective/100) x whole. It is computed exactly and rounded
    once, so that 10 bad ones of 20,000 keep 99.95 %.
    """
    return float((1 - Fraction(str(objective)) / 100) * Fraction(whole))


def rate_of(points: Sequence[tuple[int, float]], width: int) -> float:
    """Give what is used a day over the last `width` days, from (day, used up to its close) points, ascending."""
    last, used = points[-1]
    then, before = next(((day, value) for day, value in reversed(points) if day <= last - width), points[0])
    return (used - before) / (last - then) if last > then else 0.0


def exhausted_on(left: float, rate: float, closed: int, days: int) -> int | None:
    """Give the index of the day by whose end what is `left` is used up at `rate` a day, counted from the first day that
    is not closed; nothing when it lasts until the close of day `days`, or is used up already.
    """
    if left <= 0 or rate <= 0 or left >= rate * (days - closed):
        return None
    return closed + math.ceil(left / rate) - 1
