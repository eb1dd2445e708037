"""What comes late is looked after at a price of what was touched, not of all that there is."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from collector.clock import SetClock
from collector.daemon import late_rows
from collector.daemon.late_rows import LateRows
from collector.daemon.watch import Watch
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.measure import Binding, Query
from collector.domain.okr import KeyResult
from collector.domain.sample import GapReason
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.span import Span
from collector.ports.store import Current, Enrolment
from collector.services.account import Account

CYCLE = Cycle("2026-Q4", CalendarDays(ZoneInfo("Europe/Berlin"), date(2026, 10, 1)), 92)
CALENDAR = Calendar(CYCLE, WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15)))
DAY = Span(days=1)
AT = datetime(2026, 11, 11, 12, tzinfo=UTC)


def account(series, **facts):
    past = facts.pop("answers_the_past", True)
    binding = Binding(
        source="house", form=Query("SELECT 1"), every=DAY, window=DAY, answers_the_past=past, settle=DAY
    )
    key_result = KeyResult(
        address=f"shop/kr{series}", title="One", objective="shop/o", team="shop", owner="li", document="{}",
        commitment=Commitment.COMMITTED, cycle=CYCLE, calendar=CALENDAR, shape=Reach(Typed(1000), 100), binding=binding,
    )  # fmt: skip
    known = {"covered": AT - timedelta(hours=13), "settled": AT - timedelta(days=3), **facts}
    return Account(key_result, binding, Enrolment(series, series, 1), Current(series, **known), [])


class AtOnce:
    """A pool that only counts what it is given."""

    def __init__(self):
        self.passes = []

    def submit(self, source, act, *arguments):
        self.passes.append([stretch.account.series for stretch in arguments[-1]])
        flight = threading.Event()
        flight.done = lambda: True
        return flight


@pytest.fixture
def late():
    pool = AtOnce()
    rounds = SimpleNamespace(reread=None)
    made = LateRows(pool, rounds, Watch(["house"]), SetClock(AT), None, threading.Event())
    made.passes = pool.passes
    return made


def test_a_series_is_due_until_it_was_asked_and_again_on_the_next_day(late):
    one = account(1)
    accounts = {1: one}
    late.look([one], accounts, AT)
    late.run_due(AT, None)
    one.current = account(1, restated=AT).current
    late.look([one], accounts, AT)
    late.run_due(AT, None)
    tomorrow = CYCLE.grid.starts(CYCLE.day_of(AT) + 1)
    for at in (tomorrow - timedelta(seconds=1), tomorrow):
        late.look([], accounts, at)
        late.run_due(at, None)
    assert late.passes == [[1], [1]]


def test_only_what_was_touched_is_looked_at_again(late, monkeypatch):
    accounts = {number: account(number, restated=AT) for number in range(1, 200)}
    late.look(accounts.values(), accounts, AT)
    looked, next_reread = [], late_rows.next_reread

    def count(one):
        looked.append(one.series)
        return next_reread(one)

    monkeypatch.setattr(late_rows, "next_reread", count)
    late.look([accounts[7]], accounts, AT)
    assert looked == [7]


def test_what_waits_until_it_is_loaded_is_read_again_until_it_was(late):
    waiting = account(1, failing=GapReason.WAITING.value, answers_the_past=False)
    accounts, read = {1: waiting}, []

    def read_again(source, series, at):
        read.append((source, set(series)))
        return True

    late.look([waiting], accounts, AT)
    for minutes in (0, 2):
        late.run_due(AT + timedelta(minutes=minutes), read_again)
    waiting.current = account(1).current
    late.look([waiting], accounts, AT)
    late.run_due(AT + timedelta(minutes=9), read_again)
    assert read == [("house", {1})]
