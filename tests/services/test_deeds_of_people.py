"""What people change by hand is judged, told, and noted in one transaction; asking the past again harms nothing."""

from dataclasses import replace

import pytest

from collector.domain.alert import AlertKind, AlertState
from collector.domain.shape import Measured, Reach, Total
from collector.domain.span import Span
from collector.services.backfill import Backfill, Wish, stretch_of
from collector.services.ledger import Ledger
from collector.services.rebaseline import By, freeze_baseline, rebaseline

BREACH = (AlertKind.BREACH, "2026-Q4:shop/one")
DRIFT = (AlertKind.DRIFT, "2026-Q4:shop/one")


def stored_alert(desk, kind, subject):
    with desk.store.read() as tx:
        found = {(one.kind, one.subject): one for one in tx.alerts().values()}
    return found[kind, subject].state if (kind, subject) in found else AlertState.INACTIVE


@pytest.fixture
def counted(desk, make):
    """Give a desk with a total of at most 3 that missed days 30 to 33, its source, and `fill(restate)`."""
    key_result = make.key_result(make.daily(), shape=Total(at_most=3))
    made = desk(key_result, at=make.midnight(34))
    made.nothing_before()
    source = make.source({make.midnight(day): 4 for day in range(30, 34)})

    def fill(restate=False, after=None):
        ledger = Ledger(made.okrs)
        with made.beside.read() as tx:
            ledger.load(tx)
        wish = Wish(after or make.midnight(29), make.midnight(33), restate, "li")
        work = Backfill(made.beside, ledger, {}, wish, made.clock)
        return work.run(source.open, made.account().series)

    return made, source, fill


def test_filling_the_past_raises_the_alerts_that_follow(counted):
    made, _, fill = counted
    assert stored_alert(made, *BREACH) is AlertState.INACTIVE
    assert fill().filled == 4
    assert stored_alert(made, *BREACH) is AlertState.FIRING
    assert [deed.action for deed in made.deeds()] == ["backfill"]


def test_a_connector_that_raises_ends_a_backfill_in_good_order(counted, monkeypatch):
    made, source, fill = counted

    def broken(*_):
        raise RuntimeError("a mistake of its own")

    monkeypatch.setattr(source, "fetch_range", broken)
    done = fill()
    assert (done.filled, made.values()) == (0, {})
    assert done.failure is not None


def test_a_backfill_believes_a_sudden_zero_when_it_is_wished_twice(counted, make):
    made, source, fill = counted
    fill()
    source.known[make.midnight(31)] = 0
    first = fill(restate=True)
    assert (len(first.restated), first.implausible, first.same) == (0, 1, 3)
    assert made.values()[31] == (4, "used")
    second = fill(restate=True)
    assert (len(second.restated), second.implausible, second.same) == (1, 0, 3)
    assert made.values()[31] == (0, "used")


def test_a_backfill_reads_as_far_back_as_the_baseline_looks(desk, make):
    shape = Reach(Measured(Span(days=56)), 100)
    made = desk(make.key_result(shape=shape))
    stretch = stretch_of(made.account(), Wish(None, None, False, "li"), made.clock.now())
    assert stretch.since == make.cycle.back(make.cycle.starts, Span(days=56))


@pytest.fixture
def measured(desk, make):
    """Give a desk that measured 300 before the cycle, is stands still at it, and reached 100 long ago if it began at 50."""
    made = desk(make.key_result(shape=Reach(Measured(Span(days=7)), 100)), at=make.midnight(0))
    made.heal({make.midnight(day): 300 for day in range(-8, 0)})
    account = made.account()
    wrong = replace(account.baseline, value=50.0, provisional=False)
    with made.beside.write() as tx:
        tx.put_baselines([(account.enrolment.key_result, wrong)], made.clock.now())
    for day in range(40):
        made.read(make.midnight(day), 300)
    return made


def test_a_baseline_that_a_person_takes_again_is_judged_by_and_told(measured):
    made = measured
    assert stored_alert(made, *DRIFT) is AlertState.INACTIVE
    (key_result,) = made.okrs.key_results.values()
    by = By("li", "it was wrong", made.clock.now())
    done = rebaseline(made.beside, made.okrs, {}, key_result, by)
    assert (done.was.value, done.now.value) == (50, 300)
    assert stored_alert(made, *DRIFT) is AlertState.FIRING
    assert [(deed.action, deed.detail["how"]) for deed in made.deeds()] == [("baseline", "again")]


def test_a_baseline_that_is_frozen_is_noted(desk, make):
    made = desk(make.key_result(shape=Reach(Measured(Span(days=7)), 100)), at=make.midnight(0))
    made.heal({make.midnight(day): 300 for day in range(-8, 0)})
    account = made.account()
    by = By("li", "", made.clock.now())
    (key_result,) = made.okrs.key_results.values()
    with made.beside.write() as tx:
        (known,) = tx.baselines([account.enrolment.key_result]).values()
        tx.put_baselines([(account.enrolment.key_result, replace(known, provisional=True))], by.at)
    done = freeze_baseline(made.beside, made.okrs, {}, key_result, by)
    assert (done.was.provisional, done.now.provisional) == (True, False)
    assert [deed.detail["how"] for deed in made.deeds()] == ["freeze"]
