"""An errand finds the books judged, alerts included; when it fails, nothing of it is kept and nothing remembered."""

from datetime import timedelta
from functools import partial

import pytest

from collector.domain.alert import AlertKind, AlertState
from collector.domain.moments import next_moment
from collector.domain.span import Span
from collector.services.ask import Found
from collector.services.beside_brief import speaks_of
from collector.services.tell_of_krd import jumped
from collector.services.tick import Errand
from collector.services.write_brief import send_brief

QUARTER_DAY = timedelta(hours=6)
TICK = timedelta(milliseconds=1)


def brief_errand(desk, at, fails=False):
    ((team, _),) = desk.okrs.calendars
    moment = next_moment(team, desk.okrs.calendars[team, "2026-Q4"], at)
    said = []

    def send(ledger, tx, routes, at):
        said.append(send_brief(ledger, tx, moment, routes, at))
        if fails:
            raise ZeroDivisionError
        return []

    return Errand(send, partial(speaks_of, moment)), said


@pytest.fixture
def drifting(desk, make):
    """A desk one close away from its alert: the last reading of the day is there, and the day has not ended."""
    often = Span(real=QUARTER_DAY)
    four_a_day = make.daily(every=often, window=often, answers_the_past=False)
    made = desk(make.key_result(four_a_day), at=make.midnight(9) + timedelta(hours=1))
    made.nothing_before()
    for day in range(10, 40):
        for part in (1, 2, 3):
            made.read(make.midnight(day - 1) + part * QUARTER_DAY, 990 - day % 2)
        if made.account().evaluation.drift.low == 2:
            break
        made.read(make.midnight(day), 990 - day % 2)
    slot = make.midnight(day)
    made.clock.set(slot - TICK)
    found = Found(made.due(slot), made.sample(slot, 990), made.clock.now())
    made.books.keep(made.clock.now(), found=[found], standings={})
    assert made.account().evaluation.drift.low == 2
    made.clock.set(slot + timedelta(minutes=1))
    return made


def alert(desk):
    return desk.books.ledger.alert(AlertKind.DRIFT, desk.account().key_result.key).state


def test_what_is_judged_for_the_brief_raises_its_alert_in_the_same_transaction(drifting):
    at = drifting.clock.now()
    errand, said = brief_errand(drifting, at)
    moved = drifting.books.keep(at, errand=errand, standings={})
    assert [one.alert.kind for one in moved] == [AlertKind.DRIFT]
    assert alert(drifting) is AlertState.FIRING
    assert "1 off track" in said[0].title


def test_a_brief_that_fails_leaves_store_and_memory_alike(drifting):
    at = drifting.clock.now()
    errand, _ = brief_errand(drifting, at, fails=True)
    with pytest.raises(ZeroDivisionError):
        drifting.books.keep(at, errand=errand, standings={})
    with drifting.store.read() as tx:
        (stored,) = tx.evaluations([1]).values()
        assert stored.drift.low == 2
        states = [item.transition.alert.state for item in tx.transitions(0, 10)]
    assert AlertState.FIRING not in states
    drifting.books.keep(at, standings={})
    assert alert(drifting) is AlertState.FIRING


def test_a_brief_is_put_into_the_outbox_once_a_sync(drifting):
    at = drifting.clock.now()
    for _ in range(2):
        errand, said = brief_errand(drifting, at)
        drifting.books.keep(at, errand=errand, standings={})
    assert said == [None]


def test_alerts_that_an_errand_moves_are_remembered(desk, make):
    made = desk(make.key_result())

    telling = jumped(timedelta(minutes=5))
    moved = made.books.keep(made.clock.now(), errand=Errand(telling), standings={})
    assert [one.alert.kind for one in moved] == [AlertKind.CLOCK_JUMP]
    assert made.books.ledger.alert(AlertKind.CLOCK_JUMP, "clock").state is AlertState.FIRING
