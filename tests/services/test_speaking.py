"""What moves is told to whom it concerns, in one row of letters an alert, whatever becomes of its key result meanwhile."""

from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, AlertState, Condition, Signal, quiet
from collector.domain.announcement import Severity
from collector.domain.lifecycle import step
from collector.domain.okr import Guardrail
from collector.domain.outage import SourceStanding
from collector.ports.catalogue import NotifierEntry
from collector.ports.notifier import NotifierOptions
from collector.services.record_by_hand import Entry, record_by_hand
from collector.store.unit_of_work import SqlTransaction

OPS = {"ops": NotifierEntry("ops", "made", NotifierOptions())}
DOWN = SourceStanding(failures=3, down=True)
SIX_HOURS = timedelta(hours=6)


def fire(books, kind, subject):
    """Have an alert fire of which nobody was told yet."""
    with books.store.write() as tx:
        change = step(
            quiet(kind, subject), Signal(Condition.FIRING, severity=Severity.TICKET), books.clock.now()
        )
        tx.add_transitions([change.transition])


def test_the_letters_of_an_alert_are_one_row_though_its_key_result_is_gone(desk, make, rows):
    made = desk(make.key_result(), make.key_result(name="two"))
    made.books.routes = OPS
    made.read(make.midnight(30), 51_000)
    fire(made, AlertKind.DRIFT, "2026-Q4:shop/one")
    made.books.ledger.forget()
    made.books.keep(made.clock.now(), standings={})

    made.okrs = make.promised(make.key_result(name="two"))
    made.books = type(made.books)(made.store, type(made.books.ledger)(made.okrs), OPS)
    made.books.enrol(made.clock.now(), {})

    letters = rows('SELECT "group", count(*) FROM outbox WHERE event NOT LIKE \'%brief%\' GROUP BY "group"')
    assert letters == [("drift:shop", 2)]


def test_what_a_person_enters_says_nothing_of_what_is_open_elsewhere(desk, make, rows):
    by_hand = make.key_result(make.by_hand(), name="nps")
    made = desk(by_hand, make.key_result())
    fire(made, AlertKind.STALE, "2026-Q4:shop/one")
    fire(made, AlertKind.SOURCE_DOWN, "house")

    as_of = make.cycle.starts.date() + timedelta(days=35)
    record_by_hand(made.beside, made.okrs, OPS, by_hand, Entry(27.0, as_of, "li", "n=412"), made.clock.now())

    assert rows("SELECT event FROM outbox") == []
    made.books.routes = OPS
    made.books.keep(made.clock.now(), standings={"house": DOWN})
    assert len(rows("SELECT event FROM outbox")) == 1, "the source speaks for what is behind it"


@pytest.fixture
def guarded(desk, make):
    """A key result with two guardrails, one read each six hours and one a day."""
    often = make.replace(make.day, days=0, real=SIX_HOURS)
    bindings = [make.daily(every=often, window=often, answers_the_past=False), make.daily()]
    guardrails = tuple(
        Guardrail(name, name, binding, 5, None)
        for name, binding in zip(("quick", "slow"), bindings, strict=True)
    )
    roles = {f"guardrail:{one.id}": one.id for one in guardrails}
    made = desk(make.key_result(guardrails=guardrails, fingerprints=roles), at=make.midnight(29))
    made.nothing_before()
    made.read(make.midnight(29), 500)
    made.state = lambda: made.books.ledger.alert(AlertKind.GUARDRAIL, "2026-Q4:shop/one").state
    return made


def test_a_guardrail_is_broken_once_its_own_second_reading_says_so(guarded, make):
    guarded.read(make.midnight(30), 9, role="guardrail:slow")
    for part in range(1, 5):
        guarded.read(make.midnight(30) + part * SIX_HOURS, 1, role="guardrail:quick")
        assert guarded.state() is AlertState.PENDING, "readings of another guardrail do not count"
    guarded.read(make.midnight(31), 9, role="guardrail:slow")

    assert guarded.state() is AlertState.FIRING


def test_what_stands_as_it_stood_is_not_written_again(desk, make, monkeypatch):
    made, written = desk(make.key_result()), []
    made.books.keep(made.clock.now(), standings={"house": DOWN})
    monkeypatch.setattr(SqlTransaction, "put_alerts", lambda _, alerts: written.append(alerts))
    for _ in range(3):
        made.clock.advance(timedelta(seconds=1))
        made.books.keep(made.clock.now(), standings={"house": DOWN})

    assert made.books.ledger.alert(AlertKind.SOURCE_DOWN, "house").state is AlertState.FIRING
    assert written == []
