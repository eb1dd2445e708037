"""What a notifier believes to stand is found in one look, and forgotten with the notifier."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from collector.domain.alert import AlertKind, AlertState, Transition, quiet
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.speech import Told
from collector.ports.store import LetterState, Posting

HOUR = timedelta(hours=1)


@pytest.fixture
def say(at):
    def make(name):
        return Announcement(
            name,
            "drift",
            Family.VALUE,
            Severity.TICKET,
            Occasion.FIRST,
            "checkout/p95",
            "checkout",
            name,
            "s",
            at,
        )

    return make


@pytest.fixture
def lived(store, say, at):
    """Give `lived(subject, (state, told of), ...)`: an alert that went through this, and was told to `ops` as open."""

    def live(*lives, notifier="ops"):
        moves, told = [], []
        for subject, *steps in lives:
            alert, was = replace(quiet(AlertKind.DRIFT, subject), episode=1, since=at), AlertState.INACTIVE
            for number, (state, told_of) in enumerate(steps):
                name = f"evt_{subject}_{number}"
                alert = replace(alert, state=state, step=number, event=name if told_of else alert.event)
                moves.append(Transition(name, alert, was, at, said=say(name)))
                was = state
            told.append(Told(notifier, alert.fingerprint, 1, open=True, severity=Severity.TICKET, at=at))
        with store.write() as transaction:
            transaction.add_transitions(moves)
            transaction.put_told(told)

    return live


def words(store, notifier="ops"):
    with store.read() as transaction:
        return sorted(said.id for said in transaction.standing_words(notifier))


def test_the_words_of_what_stands_are_how_it_last_began_or_grew_worse(store, lived):
    firing, recovering = AlertState.FIRING, AlertState.RECOVERING
    lived(("began", (firing, True)), ("worse", (firing, True), (firing, True), (recovering, False)))
    lived(("unsaid", (AlertState.PENDING, False), (firing, True), (AlertState.RESOLVED, True)))
    lived(("another", (firing, True)), notifier="pager")
    assert words(store) == ["evt_began_0", "evt_unsaid_1", "evt_worse_1"]


def test_what_a_notifier_knows_to_be_over_does_not_stand(store, lived):
    lived(("one", (AlertState.FIRING, True)))
    with store.write() as transaction:
        transaction.put_told([replace(one, open=False) for one in transaction.told()])
    assert words(store) == []


def test_however_much_stands_it_is_one_question(store, lived):
    lived(*((f"kr{number}", (AlertState.FIRING, True)) for number in range(10_000)))
    asked = []
    with store.read() as transaction:
        event.listen(transaction._connection, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        found = transaction.standing_words("ops")
    assert (len(found), len(asked)) == (10_000, 1)


def test_a_notifier_that_is_not_kept_believes_nothing_and_its_waiting_letters_die(store, lived, say, at):
    lived(("one", (AlertState.FIRING, True)))
    lived(("two", (AlertState.FIRING, True)), notifier="pager")
    with store.write() as transaction:
        transaction.enqueue([Posting("ops", say("sent"))], at)
        sent = transaction.claim("ops", at, at + HOUR)
        transaction.settle(sent, LetterState.SENT, at, due=None, note="")
        transaction.enqueue([Posting("ops", say("leased"), "g"), Posting("pager", say("leased"), "g")], at)
        leased = transaction.claim("ops", at, at + HOUR)
        assert transaction.forget_notifiers(["pager"], at + HOUR, "no longer there") == 1
        assert not transaction.settle(leased, LetterState.SENT, at, due=None, note="")
        assert [one.notifier for one in transaction.told()] == ["pager"]
        assert transaction.outbox() == {
            "ops": {LetterState.SENT: 1, LetterState.DEAD: 1},
            "pager": {LetterState.DUE: 1},
        }
        [dead] = transaction.letters([LetterState.DEAD])
    assert (dead.note, dead.settled) == ("no longer there", at + HOUR)


def test_where_no_notifier_is_kept_none_believes_anything(store, lived, at):
    lived(("one", (AlertState.FIRING, True)))
    with store.write() as transaction:
        assert transaction.forget_notifiers([], at, "no longer there") == 0
        assert transaction.told() == []
