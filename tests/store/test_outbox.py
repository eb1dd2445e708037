"""Letters: put in once, due when their group may be told again, counted, shown, and made alive again by a person."""

from datetime import timedelta

import pytest

from collector.domain.announcement import Family, Occasion
from collector.ports.store import Early, LetterState

LEASE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
GROUP = "drift:checkout"


def names(letters):
    return [letter.announcement.id for letter in letters]


@pytest.fixture
def letters(store):
    def look(*states, **how):
        with store.read() as transaction:
            return transaction.letters(states or tuple(LetterState), **how)

    return look


@pytest.fixture
def revive(store, at):
    def make_due(when=at, **which):
        with store.write() as transaction:
            return transaction.revive(when, **which)

    return make_due


@pytest.fixture
def hurry(store, at):
    def bring_forward(notifier="ops", when=at):
        with store.write() as transaction:
            return transaction.hurry(notifier, when)

    return bring_forward


@pytest.fixture
def damage(store):
    def break_letter(number):
        with store.write() as transaction:
            broken = f"UPDATE outbox SET document = '{{\"id\":' WHERE id = {number}"
            transaction._connection.exec_driver_sql(broken)

    return break_letter


# -- putting in


def test_a_letter_comes_back_as_it_was_put_in(post, letters, posting, announcement, at):
    post(posting())
    [letter] = letters()
    assert letter.announcement == announcement()
    assert (letter.notifier, letter.state, letter.attempts, letter.bundle) == ("ops", LetterState.DUE, 0, "")
    assert (letter.enqueued, letter.due, letter.settled, letter.note) == (at, at, None, "")


def test_the_same_announcement_for_the_same_notifier_is_there_once(post, letters, posting):
    post(posting(), posting(changes={"title": "another title"}), posting(notifier="pager"))
    post(posting(group="elsewhere"))
    assert [letter.announcement.title for letter in letters(notifier="ops")] == ["p95 drifts"]
    assert names(letters(notifier="pager")) == ["evt_1"]


def test_a_sent_letter_is_not_put_in_again(post, claim, settle, posting):
    post(posting())
    settle(claim())
    post(posting())
    assert claim() is None


# -- when a group may be told


def test_a_letter_waits_for_others_of_its_group(post, claim, posting):
    post(posting(group=GROUP, wait=HOUR))
    assert claim(HOUR / 2) is None
    assert names(claim(HOUR).letters) == ["evt_1"]


def test_who_joins_a_waiting_group_does_not_put_it_off(post, claim, posting, at):
    post(posting("1", GROUP, wait=HOUR))
    post(posting("2", GROUP, wait=HOUR), when=at + HOUR / 2)
    assert names(claim(HOUR).letters) == ["evt_1", "evt_2"]


def test_who_cannot_wait_takes_its_group_along(post, claim, posting):
    post(posting("1", GROUP, wait=HOUR))
    post(posting("2", GROUP))
    assert names(claim().letters) == ["evt_1", "evt_2"]


def test_letters_put_in_together_go_when_the_first_of_them_is_due(post, claim, posting):
    post(posting("1", GROUP, wait=HOUR), posting("2", GROUP, wait=HOUR / 2))
    assert names(claim(HOUR / 2).letters) == ["evt_1", "evt_2"]


def test_a_group_is_not_told_again_before_its_interval_is_over(post, claim, settle, posting, at):
    post(posting("1", GROUP))
    settle(claim())
    post(posting("2", GROUP, interval=HOUR), when=at + HOUR / 4)
    assert claim(HOUR * 0.99) is None
    assert names(claim(HOUR).letters) == ["evt_2"]


def test_an_interval_that_is_over_delays_nothing(post, claim, settle, posting, at):
    post(posting("1", GROUP))
    settle(claim())
    post(posting("2", GROUP, wait=HOUR / 4, interval=HOUR), when=at + HOUR)
    assert claim(HOUR * 1.2) is None
    assert names(claim(HOUR * 1.25).letters) == ["evt_2"]


def test_the_interval_begins_when_the_message_was_first_claimed(post, claim, settle, posting, at):
    post(posting("1", GROUP))
    settle(claim(), LetterState.DUE, due=at + HOUR)
    settle(claim(HOUR))
    post(posting("2", GROUP, interval=HOUR * 2), when=at + HOUR)
    assert claim(HOUR * 1.9) is None
    assert names(claim(HOUR * 2).letters) == ["evt_2"]


