"""Bundles: what waits in a group is claimed by one, sent as one message, and settled by the newest claim."""

from datetime import timedelta

import pytest

from collector.domain.announcement import Severity
from collector.ports.store import Early, LetterState
from collector.store import bundles

LEASE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
GROUP = "drift:checkout"


@pytest.fixture
def split(store, at):
    def halve(bundle, when=at, note="413"):
        with store.write() as transaction:
            return transaction.split(bundle, when, note=note)

    return halve


@pytest.fixture
def counts(store):
    def ask(notifier="ops"):
        with store.read() as transaction:
            return transaction.outbox().get(notifier, {})

    return ask


def names(bundle):
    return [letter.announcement.id for letter in bundle.letters] if bundle else []


# -- what travels together


def test_a_letter_alone_is_a_message_of_its_own_id(post, claim, posting, at):
    post(posting(), posting("2"))
    bundle = claim()
    assert (bundle.id, bundle.notifier, bundle.epoch) == ("evt_1", "ops", 1)
    assert (bundle.attempts, bundle.enqueued) == (1, at)
    assert [letter.bundle for letter in bundle.letters] == ["evt_1"]
    assert names(claim()) == ["evt_2"]


def test_a_group_travels_together_in_its_order(post, claim, posting):
    post(posting("b", GROUP), posting("x", "stale:checkout"), posting("a", GROUP), posting("c", GROUP))
    bundle = claim()
    assert names(bundle) == ["evt_b", "evt_a", "evt_c"]
    assert bundle.id.startswith("evt_")
    assert len(bundle.id) == len("evt_") + 32
    assert names(claim()) == ["evt_x"]


def test_the_same_letters_are_the_same_message_in_any_store(post, claim, posting):
    post(posting("1", GROUP), posting("2", GROUP))
    assert claim().id == "evt_1b8cdabc105049021ea7cf202422f45e"


def test_letters_without_a_group_travel_alone(post, claim, posting):
    post(*(posting(name, changes={"fingerprint": "same"}) for name in "ab"))
    assert [names(claim()), names(claim())] == [["evt_a"], ["evt_b"]]


def test_the_group_that_is_due_first_is_taken_first(post, claim, posting, at):
    post(posting("1", "a", wait=HOUR), posting("2", "b"))
    assert [names(claim(HOUR)), names(claim(HOUR))] == [["evt_2"], ["evt_1"]]


def test_groups_due_at_the_same_time_are_taken_in_their_order(post, claim, posting):
    post(*(posting(name, name) for name in "dcba"))
    assert [names(claim()) for _ in "dcba"] == [["evt_d"], ["evt_c"], ["evt_b"], ["evt_a"]]


def test_what_is_not_due_is_taken_early_when_asked_for(post, claim, posting):
    post(posting("1", "a", wait=HOUR * 2), posting("2", "b", wait=HOUR))
    assert claim() is None
    assert names(claim(early=Early.ANYTHING)) == ["evt_2"]
    assert names(claim(early=Early.ANYTHING)) == ["evt_1"]
    assert claim(early=Early.ANYTHING) is None


def test_what_failed_is_not_taken_early_for_want_of_company(post, claim, settle, posting, at):
    post(posting("1", "a"), posting("2", "b", wait=HOUR * 2))
    settle(claim(), LetterState.DUE, due=at + HOUR)
    assert names(claim(early=Early.UNTRIED)) == ["evt_2"]
    assert claim(early=Early.UNTRIED) is None
    assert names(claim(early=Early.ANYTHING)) == ["evt_1"]


@pytest.mark.parametrize("early", [Early.UNTRIED, Early.ANYTHING])
def test_nothing_is_taken_before_the_interval_of_its_group_is_over(post, claim, settle, posting, early):
    post(posting("1", GROUP))
    settle(claim())
    post(posting("2", GROUP, wait=HOUR * 2, interval=HOUR))
    assert claim(HOUR / 2, early=early) is None
    assert names(claim(HOUR, early=early)) == ["evt_2"]


def test_what_pages_is_taken_before_what_was_due_earlier(post, claim, posting, at):
    post(posting("1"), posting("2"))
    post(posting("3", changes={"severity": Severity.PAGE}), when=at + HOUR)
    assert [names(claim(HOUR)) for _ in range(3)] == [["evt_3"], ["evt_1"], ["evt_2"]]


def test_a_page_that_failed_is_not_the_only_one_that_is_tried(post, claim, settle, posting, at):
    post(posting("1", changes={"severity": Severity.PAGE}))
    settle(claim(), LetterState.DUE, due=at + HOUR)
    post(posting("2", wait=HOUR / 2))
    assert names(claim(early=Early.ANYTHING)) == ["evt_2"]


def test_what_expired_is_dead_and_what_expires_later_is_taken(post, claim, store, posting, at):
    post(posting("1", GROUP, expires=at + HOUR), posting("2", GROUP, expires=at + 2 * HOUR))
    assert names(claim(HOUR)) == ["evt_2"]
    with store.read() as transaction:
        [dead] = transaction.letters([LetterState.DEAD])
    assert (dead.announcement.id, dead.note, dead.settled) == ("evt_1", "the sync is over", at + HOUR)


