"""Letters: put in once, claimed by one, settled by the newest claim, in order within a fingerprint."""

from datetime import timedelta

import pytest

from collector.ports.store import LetterState

LEASE = timedelta(minutes=1)


@pytest.fixture
def post(store, at):
    """Put announcements in the outbox, for `ops` unless told otherwise."""

    def put(*announcements, notifier="ops", when=at):
        with store.write() as transaction:
            transaction.enqueue([(notifier, one) for one in announcements], when)

    return put


@pytest.fixture
def claim(store, at):
    def take(after=timedelta(0), notifier="ops", limit=10):
        with store.write() as transaction:
            return transaction.claim(notifier, at + after, at + after + LEASE, limit)

    return take


@pytest.fixture
def settle(store, at):
    def write_down(letter, state=LetterState.SENT, due=None, note=""):
        with store.write() as transaction:
            return transaction.settle(letter, state, at, due=due, note=note)

    return write_down


@pytest.fixture
def waits_until(store):
    def ask():
        with store.read() as transaction:
            return transaction.next_due("ops")

    return ask


def names(letters):
    return [letter.announcement.id for letter in letters]


def test_a_letter_comes_back_as_it_was_put_in(post, claim, announcement, at):
    post(announcement())
    [letter] = claim()
    assert letter.announcement == announcement()
    assert (letter.notifier, letter.epoch, letter.attempts, letter.enqueued) == ("ops", 1, 0, at)


def test_the_same_announcement_for_the_same_notifier_is_there_once(post, claim, announcement):
    post(announcement(), announcement(title="another title"))
    post(announcement(), notifier="pager")
    assert [letter.announcement.title for letter in claim()] == ["p95 drifts"]
    assert names(claim(notifier="pager")) == ["evt_1"]


def test_a_sent_letter_is_not_put_in_again(post, claim, settle, announcement):
    post(announcement())
    settle(claim()[0])
    post(announcement())
    assert claim() == []


def test_the_oldest_letters_are_taken_first(post, claim, announcement):
    post(*(announcement(name, fingerprint=name) for name in "dcba"))
    assert names(claim(limit=3)) == ["evt_d", "evt_c", "evt_b"]


def test_a_leased_letter_is_not_claimed_until_the_lease_runs_out(post, claim, announcement):
    post(announcement())
    [first] = claim()
    assert claim(LEASE / 2) == []
    [again] = claim(LEASE)
    assert (again.id, again.epoch, again.attempts) == (first.id, 2, 1)


def test_only_the_newest_claim_may_settle(post, claim, settle, store, announcement):
    post(announcement())
    [zombie] = claim()
    [alive] = claim(LEASE)
    assert not settle(zombie)
    with store.read() as transaction:
        assert transaction.outbox() == {"ops": {LetterState.DUE: 1}}
    assert settle(alive)


def test_a_settled_letter_is_not_settled_again(post, claim, settle, store, announcement):
    post(announcement())
    [letter] = claim()
    assert settle(letter)
    assert not settle(letter, LetterState.DEAD)
    with store.read() as transaction:
        assert transaction.outbox() == {"ops": {LetterState.SENT: 1}}


def test_a_letter_that_stays_due_is_tried_again_at_its_time(post, claim, settle, announcement, at):
    post(announcement())
    hour = timedelta(hours=1)
    assert settle(claim()[0], LetterState.DUE, due=at + hour, note="503")
    assert claim(hour / 2) == []
    assert names(claim(hour)) == ["evt_1"]


def test_a_letter_that_stays_due_needs_a_next_try(post, claim, settle, announcement):
    post(announcement())
    with pytest.raises(ValueError, match="next try"):
        settle(claim()[0], LetterState.DUE)


def test_a_waiting_letter_holds_back_only_its_own_fingerprint(post, claim, settle, announcement, at):
    post(announcement("1", "a"), announcement("2", "a"), announcement("3", "b"))
    first, other = claim()
    assert names([first, other]) == ["evt_1", "evt_3"]
    settle(other)
    settle(first, LetterState.DUE, due=at + timedelta(hours=1))
    assert claim() == []
    [first] = claim(timedelta(hours=1))
    settle(first)
    assert names(claim()) == ["evt_2"]


def test_a_dead_letter_holds_nothing_back(post, claim, settle, announcement):
    post(announcement("1", "a"), announcement("2", "a"))
    settle(claim()[0], LetterState.DEAD, note="410 Gone")
    assert names(claim()) == ["evt_2"]


def test_another_notifier_is_not_held_back(post, claim, announcement):
    post(announcement("1", "a"))
    post(announcement("1", "a"), announcement("2", "a"), notifier="pager")
    assert names(claim(notifier="pager")) == ["evt_1"]
    assert names(claim()) == ["evt_1"]


def test_letters_without_a_fingerprint_do_not_wait_for_each_other(post, claim, announcement):
    post(announcement("1", ""), announcement("2", ""))
    assert names(claim()) == ["evt_1", "evt_2"]


def test_letters_are_counted_by_notifier_and_state(post, claim, settle, store, announcement):
    post(*(announcement(name, fingerprint=name) for name in "abcd"))
    post(announcement(), notifier="pager")
    sent, dead, *_ = claim()
    settle(sent)
    settle(dead, LetterState.DEAD)
    with store.read() as transaction:
        assert transaction.outbox() == {
            "ops": {LetterState.SENT: 1, LetterState.DEAD: 1, LetterState.DUE: 2},
            "pager": {LetterState.DUE: 1},
        }


def test_the_next_letter_is_due_when_it_can_be_claimed(post, claim, settle, waits_until, announcement, at):
    assert waits_until() is None
    post(announcement("1", "a"), announcement("2", "a"))
    assert waits_until() == at
    [letter] = claim()
    assert waits_until() == at + LEASE  # the second one waits for the first
    settle(letter, LetterState.DUE, due=at + timedelta(hours=2))
    assert waits_until() == at + timedelta(hours=2)
    settle(claim(timedelta(hours=2))[0])
    assert waits_until() == at
    settle(claim()[0])
    assert waits_until() is None


def test_a_letter_that_cannot_be_read_is_dead_and_stops_nobody(post, claim, store, announcement):
    post(announcement("1", "a"), announcement("2", "b"))
    with store.write() as transaction:
        transaction._connection.exec_driver_sql("UPDATE outbox SET document = '{\"id\":' WHERE id = 1")
    assert names(claim()) == ["evt_2"]
    with store.read() as transaction:
        assert transaction.outbox() == {"ops": {LetterState.DEAD: 1, LetterState.DUE: 1}}
        note = transaction._connection.exec_driver_sql("SELECT note FROM outbox WHERE id = 1").scalar()
    assert note == "what was stored can no longer be read (JSONDecodeError), so it was not sent"
