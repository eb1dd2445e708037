"""Thousands of weeks with random downtimes: each sync has one brief, an hour ahead of it or more (A6); or none, and is marked."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from collector.daemon.briefing import Briefing
from collector.daemon.loop import FIRST_HEALING, FIRST_ROUNDS
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.moments import MomentKind
from collector.domain.okr import Okrs, Team
from collector.domain.policy import AlertPolicy
from collector.domain.quiet import Quiet
from collector.notifiers.console import ConsoleOptions
from collector.ports.catalogue import NotifierEntry
from collector.ports.kept import LetterState
from collector.services.ledger import Ledger
from collector.services.miss_moments import note_missed
from collector.store import engine

SEED = random.SystemRandom().randrange(1_000_000)
QUARTERS = 4
RUNS = 40
"""Runs of a year each, so more than two thousand weeks."""
WEEK = timedelta(weeks=1)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo")
"""Clocks that change on a Sunday, or never: between a working day and the next one none does."""


def quarters(first, count):
    """Give the first days of so many quarters and the one after them."""
    begins = [date(first + n // 4, 3 * (n % 4) + 1, 1) for n in range(count + 1)]
    return [(begin, (end - begin).days) for begin, end in pairwise(begins)]


@dataclass
class World:
    """A team that meets on Mondays at ten, and a krd that is away at times."""

    store: object
    name: str
    draw: random.Random
    zone: ZoneInfo = field(init=False)

    def __post_init__(self):
        self.zone = ZoneInfo(self.draw.choice(ZONES))
        year = self.draw.randrange(2024, 2034)
        first = date(year, 1, 1)
        self.holidays = frozenset(first + timedelta(days=self.draw.randrange(380)) for _ in range(12))
        cycles = [
            Cycle(f"q{n}", CalendarDays(self.zone, begin), days)
            for n, (begin, days) in enumerate(quarters(year, QUARTERS))
        ]
        self.begins, self.ends = cycles[0].starts, cycles[-1].ends
        self.over = self.ends + 2 * WEEK
        meeting = WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15)), self.holidays
        calendars = {(self.name, one.id): Calendar(one, *meeting) for one in cycles}
        team = Team(self.name, self.zone, notify=(self.name,), alerts=AlertPolicy(quiet=Quiet(self.zone)))
        self.okrs = Okrs({}, {}, {self.name: team}, {}, calendars, {})

    def working(self, day, hour):
        while day.weekday() > 4 or day in self.holidays:
            day -= timedelta(days=1)
        return datetime.combine(day, time(hour), tzinfo=self.zone).astimezone(UTC)

    def meetings(self):
        """Give (brief, sync) of every week as a person with a calendar on the wall would."""
        first = self.begins.astimezone(self.zone).date()
        monday = first - timedelta(days=first.weekday())
        found = {}
        while (sync := self.working(monday, 10)) < self.ends + WEEK:
            day = sync.astimezone(self.zone).date() - timedelta(days=1)
            found[sync] = self.working(day, 15)
            monday += WEEK
        return [(brief, sync) for sync, brief in found.items() if self.begins <= brief < self.ends]

    def away(self, longest):
        """Give when krd is away: up to `longest` between one sync and the next, often just over the brief."""
        found, last = [], self.begins
        for brief, sync in self.meetings():
            away = self.draw.uniform(0, 1) * longest
            if self.draw.random() < 0.5:
                away, begin = longest, brief - timedelta(seconds=1)
            else:
                begin = last + self.draw.uniform(0, 1) * max(sync - last - away, timedelta(0))
            begin = max(begin, last)
            found.append((begin, begin + away))
            last = max(sync, begin + away)
        return found

    def live(self, longest):
        """Run krd whenever it is not away, all in one transaction: what is kept between two runs is in the store."""
        with self.store.write() as tx:
            up = self.begins
            for down, back in [*self.away(longest), (self.over, self.over)]:
                self._run(tx, up, down)
                up = back
            note_missed(tx, self.okrs, self.over)

    def _run(self, tx, at, down):
        ledger, started = Ledger(self.okrs), at
        routes = {self.name: NotifierEntry(self.name, "console", ConsoleOptions())}
        patience = self.draw.choice([FIRST_ROUNDS, FIRST_HEALING])
        note_missed(tx, self.okrs, at)

        class Writer:
            def offer(self, work):
                work.errand.act(ledger, tx, routes, at)
                work.kept()
                work.done.set()
                return True

        briefing = Briefing(self.okrs, Writer(), lambda: None)
        while at < down:
            briefing.run_due(at, started, patience)
            wake_ups = [briefing.next_due(at), started + patience if at < started + patience else None]
            at = min((one for one in wake_ups if one is not None), default=down)

    def said(self):
        """Give when what was said, by kind and sync."""
        found = {}
        with self.store.read() as tx:
            for letter in tx.letters([LetterState.DUE], self.name, 1_000):
                said = letter.announcement
                found.setdefault((said.kind, said.facts["sync"]), []).append(said.at)
        return found

    def marked(self, kind, sync):
        with self.store.read() as tx:
            cycles = [cycle for _, cycle in self.okrs.calendars]
            return sum(tx.moment_marked(self.name, cycle, kind, sync) for cycle in cycles)


@pytest.fixture
def worlds(tmp_path):
    """Give `open_(seed)`: a world with a team of its own in the store of all."""
    store = engine.open(f"sqlite:///{tmp_path}/krd.db")
    yield lambda seed: World(store, f"team-{seed}", random.Random(seed))
    store.close()


def test_each_week_with_up_to_18_hours_away_has_one_brief_an_hour_ahead_or_more(worlds):
    print(f"seed {SEED}")
    weeks, nearest = 0, WEEK
    for run in range(RUNS):
        world = worlds(SEED + run)
        world.live(timedelta(hours=18))
        said = world.said()
        for brief, sync in world.meetings():
            [at] = said.pop(("brief", sync.isoformat()))
            assert brief <= at, (SEED + run, sync)
            nearest, weeks = min(nearest, sync - at), weeks + 1
        assert said == {}
    print(f"{weeks} weeks, the latest brief {nearest} before its sync")
    assert nearest >= timedelta(minutes=60)
    assert weeks > 2_000


def test_however_long_krd_is_away_a_brief_is_never_late_nor_doubled_nor_forgotten(worlds):
    print(f"seed {SEED}")
    missed = 0
    for run in range(8):
        world = worlds(SEED + run)
        world.live(timedelta(days=6))
        said = world.said()
        for brief, sync in world.meetings():
            times = said.get(("brief", sync.isoformat()), [])
            assert len(times) <= 1, (SEED + run, sync)
            assert all(brief <= at < sync for at in times), (SEED + run, sync)
            assert [world.marked(kind.value, sync) for kind in MomentKind] == [1, 1, 1], (SEED + run, sync)
            missed += not times
    assert missed > 0