def test_what_expires_is_a_message_of_its_own_in_the_order_of_its_group(post, claim, settle, posting, at):
    post(*(posting(name, GROUP, expires=at + HOUR) for name in "ab"))
    first = claim()
    assert (names(first), claim()) == (["evt_a"], None)
    settle(first)
    assert names(claim()) == ["evt_b"]


def test_a_bundle_knows_when_it_was_first_tried_and_how_often_the_notifier_broke(
    post, claim, store, posting, at
):
    post(posting())
    first = claim(HOUR)
    assert (first.first_tried, first.broke) == (at + HOUR, 0)
    with store.write() as transaction:
        transaction.settle(first, LetterState.DUE, at + HOUR, due=at + 2 * HOUR, note="", broke=True)
    again = claim(2 * HOUR)
    assert (again.first_tried, again.broke) == (at + HOUR, 1)
    with store.write() as transaction:
        transaction.settle(again, LetterState.DEAD, at + 2 * HOUR, due=None, note="", broke=True)
        transaction.revive(at + 3 * HOUR, notifier="ops")
    new = claim(3 * HOUR)
    assert (new.first_tried, new.broke) == (at + 3 * HOUR, 0)


def test_another_notifier_is_not_held_back(post, claim, posting):
    post(posting("1", GROUP), posting("1", GROUP, "pager"), posting("2", GROUP, "pager"))
    assert names(claim(notifier="pager")) == ["evt_1", "evt_2"]
    assert names(claim()) == ["evt_1"]
    assert claim(notifier="nobody") is None


