"""Tells whether a reading can be what it says, so that a broken query does not pass for a broken promise.

A reading is implausible outside what its author calls `plausible`; or when, against the last one used, it jumps by a
factor that units and mistakes make (100, 1000, 60, 1024, or their inverse), changes its sign, or falls to zero, and lies
outside everything seen so far. Two further readings that agree confirm it: then it is the world that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from collector.domain.measure import Binding, ByHand, Events

FACTORS = (100.0, 1000.0, 60.0, 1024.0)
"""What a wrong unit multiplies by: percent and share, kilo, minutes and seconds, kibi."""
TOLERANCE = 0.10
"""How far from such a factor a jump may be and still be taken for it."""
LEAST_JUMP = min(FACTORS) * (1 - TOLERANCE)
"""What changes by less is none of them, as nearly all that is read."""
AGREEING = 2.0
"""Readings of one row are within this factor of each other."""
FURTHER = 2
"""So many held readings, together with the one at hand, confirm each other."""


class Oddity(StrEnum):
    """In which way a reading is implausible."""

    BELOW = "below"
    ABOVE = "above"
    JUMP = "jump"
    SIGN = "sign"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Known:
    """What a reading is held against."""

    bounds: tuple[float, float] | None
    """`plausible`, edges included."""
    last: float | None
    """The last used value before it."""
    seen: Callable[[], tuple[float, float] | None]
    """The lowest and highest value of all days known; asked for only when a reading is suspect."""
    row: Callable[[], Sequence[tuple[datetime, float]]] = tuple
    """The readings held since the last used one, ascending; asked for as rarely."""


@dataclass(frozen=True, slots=True)
class Used:
    """Nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """It is stored, and not used until it is confirmed or a person decides."""

    why: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """It agrees with the ones held before it, at these slots: all of them are used."""

    slots: tuple[datetime, ...]


Judgement = Used | HeldBack | Confirmed
USED = Used()


def doubted(binding: Binding) -> bool:
    """Tell whether readings of a series are judged at all: events are counts that may do anything, and a person has
    looked at what was entered by hand.
    """
    return not isinstance(binding.form, Events | ByHand)


def judge(value: float, known: Known) -> Judgement:
    """Judge a reading on what is known before it."""
    odd = oddity(value, known)
    if odd is None:
        return USED
    slots = _agreeing(value, odd, known)
    if len(slots) >= FURTHER:
        return Confirmed(slots)
    return HeldBack(_why(odd, value, known))


def oddity(value: float, known: Known) -> Oddity | None:
    """Tell in which way a reading is implausible, if it is."""
    if known.bounds is not None and not known.bounds[0] <= value <= known.bounds[1]:
        return Oddity.BELOW if value < known.bounds[0] else Oddity.ABOVE
    if known.last is None or known.last == 0:
        return None
    odd = _against(value, known.last)
    if odd is None:
        return None
    seen = known.seen()
    inside = seen is not None and seen[0] <= value <= seen[1]
    return None if inside else odd


def _against(value: float, last: float) -> Oddity | None:
    if value == 0:
        return Oddity.ZERO
    ratio = value / last
    if ratio < 0:
        return Oddity.SIGN
    factor = max(ratio, 1 / ratio) if ratio else 0.0
    if factor >= LEAST_JUMP and any(abs(factor / known - 1) <= TOLERANCE for known in FACTORS):
        return Oddity.JUMP
    return None


def _agreeing(value: float, odd: Oddity, known: Known) -> tuple[datetime, ...]:
    """Give the slots of the readings held right before this one, back to the first that does not agree."""
    slots: list[datetime] = []
    for slot, held in reversed(known.row()):
        if not _near(held, value) or oddity(held, known) is not odd:
            break
        slots.append(slot)
    return tuple(reversed(slots))


def _near(one: float, other: float) -> bool:
    if one == 0 or other == 0:
        return one == other
    return 1 / AGREEING <= one / other <= AGREEING


def _why(odd: Oddity, value: float, known: Known) -> str:
    match odd:
        case Oddity.BELOW | Oddity.ABOVE:
            low, high = known.bounds or (value, value)
            return f"{value:g} is outside of plausible: [{low:g}, {high:g}]"
        case Oddity.JUMP:
            last = known.last or value
            times = f"{value / last:,.0f} times" if abs(value) > abs(last) else f"1/{last / value:,.0f} of"
            return f"{value:g} is {times} the reading before it ({last:g}); did a unit change?"
        case Oddity.SIGN:
            return f"{value:g} has another sign than the reading before it ({known.last:g})"
        case Oddity.ZERO:
            return f"0 comes suddenly after {known.last:g}; was something empty?"
        case _:
            assert_never(odd)
