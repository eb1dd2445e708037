"""How a key result is read: which source, which question, when, and what an answer may look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from collector.domain.cadence import Cadence, Every
from collector.domain.cycle import Cycle
from collector.domain.expression import Formula
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


@dataclass(frozen=True, slots=True)
class Events:
    """Two questions at the same instant: all events of the window, and how many of them were good, or bad."""

    counted: str
    total: str
    bad: bool
    """Whether `counted` asks for the bad ones."""


@dataclass(frozen=True, slots=True)
class Computed:
    """Arithmetic over other measures, each read at the same slots."""

    formula: Formula
    operands: Mapping[str, Binding]
    """By the name in the formula, in its order. Each has a series of its own."""


@dataclass(frozen=True, slots=True)
class HandValue:
    """A value that stands in the file."""

    as_of: date
    """The day it stands for."""
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class ByHand:
    """A person enters it: no source is asked."""

    person: str
    """Who is asked for it: a name from `people`."""
    values: tuple[HandValue, ...] = ()


Form = Query | Ratio | Events | Computed | ByHand


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
            case Events(counted=counted, total=total):
                return (counted, total)
            case Computed() | ByHand():
                return ()

    @property
    def asked(self) -> bool:
        """Whether a source is asked for it: it is neither computed of others nor entered by hand."""
        return not isinstance(self.form, Computed | ByHand)

    @property
    def by_hand(self) -> bool:
        """Whether a person enters it."""
        return isinstance(self.form, ByHand)

    @property
    def operands(self) -> Mapping[str, Binding]:
        """What it is computed of; empty when it is not computed."""
        return self.form.operands if isinstance(self.form, Computed) else {}

    def cadence(self, cycle: Cycle) -> Cadence:
        """Give its slots in `cycle`."""
        return Cadence(self.every, cycle)

    def until(self, cycle: Cycle, as_of: datetime) -> datetime:
        """Give the end of the window of the slot `as_of`: a cohort counts once it has had its time to mature."""
        return cycle.back(as_of, self.matures)

    def matured(self, cycle: Cycle, until: datetime) -> datetime:
        """Give the slot whose window ends at `until`: when what happened until then has had its time to mature."""
        return cycle.ahead(until, self.matures)

    def since(self, cycle: Cycle, as_of: datetime) -> datetime:
        """Give the start of the window of the slot `as_of`."""
        until = self.until(cycle, as_of)
        return cycle.starts if isinstance(self.window, WholeCycle) else cycle.back(until, self.window)

    def value(self, parts: tuple[float, ...]) -> tuple[float, float | None, float | None] | None:
        """Make value, numerator and denominator of the parts read; nothing when the quotient does not exist.

        `numerator`/`denominator`, and nothing else, is multiplied by 100 exactly when the unit is `%` (DESIGN §4). Of
        events, the numerator is the good ones, and the value their share in percent; of none, none were bad: 100.
        """
        match self.form:
            case Ratio():
                num, den = parts
                return None if den == 0 else (self.quotient(num, den), num, den)
            case Events(bad=bad):
                counted, total = parts
                good = min(max(total - counted if bad else counted, 0.0), total)
                return self.quotient(good, total), good, total
            case Query() | Computed() | ByHand():
                return parts[0], None, None

    def quotient(self, num: float, den: float) -> float:
        """Divide: in percent when the unit says so, and always for events, of which none are all good."""
        if isinstance(self.form, Events):
            return num / den * 100.0 if den else 100.0
        return num / den * (100.0 if self.unit == "%" else 1.0)
