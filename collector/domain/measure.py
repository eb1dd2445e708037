"""How a key result is read: which source, which question, when, and what an answer may look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from collector.domain.cadence import Cadence, Every
from collector.domain.cycle import Cycle
from collector.domain.span import ZERO, Span


class OnEmpty(StrEnum):
    """What an answer with nothing in it means."""

    GAP = "gap"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class WholeCycle:
    """A window that begins with the cycle: `window: cycle`."""


Window = Span | WholeCycle


@dataclass(frozen=True, slots=True)
class Query:
    """One question, one number."""

    text: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two questions at the same instant; the reading is their quotient, times 100 exactly when the unit is `%`."""

    numerator: str
    denominator: str


Form = Query | Ratio


@dataclass(frozen=True, slots=True)
class Binding:
    """A measure as it is asked of its source."""

    source: str
    form: Form
    every: Every
    window: Window
    unit: str = ""
    pick: Mapping[str, str] = field(default_factory=dict)
    matures: Span = ZERO
    settle: Span = ZERO
    lag: Span = ZERO
    plausible: tuple[float, float] | None = None
    on_empty: OnEmpty = OnEmpty.GAP
    allow_partial: bool = False
    answers_the_past: bool = False
    """Whether every text of it is asked *at* a time, so that a missed slot can be read later."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The question or questions, in the order of their parts: a value, or numerator and denominator."""
        match self.form:
            case Query(text=text):
                return (text,)
            case Ratio(numerator=numerator, denominator=denominator):
                return (numerator, denominator)

    def cadence(self, cycle: Cycle) -> Cadence:
        """Give its slots in `cycle`."""
        return Cadence(self.every, cycle)

    def until(self, cycle: Cycle, as_of: datetime) -> datetime:
        """Give the end of the window of the slot `as_of`: a cohort counts once it has had its time to mature."""
        return cycle.back(as_of, self.matures)

    def since(self, cycle: Cycle, as_of: datetime) -> datetime:
        """Give the start of the window of the slot `as_of`."""
        until = self.until(cycle, as_of)
        return cycle.starts if isinstance(self.window, WholeCycle) else cycle.back(until, self.window)

    def value(self, parts: tuple[float, ...]) -> tuple[float, float | None, float | None] | None:
        """Make value, numerator and denominator of the parts read; nothing when the quotient does not exist.

        `numerator`/`denominator`, and nothing else, is multiplied by 100 exactly when the unit is `%` (DESIGN §4).
        """
        if isinstance(self.form, Query):
            return parts[0], None, None
        num, den = parts
        return None if den == 0 else (self.quotient(num, den), num, den)

    def quotient(self, num: float, den: float) -> float:
        """Divide, in percent when the unit says so."""
        return num / den * (100.0 if self.unit == "%" else 1.0)
