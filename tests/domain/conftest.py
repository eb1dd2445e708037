"""Small factories for everything the domain judges, and a series that is read and judged as time goes on."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.cadence import Cadence, Months
from collector.domain.calendar import BriefBefore, Calendar, CountedSync
from collector.domain.cycle import CalendarDays, Cycle, ShortDays
from collector.domain.days import Day, close_day
from collector.domain.evaluation import Evaluation
from collector.domain.forecasting.outlook import Form, Outlook, Scale
from collector.domain.health import Health, Pulse
from collector.domain.judgement import Guard, History, Slot, closed_days, evaluate, patience_of
from collector.domain.measure import Binding, ByHand, Events, Query, Ratio, WholeCycle
from collector.domain.okr import Guardrail, KeyResult
from collector.domain.sample import GapReason, Sample
from collector.domain.shape import Commitment, Keep, Reach, Slo, Total, Typed
from collector.domain.span import Span, parse_span
from collector.domain.status import Status

BERLIN = ZoneInfo("Europe/Berlin")
LAB_START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def cycle(first: date = date(2026, 10, 1), days: int = 92, zone: ZoneInfo | str = BERLIN) -> Cycle:
    """The quarter 2026-Q4 in Berlin, if nothing else is said."""
    return Cycle("2026-Q4", CalendarDays(ZoneInfo(str(zone)), first), days)


def short(days: int = 100, length: timedelta = timedelta(seconds=6), starts: datetime = LAB_START) -> Cycle:
    """A cycle of short days."""
    return Cycle("lab", ShortDays(starts, length), days)


def calendar(within: Cycle, every: int = 7, ahead: int = 1) -> Calendar:
    """A sync every so many days of the cycle, and a brief so many days before it."""
    return Calendar(within, CountedSync(Span(days=every)), BriefBefore(Span(days=ahead)))


def binding(**changes) -> Binding:
    """Read once an hour, and able to answer the past."""
    facts = {
        "source": "prod",
        "form": Query("p95"),
        "every": Span(real=timedelta(hours=1)),
        "window": Span(real=timedelta(hours=1)),
        "unit": "ms",
        "answers_the_past": True,
    }
    return Binding(**{**facts, **changes})


def ratio(unit: str = "%", **changes) -> Binding:
    return binding(form=Ratio("good", "all"), unit=unit, **changes)


def reach(start: float = 900.0, to: float = 450.0) -> Reach:
    return Reach(Typed(start), to)


def key_result(**changes) -> KeyResult:
    """Cut p95 latency from 900 to 450 ms in the quarter, aspirational, if nothing else is said."""
    within = changes.pop("cycle", None) or cycle()
    facts = {
        "address": "checkout/p95",
        "title": "Cut p95 latency",
        "objective": "checkout/fast",
        "team": "checkout",
        "owner": "li",
        "commitment": Commitment.ASPIRATIONAL,
        "cycle": within,
        "calendar": calendar(within),
        "shape": reach(),
        "binding": binding(),
        "unit": "ms",
    }
    return KeyResult(**{**facts, **changes})


def total(**changes) -> KeyResult:
    """A count of the cycle, read once a day, at most 3 if nothing else is said."""
    shape = changes.pop("shape", None) or Total(at_most=3)
    facts = {"shape": shape, "binding": binding(every=Span(days=1), window=WholeCycle(), unit="")}
    return key_result(**{**facts, **changes})


def keep(share: float = 90.0, at_most: float = 200.0, **changes) -> KeyResult:
    """Stay under 200 ms in 90 % of the slots of the quarter, read four times a day, if nothing else is said."""
    six = Span(real=timedelta(hours=6))
    facts = {"shape": Keep(share, at_most=at_most), "binding": binding(every=six, window=six)}
    return key_result(**{**facts, **changes})


def slo(objective: float = 99.0, **changes) -> KeyResult:
    """So many percent of the events of the quarter are good, counted once a day, if nothing else is said."""
    counted = binding(every=Span(days=1), window=Span(days=1), form=Events("bad", "all", bad=True), unit="")
    return key_result(**{"shape": Slo(objective), "binding": counted, "unit": "", **changes})


def by_hand(**changes) -> KeyResult:
    """A value that a person enters once a month."""
    hand = binding(
        source="", form=ByHand("sam"), every=Months(), window=Span(days=1), unit="", answers_the_past=False
    )
    return key_result(**{"shape": reach(20.0, 35.0), "binding": hand, "unit": "", **changes})


def guardrail(name: str = "refunds", at_most: float | None = 2.0, at_least: float | None = None) -> Guardrail:
    """Refunds stay at or under 2, read once an hour."""
    return Guardrail(name, f"{name} stay low", binding(), at_most, at_least)


def guard(value: float | None, as_of: datetime, name: str = "refunds") -> Guard:
    """What its series says."""
    read = as_of if value is not None else None
    return Guard(f"guardrail:{name}", Pulse(as_of, read, read, None), value)


def day(number: int, value: float | None, **changes) -> Day:
    last = value if value is not None else 0.0
    facts = {
        "day": number,
        "n": 24,
        "value": value,
        "low": last,
        "high": last,
        "last": last,
        "last_slot": LAB_START + timedelta(days=number),
    }
    return Day(**{**facts, **changes})


def days(values, first: int = 0) -> list[Day]:
    """One day a value; nothing where the value is nothing."""
    return [day(first + n, value) for n, value in enumerate(values) if value is not None]


def sample(slot: datetime, value: float, **changes) -> Sample:
    return Sample(slot=slot, value=value, as_of=slot, recorded_at=slot, **changes)


def outlook(values, **changes) -> Outlook:
    """A reach from 100 to 40 in 100 days, seen after these values, one a day."""
    facts = {
        "form": Form.LEVEL,
        "values": np.array([np.nan if value is None else float(value) for value in values]),
        "first": 0,
        "today": len(values),
        "length": 100,
        "window": 7,
        "baseline": 100.0,
        "target": 40.0,
        "rising": False,
        "scale": Scale.PLAIN,
        "aspirational": True,
    }
    return Outlook(**{**facts, **changes})


def evaluation(**changes) -> Evaluation:
    facts = {"at": LAB_START, "status": Status.ON_TRACK, "health": Health.FRESH, "as_of": LAB_START}
    return Evaluation(**{**facts, **changes})


def baseline(value: float, **changes) -> Baseline:
    return Baseline(BaselineKind.TYPED, value, **changes)


def pace(promise, *, share=1.0, noise=0.01, seed=3):
    """Readings on `share` of the linear way, with noise."""
    draw = random.Random(seed)
    cycle, shape = promise.cycle, promise.shape
    way = shape.to - shape.start.value

    def value_at(slot):
        gone = max((slot - cycle.starts) / (cycle.ends - cycle.starts), 0.0)
        return (shape.start.value + way * share * gone) * (1 + draw.gauss(0, noise))

    return value_at


class Series:
    """One key result that is read and judged as time goes on, the way the daemon does it, without a store."""

    def __init__(self, promise: KeyResult, start: Baseline | None = None) -> None:
        self.promise = promise
        self.binding = promise.binding
        self.cadence = Cadence(self.binding.every, promise.cycle)
        if start is None and isinstance(promise.shape, Reach) and isinstance(promise.shape.start, Typed):
            start = baseline(promise.shape.start.value)
        self.baseline = start
        self.samples: dict[datetime, Sample] = {}
        self.covered: datetime | None = None
        self.pending: datetime | None = None
        self.failing: GapReason | None = None
        self.attempted: datetime | None = None
        self.previous: Evaluation | None = None

    def read(self, slot: datetime, value: float, **changes) -> None:
        self.samples[slot] = sample(slot, value, **changes)
        self.covered, self.failing, self.attempted = max(slot, self.covered or slot), None, slot

    def miss(self, slot: datetime, reason: GapReason = GapReason.TRANSIENT) -> None:
        """The slot stays empty; it is to be healed where that can be."""
        self.covered, self.failing, self.attempted = max(slot, self.covered or slot), reason, slot
        if reason.healable and self.binding.answers_the_past:
            before = slot - timedelta(microseconds=1)
            self.pending = min(self.pending or before, before)

    def heal(self, values: dict[datetime, float]) -> None:
        """All that was missed is found."""
        self.samples |= {slot: sample(slot, value) for slot, value in values.items()}
        self.pending = None

    def history(self, at: datetime, **changes) -> History:
        newest = max(self.samples, default=None)
        facts = {
            "days": [],
            "baseline": self.baseline,
            "pulse": Pulse(self.attempted, newest, newest, self.failing),
            "current": self.samples[newest].value if newest else None,
            "covered": self.covered,
            "pending": self.pending,
            "first_slot": min(self.samples, default=None),
            "previous": self.previous,
            "settled": self.cadence.latest(self.promise.cycle.back(at, self.binding.settle)),
            "recent": self._recent(at),
        }
        history = History(**facts)
        patience = patience_of(self.promise, self.binding, at)
        closed = closed_days(self.promise, self.binding, history, at, patience)
        return replace(history, **{"days": self._days(closed), **changes})

    def _days(self, closed: int) -> list[Day]:
        gathered: dict[int, list[Sample]] = {}
        for slot, one in self.samples.items():
            number = self.promise.cycle.day_of_until(self.binding.until(self.promise.cycle, slot))
            gathered.setdefault(number, []).append(one)
        band = self.promise.shape if isinstance(self.promise.shape, Keep) else None
        made = [close_day(self.binding, number, gathered[number], band) for number in sorted(gathered)]
        return [one if one.day < closed else replace(one, value=None) for one in made if one]

    def _recent(self, at: datetime) -> list[Slot]:
        shape = self.promise.shape
        if not isinstance(shape, Keep | Slo):
            return []
        kept = (self.samples[slot] for slot in sorted(self.samples) if slot > at - timedelta(days=3))
        if isinstance(shape, Keep):
            return [Slot(one.slot, 0.0 if shape.holds(one.value) else 1.0, 1.0) for one in kept]
        return [Slot(one.slot, one.den - one.num, one.den) for one in kept]

    def count(self, slot: datetime, bad: float, total: float) -> None:
        """Read so many bad ones of so many events."""
        value, num, den = self.binding.value((bad, total))
        self.read(slot, value, num=num, den=den)

    def judge(self, at: datetime, **changes) -> Evaluation:
        self.previous = evaluate(self.promise, self.history(at, **changes), at)
        return self.previous

    def follow(self, value_at, after: datetime, until: datetime) -> list[Evaluation]:
        """Read every slot after `after` up to `until`, judging after each; where `value_at` gives nothing is a gap."""
        seen = []
        for slot in self.cadence.slots(after, until):
            value = value_at(slot)
            if value is None:
                self.miss(slot)
            else:
                self.read(slot, value)
            seen.append(self.judge(slot + timedelta(milliseconds=500)))
        return seen


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Give the factories by name."""
    return SimpleNamespace(
        cycle=cycle,
        lab=short,
        lab_start=LAB_START,
        berlin=BERLIN,
        calendar=calendar,
        binding=binding,
        ratio=ratio,
        reach=reach,
        key_result=key_result,
        total=total,
        keep=keep,
        slo=slo,
        by_hand=by_hand,
        guardrail=guardrail,
        guard=guard,
        day=day,
        days=days,
        sample=sample,
        outlook=outlook,
        evaluation=evaluation,
        baseline=baseline,
        series=Series,
        pace=pace,
        hour=time,
    )


@pytest.fixture
def quarter():
    """A quarter of Berlin, read once a day."""
    return key_result(binding=binding(every=parse_span("1d"), window=parse_span("1d")))


@pytest.fixture
def lab():
    """A hundred days of 6 s, read every 2 s, from 120 to 60 ms."""
    every = parse_span("2s")
    return key_result(cycle=short(), shape=reach(120.0, 60.0), binding=binding(every=every, window=every))


@pytest.fixture
def quick(lab):
    """The same, read every second: stale long before a day is over."""
    return replace(lab, binding=replace(lab.binding, every=parse_span("1s"), window=parse_span("1s")))
