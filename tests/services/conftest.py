"""Books over a real store, with sources and time given by the test."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.clock import SetClock
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.measure import Binding, ByHand, HandValue, Query
from collector.domain.okr import KeyResult, Okrs, Person, Team
from collector.domain.sample import Gap, GapReason, Sample
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.span import Span
from collector.ports.sources import OpenSource
from collector.services.ask import Due, Found, Healed
from collector.services.ledger import Ledger
from collector.services.tick import Books
from collector.store import engine
from connectors.api import Capabilities, Failure, NoData, Reading

ZONE = ZoneInfo("Europe/Berlin")
CYCLE = Cycle("2026-Q4", CalendarDays(ZONE, date(2026, 10, 1)), 92)
CALENDAR = Calendar(CYCLE, WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15)))
DAY = Span(days=1)
NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)


def key_result(binding=None, name="one", **more):
    facts = {
        "address": f"shop/{name}", "title": "One", "objective": "shop/o", "team": "shop", "owner": "li",
        "commitment": Commitment.COMMITTED, "cycle": CYCLE, "calendar": CALENDAR,
        "shape": Reach(Typed(1000), 100), "binding": binding or daily(), "document": "{}",
    }  # fmt: skip
    return KeyResult(**{**facts, **more})


def daily(**more):
    return Binding(**{"source": "house", "form": Query("SELECT 1 WHERE :until"), "every": DAY, "window": DAY,
                         "answers_the_past": True, **more})  # fmt: skip


def promised(*key_results):
    team = Team("shop", ZONE, "li", ("ops",))
    people = {"li": Person("li", "Li"), "sam": Person("sam", "Sam")}
    return Okrs(
        {one.key: one for one in key_results}, {}, {"shop": team}, people, {("shop", CYCLE.id): CALENDAR}, {}
    )


def midnight(day):
    """Give the slot at which a day of the cycle ends."""
    return CYCLE.grid.starts(day + 1)


@dataclass
class Source:
    """A connector that answers by slot, out of a mapping that the test changes."""

    known: dict = field(default_factory=dict)
    loaded: object = None
    """What `loaded_until` says; a callable is called."""
    loads: bool = False
    asked: list = field(default_factory=list)
    asked_loaded: int = 0

    @property
    def capabilities(self):
        return Capabilities(loads=self.loads)

    def fetch(self, questions, deadline):
        for question in questions:
            yield question.key, self._outcome(question.moment.as_of)

    def fetch_range(self, question, moments, deadline):
        for moment in moments:
            yield moment.as_of, self._outcome(moment.as_of)

    def loaded_until(self, deadline):
        self.asked_loaded += 1
        return self.loaded() if callable(self.loaded) else self.loaded

    def _outcome(self, slot):
        self.asked.append(slot)
        value = self.known.get(slot)
        if isinstance(value, Failure):
            return value
        return NoData("no row") if value is None else Reading(float(value), slot)

    @property
    def open(self):
        return OpenSource("house", self, timedelta(seconds=2))


@dataclass
class Desk:
    """The books of some key results, and short ways to fill and read them."""

    store: object
    beside: object
    """The same store, as another process has it."""
    okrs: Okrs
    clock: SetClock = field(default_factory=lambda: SetClock(NOON))

    def __post_init__(self):
        self.open()

    def open(self, okrs=None):
        """Start anew, as after a restart, with the same or with other files."""
        self.okrs = okrs or self.okrs
        self.books = Books(self.store, Ledger(self.okrs), {})
        return self.books.enrol(self.clock.now(), {})

    def account(self, name="one", role="main"):
        accounts = self.books.ledger.accounts.values()
        return next(a for a in accounts if a.key_result.address == f"shop/{name}" and a.role == role)

    def sample(self, slot, value, **more):
        return Sample(slot, float(value), slot, self.clock.now(), **more)

    def due(self, slot, name="one", role="main"):
        account = self.account(name, role)
        return Due(account.key_result, account.binding, account.series, slot)

    def read(self, slot, value, name="one", role="main"):
        """Record one live reading, or a gap for None."""
        left = Gap(slot, GapReason.NO_DATA) if value is None else self.sample(slot, value)
        at = max(self.clock.now(), slot)
        self.clock.set(at)
        return self.books.keep(at, found=[Found(self.due(slot, name, role), left, at)], standings={})

    def heal(self, values, name="one"):
        """Record readings of the past by slot."""
        at = self.clock.now()
        found = [Found(self.due(slot, name), self.sample(slot, value), at) for slot, value in values.items()]
        healed = Healed(self.account(name).series, found, max(values))
        return self.books.keep(at, healed=[healed], standings={})

    def nothing_before(self):
        """Have the past been asked for, in vain."""
        at = self.clock.now()
        for series in list(self.books.ledger.accounts):
            self.books.keep(at, healed=[Healed(series, [], at)], standings={})

    def stored(self, name="one", role="main"):
        """Give the samples of a series by slot, as they are stored."""
        series = self.account(name, role).series
        with self.store.read() as tx:
            found = tx.samples([series], CYCLE.starts - timedelta(days=60), CYCLE.ends + timedelta(days=60))
        return {sample.slot: sample for sample in found[series]}

    def values(self, name="one", role="main"):
        """Give (value, state) by day of the cycle."""
        stored = self.stored(name, role).values()
        return {CYCLE.day_of_until(one.slot): (one.value, one.state.value) for one in stored}

    def current(self, name="one", role="main"):
        series = self.account(name, role).series
        with self.store.read() as tx:
            return tx.currents([series])[series]

    def day(self, number, name="one", role="main"):
        series = self.account(name, role).series
        with self.store.read() as tx:
            return next((day.value for day in tx.days([series])[series] if day.day == number), None)

    def replaced(self, name="one", role="main"):
        series = self.account(name, role).series
        with self.store.read() as tx:
            return tx.restatements([series], CYCLE.starts - timedelta(days=60), CYCLE.ends)[series]

    def deeds(self):
        with self.store.read() as tx:
            return tx.deeds()


@pytest.fixture
def desk(tmp_path, put_store):
    """Give `open_(*key_results, at=NOON)`: a desk over the store of the test, which begins as new."""
    stores = []
    put_store(tmp_path)

    def open_(*key_results, at=NOON):
        stores.extend(engine.open(f"sqlite:///{tmp_path}/krd.db") for _ in range(2))
        return Desk(*stores[-2:], promised(*key_results), SetClock(at))

    yield open_
    for store in stores:
        store.close()


@pytest.fixture
def make():
    """Give the makers of key results and bindings."""

    class Make:
        pass

    made = Make()
    made.key_result, made.daily, made.promised, made.midnight = key_result, daily, promised, midnight
    made.by_hand = lambda *values, person="sam", every=None, **more: daily(
        source="",
        form=ByHand(person, tuple(HandValue(*value) for value in values)),
        answers_the_past=False,
        every=every or Span(days=7),
        **more,
    )
    made.source, made.cycle, made.noon, made.calendar, made.day = Source, CYCLE, NOON, CALENDAR, DAY
    made.replace = replace
    return made


@pytest.fixture
def rows(tmp_path):
    """Give `ask(statement)`: what the file of the desk's store itself answers."""

    def ask(statement):
        with closing(sqlite3.connect(f"file:{tmp_path}/krd.db?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()

    return ask
