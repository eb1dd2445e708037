"""A person decides on what is held: it counts from now on, or never."""

import pytest

from collector.domain.alert import AlertKind, AlertState
from collector.errors import UsageError
from collector.services.release import Decision, decide, held_of


@pytest.fixture
def held(desk, make):
    """Give a desk whose day 32 is held, and `decide(use, *slots)`."""
    made = desk(make.key_result(), at=make.midnight(29))
    made.nothing_before()
    for day, value in enumerate((500, 510, 51_000, 505), start=30):
        made.read(make.midnight(day), value)
    (key_result,) = made.okrs.key_results.values()

    def decide_(use, *slots):
        decision = Decision(use, "li", "the peak was real", made.clock.now())
        return decide(made.beside, made.okrs, {}, key_result, slots, decision)

    return made, decide_


def test_what_is_held_can_be_looked_at(held, make):
    made, _ = held
    (key_result,) = made.okrs.key_results.values()
    (found,) = held_of(made.store, made.okrs, key_result)
    assert (found.role, [one.value for one in found.samples]) == ("main", [51_000])


def test_a_released_reading_counts_for_its_day(held, make):
    made, decide_ = held
    before = made.account().evaluation.level
    (done,) = decide_(True)
    assert [one.slot for one in done.samples] == [make.midnight(32)]
    assert made.day(32) == 51_000
    made.books.keep(made.clock.now(), standings={})
    assert made.account().evaluation.held is None
    assert made.account().evaluation.level != before
    assert made.current().value == 505


def test_a_discarded_reading_is_kept_and_never_counts(held, make):
    made, decide_ = held
    decide_(False, make.midnight(32))
    assert made.values()[32] == (51_000, "discarded")
    assert made.day(32) is None
    made.books.keep(made.clock.now(), standings={})
    assert made.account().evaluation.held is None


@pytest.mark.parametrize(("use", "action"), [(True, "release"), (False, "discard")])
def test_a_decision_stands_in_the_audit_log(held, make, use, action):
    made, decide_ = held
    decide_(use)
    (deed,) = made.deeds()
    assert (deed.actor, deed.action, deed.subject) == ("li", action, "2026-Q4:shop/one")
    assert deed.detail["why"] == "the peak was real"
    assert deed.detail["values"] == [51_000]


def test_a_decision_about_nothing_is_refused_and_changes_nothing(held, make):
    made, decide_ = held
    with pytest.raises(UsageError, match="no reading is held at"):
        decide_(True, make.midnight(32), make.midnight(33))
    assert made.values()[32] == (51_000, "held")
    decide_(True)
    with pytest.raises(UsageError, match="no reading is held"):
        decide_(True)


def test_a_decision_ends_the_alert(held, make):
    made, decide_ = held
    made.read(make.midnight(34), 50_500)
    subject = (AlertKind.IMPLAUSIBLE, "2026-Q4:shop/one")
    assert made.books.ledger.alert(*subject).state is AlertState.FIRING
    decide_(False)
    made.books.keep(made.clock.now(), standings={})
    assert made.books.ledger.alert(*subject).state is AlertState.RESOLVED


def test_what_is_held_right_after_one_was_discarded_fires_again(desk, make):
    made = desk(make.key_result(), at=make.midnight(29))
    made.nothing_before()
    (key_result,) = made.okrs.key_results.values()

    def alert():
        return made.books.ledger.alert(AlertKind.IMPLAUSIBLE, key_result.key)

    for day, value in enumerate((500, 510, 51_000), start=30):
        made.read(make.midnight(day), value)
    assert (alert().state, alert().episode) == (AlertState.FIRING, 1)
    decide(made.beside, made.okrs, {}, key_result, [], Decision(False, "li", "a typo", made.clock.now()))
    made.books.keep(made.clock.now(), standings={})
    assert (alert().state, alert().episode) == (AlertState.RESOLVED, 1)

    made.read(make.midnight(33), 51_000)

    assert (alert().state, alert().episode) == (AlertState.FIRING, 2)