def test_the_interval_of_a_group_delays_no_other_one(post, claim, settle, posting, at):
    post(posting("1", GROUP))
    settle(claim())
    post(posting("2", "stale:checkout", interval=HOUR), posting("2", GROUP, notifier="pager", interval=HOUR))
    assert names(claim().letters) == ["evt_2"]
    assert names(claim(notifier="pager").letters) == ["evt_2"]


# -- looking


def test_letters_are_counted_by_notifier_and_state(post, claim, settle, store, posting):
    post(*(posting(name) for name in "abcd"), posting(notifier="pager"))
    settle(claim())
    settle(claim(), LetterState.DEAD)
    with store.read() as transaction:
        assert transaction.outbox() == {
            "ops": {LetterState.SENT: 1, LetterState.DEAD: 1, LetterState.DUE: 2},
            "pager": {LetterState.DUE: 1},
        }


def test_letters_are_shown_the_newest_first(post, claim, settle, letters, posting, at):
    post(*(posting(name) for name in "abc"), posting("d", notifier="pager"))
    settle(claim(), LetterState.DEAD, note="410 Gone")
    assert names(letters()) == ["evt_d", "evt_c", "evt_b", "evt_a"]
    assert names(letters(limit=2)) == ["evt_d", "evt_c"]
    assert names(letters(notifier="ops", limit=2)) == ["evt_c", "evt_b"]
    [dead] = letters(LetterState.DEAD)
    assert (dead.announcement.id, dead.note, dead.settled, dead.attempts) == ("evt_a", "410 Gone", at, 1)
    assert letters(LetterState.SENT) == []


def test_a_damaged_letter_is_shown_as_one(post, letters, damage, posting):
    post(posting())
    damage(1)
    [letter] = letters()
    assert (letter.announcement.id, letter.announcement.family) == ("evt_1", Family.DAEMON)
    assert letter.announcement.sentence == (
        "Of evt_1, what was stored can no longer be read (JSONDecodeError)."
    )


def test_the_next_letter_is_due_when_it_can_be_claimed(post, claim, settle, waits_until, posting, at):
    assert waits_until() is None
    post(posting("1", GROUP))
    assert waits_until() == at
    bundle = claim()
    post(posting("2", GROUP))
    assert waits_until() == at + LEASE  # the second one waits for the first
    settle(bundle, LetterState.DUE, due=at + HOUR * 2)
    assert waits_until() == at + HOUR * 2
    settle(claim(HOUR * 2))
    assert waits_until() == at
    settle(claim())
    assert waits_until() is None


# -- by hand


def test_what_waits_for_another_try_is_hurried(post, claim, settle, hurry, posting, at):
    post(posting("1", GROUP), posting("2", GROUP), posting("3", "later", wait=HOUR))
    settle(claim(), LetterState.DUE, due=at + HOUR * 2)
    assert hurry() == 2
    assert names(claim().letters) == ["evt_1", "evt_2"]
    assert hurry() == 0


def test_what_is_being_sent_is_not_hurried(post, claim, settle, hurry, posting, at):
    post(posting())
    settle(claim(), LetterState.DUE, due=at + HOUR)
    claim(early=Early.ANYTHING)
    assert hurry() == 0


def test_a_clock_that_went_back_holds_back_neither_retries_nor_leases(
    post, claim, settle, store, posting, at
):
    year = timedelta(days=365)
    post(posting("1", "a"), posting("2", "b"), when=at + year)
    settle(claim(year), LetterState.DUE, due=at + year + HOUR, when=at + year)
    claim(year)
    post(posting("3", "c", "pager", wait=HOUR * 2), when=at + year)
    assert claim(HOUR) is None
    with store.write() as transaction:
        transaction.clock_went_back(year, at)
    assert names(claim(LEASE).letters) == ["evt_2"]
    assert claim(HOUR / 2, notifier="pager") is None
    assert names(claim(HOUR * 2, notifier="pager").letters) == ["evt_3"]
    assert names(claim(HOUR).letters) == ["evt_2"]
    assert names(claim(HOUR).letters) == ["evt_1"]


def test_what_waits_for_less_than_an_hour_is_left_to_wait_when_the_clock_went_back(
    post, claim, store, posting, at
):
    post(posting(wait=HOUR))
    with store.write() as transaction:
        transaction.clock_went_back(HOUR * 5, at)
    assert claim(HOUR / 2) is None
    assert names(claim(HOUR).letters) == ["evt_1"]


def test_a_last_message_that_is_yet_to_come_holds_no_group_back(post, claim, settle, posting, at):
    post(posting("1", GROUP), when=at + HOUR * 100)
    settle(claim(HOUR * 100))
    post(posting("2", GROUP, interval=HOUR))
    assert names(claim().letters) == ["evt_2"]