def test_what_is_too_much_for_one_bundle_travels_in_the_next(post, claim, settle, posting, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_LETTERS", 3)
    post(*(posting(name, GROUP) for name in "abcde"))
    first = claim()
    assert names(first) == ["evt_a", "evt_b", "evt_c"]
    assert claim() is None
    settle(first)
    assert names(claim()) == ["evt_d", "evt_e"]


def test_ten_thousand_letters_travel_as_one_message(post, claim, settle, counts, posting):
    post(*(posting(f"{number}", GROUP) for number in range(bundles.MOST_LETTERS)))
    assert settle(claim())
    assert counts() == {LetterState.SENT: 10_000}


# -- leases and epochs


def test_a_leased_bundle_is_not_claimed_until_the_lease_runs_out(post, claim, posting):
    post(posting("1", GROUP), posting("2", GROUP))
    first = claim()
    assert claim(LEASE / 2) is None
    assert claim(LEASE / 2, early=Early.ANYTHING) is None
    again = claim(LEASE)
    assert (again.id, names(again)) == (first.id, names(first))
    assert (again.epoch, again.attempts) == (2, 2)


def test_only_the_newest_claim_may_settle(post, claim, settle, counts, posting):
    post(posting("1", GROUP), posting("2", GROUP))
    zombie, alive = claim(), claim(LEASE)
    assert not settle(zombie)
    assert counts() == {LetterState.DUE: 2}
    assert settle(alive)
    assert counts() == {LetterState.SENT: 2}


def test_a_settled_bundle_is_not_settled_again(post, claim, settle, counts, posting):
    post(posting())
    bundle = claim()
    assert settle(bundle)
    assert not settle(bundle, LetterState.DEAD)
    assert counts() == {LetterState.SENT: 1}


def test_a_bundle_that_stays_due_needs_a_next_try(post, claim, settle, posting):
    post(posting())
    with pytest.raises(ValueError, match="next try"):
        settle(claim(), LetterState.DUE)


def test_what_is_written_down_is_kept_with_each_letter(post, claim, settle, store, posting, at):
    post(posting("1", GROUP), posting("2", GROUP))
    settle(claim(), LetterState.DUE, due=at + HOUR, note="503 half \ud83d a pair \0")
    with store.read() as transaction:
        letters = transaction.letters([LetterState.DUE])
    assert {(one.note, one.due, one.settled, one.attempts) for one in letters} == {
        ("503 half ? a pair ?", at + HOUR, at, 1)
    }


# -- a bundle that failed


def test_a_bundle_that_failed_is_tried_again_as_it_is(post, claim, settle, posting, at):
    post(posting("1", GROUP), posting("2", GROUP))
    first = claim()
    assert settle(first, LetterState.DUE, due=at + HOUR, note="503")
    post(posting("3", GROUP))
    assert claim(HOUR / 2) is None
    again = claim(HOUR)
    assert (again.id, names(again), again.attempts) == (first.id, ["evt_1", "evt_2"], 2)


def test_what_comes_later_waits_behind_it_and_then_travels_together(post, claim, settle, posting, at):
    post(posting("1", GROUP))
    first = claim()
    post(posting("2", GROUP), when=at + HOUR / 4)
    settle(first, LetterState.DUE, due=at + HOUR)
    post(posting("3", GROUP), when=at + HOUR / 2)
    settle(claim(HOUR))
    assert names(claim(HOUR)) == ["evt_2", "evt_3"]


def test_a_waiting_bundle_holds_back_only_its_own_group(post, claim, settle, posting, at):
    post(posting("1", GROUP))
    settle(claim(), LetterState.DUE, due=at + HOUR)
    post(posting("2", GROUP), posting("3", "stale:checkout"))
    assert names(claim()) == ["evt_3"]
    assert claim() is None


def test_a_dead_bundle_holds_nothing_back(post, claim, settle, posting):
    post(posting("1", GROUP))
    bundle = claim()
    post(posting("2", GROUP))
    settle(bundle, LetterState.DEAD, note="400")
    assert names(claim()) == ["evt_2"]


# -- halves


def test_a_bundle_is_split_into_its_older_and_its_newer_half(post, claim, split, settle, posting, at):
    post(*(posting(name, GROUP) for name in "abcde"))
    whole = claim()
    assert split(whole, at + HOUR)
    post(posting("f", GROUP))
    assert claim() is None
    older = claim(HOUR)
    assert names(older) == ["evt_a", "evt_b"]
    assert claim(HOUR) is None  # the newer half waits for it
    settle(older)
    newer = claim(HOUR)
    assert names(newer) == ["evt_c", "evt_d", "evt_e"]
    assert len({whole.id, older.id, newer.id}) == 3
    settle(newer)
    assert names(claim(HOUR)) == ["evt_f"]


def test_a_half_of_one_letter_has_the_letters_own_id(post, claim, split, posting):
    post(posting("1", GROUP), posting("2", GROUP))
    split(claim())
    assert claim().id == "evt_1"


def test_a_bundle_claimed_again_since_is_not_split(post, claim, split, settle, posting):
    post(posting("1", GROUP), posting("2", GROUP))
    zombie, alive = claim(), claim(LEASE)
    assert not split(zombie)
    assert settle(alive)
    assert not split(alive)


def test_who_claimed_the_whole_settles_no_half(post, claim, split, settle, posting):
    post(posting("1", GROUP), posting("2", GROUP))
    whole = claim()
    split(whole)
    assert not settle(whole)


def test_a_letter_alone_cannot_be_split(post, claim, split, posting):
    post(posting())
    with pytest.raises(ValueError, match="cannot be split"):
        split(claim())


# -- letters that a person made alive again, and damaged ones


def test_a_letter_made_alive_goes_before_the_later_ones_of_its_group(post, claim, settle, store, posting, at):
    post(posting("1", GROUP))
    settle(claim(), LetterState.DEAD)
    post(posting("2", GROUP), posting("3", GROUP))
    waiting = claim()
    settle(waiting, LetterState.DUE, due=at + HOUR)
    post(posting("4", GROUP))
    with store.write() as transaction:
        assert transaction.revive(at, letters=[1]) == 1
    revived = claim()
    assert names(revived) == ["evt_1"]
    settle(revived)
    again = claim(HOUR)
    assert (again.id, names(again)) == (waiting.id, ["evt_2", "evt_3"])
    settle(again)
    assert names(claim(HOUR)) == ["evt_4"]


def test_a_letter_made_alive_travels_with_what_waits_in_its_group(post, claim, settle, store, posting, at):
    post(posting("1", GROUP))
    settle(claim(), LetterState.DEAD)
    post(posting("2", GROUP))
    with store.write() as transaction:
        transaction.revive(at, notifier="ops")
    bundle = claim()
    assert names(bundle) == ["evt_1", "evt_2"]
    assert bundle.epoch == 2
    assert settle(bundle)


@pytest.mark.parametrize("document", ["", "null", "[]", "{}", '{"id":'])
def test_a_letter_that_cannot_be_read_is_dead_and_stops_nobody(post, claim, store, posting, document):
    post(posting("1", GROUP), posting("2", GROUP), posting("3", GROUP), posting("4"))
    with store.write() as transaction:
        ask = transaction._connection.exec_driver_sql
        ask(f"UPDATE outbox SET document = '{document}' WHERE id IN (2, 4)")
    assert names(claim()) == ["evt_1", "evt_3"]
    assert claim() is None
    with store.read() as transaction:
        assert transaction.outbox() == {"ops": {LetterState.DEAD: 2, LetterState.DUE: 2}}
        notes = [letter.note for letter in transaction.letters([LetterState.DEAD])]
    assert {note.partition(" (")[0] for note in notes} == {"what was stored can no longer be read"}
    assert {note.partition("), ")[2] for note in notes} == {"so it was not sent"}


def test_a_bundle_one_letter_of_which_is_damaged_later_stays_the_same_message(
    post, claim, settle, store, posting
):
    post(posting("1", GROUP), posting("2", GROUP))
    first = claim()
    with store.write() as transaction:
        transaction._connection.exec_driver_sql("UPDATE outbox SET document = '' WHERE id = 1")
    again = claim(LEASE)
    assert (again.id, names(again)) == (first.id, ["evt_2"])
    assert not settle(first)
    assert settle(again)