def test_only_the_named_notifier_is_hurried(post, claim, settle, hurry, posting, at):
    post(posting(), posting(notifier="pager"))
    settle(claim(notifier="pager"), LetterState.DUE, due=at + HOUR)
    assert hurry() == 0
    assert hurry("pager") == 1


def test_a_dead_letter_made_alive_is_as_new(post, claim, settle, revive, letters, posting, at):
    post(posting("1"), posting("2"))
    settle(claim(), LetterState.DEAD, note="400")
    assert revive(at + HOUR, letters=[1, 2, 4711]) == 1
    [letter] = (one for one in letters() if one.id == 1)
    assert (letter.state, letter.attempts, letter.enqueued, letter.due) == (
        LetterState.DUE,
        0,
        at + HOUR,
        at + HOUR,
    )
    assert (letter.note, letter.settled, letter.bundle) == ("", None, "")


def test_dead_letters_are_made_alive_by_notifier(post, claim, settle, revive, posting):
    post(posting("1"), posting("2"), posting("1", notifier="pager"))
    for notifier in ("ops", "ops", "pager"):
        settle(claim(notifier=notifier), LetterState.DEAD)
    assert revive() == 0
    assert revive(letters=[3], notifier="ops") == 0
    assert revive(notifier="ops") == 2
    assert claim(notifier="pager") is None
    assert names(claim().letters) == ["evt_1"]


def test_who_claimed_a_letter_before_it_died_settles_nothing_any_more(post, claim, settle, revive, posting):
    post(posting())
    zombie = claim()
    settle(claim(LEASE), LetterState.DEAD)
    revive(notifier="ops")
    alive = claim()
    assert not settle(zombie)
    assert settle(alive)


def ended(posting, fingerprint="f", **more):
    return posting("over", changes={"occasion": Occasion.RESOLVED, "fingerprint": fingerprint}, **more)


def test_a_dead_letter_stays_dead_when_a_later_one_of_its_thread_was_sent(
    post, claim, settle, revive, posting
):
    post(posting())
    settle(claim(), LetterState.DEAD)
    post(ended(posting))
    settle(claim())

    assert (revive(letters=[1]), revive(notifier="ops")) == (0, 0)


def test_a_dead_letter_stays_dead_while_a_later_one_of_its_thread_is_being_sent(
    post, claim, settle, revive, posting
):
    post(posting())
    settle(claim(), LetterState.DEAD)
    post(ended(posting))
    claim()

    assert revive(notifier="ops") == 0


@pytest.mark.parametrize("other", [{"fingerprint": "g"}, {"notifier": "pager"}])
def test_a_dead_letter_is_overtaken_by_its_own_thread_and_notifier_alone(
    post, claim, settle, revive, posting, other
):
    post(posting())
    settle(claim(), LetterState.DEAD)
    post(ended(posting, **other))
    settle(claim(notifier=other.get("notifier", "ops")))

    assert revive(notifier="ops") == 1


def test_a_beginning_is_not_made_alive_without_its_end(post, claim, settle, revive, posting):
    post(posting())
    settle(claim(), LetterState.DEAD)
    post(ended(posting))
    settle(claim(), LetterState.DEAD)

    assert revive(letters=[1]) == 0
    assert revive(letters=[1, 2]) == 2


# -- pruning


def test_sent_letters_are_pruned_and_no_others(post, claim, settle, store, posting, at):
    post(*(posting(name) for name in "abcd"))
    settle(claim(), LetterState.DEAD)
    settle(claim())
    settle(claim(), when=at + HOUR)
    with store.write() as transaction:
        assert transaction.prune_said(at + HOUR, 100) == 1
        assert transaction.outbox() == {"ops": {LetterState.DEAD: 1, LetterState.SENT: 1, LetterState.DUE: 1}}


def test_letters_are_pruned_the_oldest_first_in_portions_with_the_changes(
    post, claim, settle, store, life, posting, at
):
    with store.write() as transaction:
        transaction.add_transitions(life("firing", "over"))
    post(*(posting(name) for name in "abc"))
    for after in (2, 1, 3):
        settle(claim(), when=at + after * HOUR)
    with store.write() as transaction:
        assert transaction.prune_said(at + HOUR * 9, 3) == 3
        assert names(transaction.letters([LetterState.SENT])) == ["evt_c", "evt_a"]
        assert [transaction.prune_said(at + HOUR * 9, 3) for _ in range(2)] == [2, 0]
