"""Changes of alerts as the feeds read them: in order, with their words, behind a cursor, by what a reader wants."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, AlertState
from collector.domain.announcement import Family, Occasion, Severity
from collector.domain.speech import Told
from collector.ports.store import Extent, Item, Wanted


@pytest.fixture
def keep(store):
    def add(changes):
        with store.write() as transaction:
            transaction.add_transitions(changes)

    return add


@pytest.fixture
def prune(store):
    def delete(before, limit=100):
        with store.write() as transaction:
            return transaction.prune_said(before, limit)

    return delete


@pytest.fixture
def two_teams(keep, life, announcement):
    """Keep a drift of `checkout`, stale data of `payments`, and a source that is down; give their changes."""
    [drift] = life("firing")
    [stale] = life("firing", kind=AlertKind.STALE, subject="2026-Q4:payments/p95")
    [down] = life("pending", kind=AlertKind.SOURCE_DOWN, subject="prod")
    changes = [
        drift,
        replace(stale, said=announcement("s", team="payments")),
        replace(down, said=announcement("d", team="")),
    ]
    keep(changes)
    return changes


def test_changes_are_kept_in_order_with_their_words(store, keep, life):
    changes = life("pending", "firing", "recovering", "over")
    keep(changes)
    with store.read() as transaction:
        assert transaction.transitions(0, 10) == [Item(*one) for one in enumerate(changes, start=1)]


def test_changes_are_read_behind_a_cursor(store, keep, life):
    changes = life("pending", "firing", "recovering", "over")
    keep(changes)
    with store.read() as transaction:
        assert transaction.transitions(1, 2) == [Item(2, changes[1]), Item(3, changes[2])]
        assert transaction.transitions(4, 10) == []


def test_the_newest_changes_are_read_backwards(store, keep, life):
    changes = life("pending", "firing", "recovering", "over")
    keep(changes)
    with store.read() as transaction:
        assert [item.seq for item in transaction.newest(2)] == [4, 3]
        assert [item.seq for item in transaction.newest(10, before=3)] == [2, 1]


def test_a_replayed_change_is_kept_once(store, keep, life):
    changes = life("firing", "over", "firing")
    keep(changes)
    keep(changes[:2])
    with store.read() as transaction:
        assert [item.transition for item in transaction.transitions(0, 10)] == changes


def test_sequence_numbers_are_never_given_twice(store, keep, life):
    keep(life("firing", "over"))
    with store.write() as transaction:
        transaction._connection.exec_driver_sql("DELETE FROM transitions")
    keep(life("firing", subject="prod"))
    with store.read() as transaction:
        assert [item.seq for item in transaction.transitions(0, 10)] == [3]


def test_an_episode_is_read_alone(store, keep, life):
    changes = life("firing", "over", "pending", "firing", "over")
    keep([*changes, *life("firing", subject="2026-Q4:payments/p95")])
    with store.read() as transaction:
        found = transaction.episode(changes[0].alert.fingerprint, 2)
    assert [item.transition for item in found] == changes[2:]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [1, 2, 3]),
        (Wanted(teams=frozenset({"payments"})), [2, 3]),
        (Wanted(teams=frozenset({"payments", "checkout"})), [1, 2, 3]),
        (Wanted(families=frozenset({Family.DATA})), [2, 3]),
        (Wanted(kinds=frozenset({AlertKind.DRIFT})), [1]),
        (Wanted(states=frozenset({AlertState.PENDING})), [3]),
        (Wanted(subjects=frozenset({"prod"})), [3]),
        (Wanted(families=frozenset({Family.DATA}), states=frozenset({AlertState.FIRING})), [2]),
        (Wanted(teams=frozenset({"'); DROP TABLE transitions;--"})), [3]),
    ],
    ids=[
        "all",
        "a team",
        "two teams",
        "a family",
        "a kind",
        "a state",
        "a subject",
        "two at once",
        "a hostile team",
    ],
)
def test_a_reader_gets_what_it_wants(store, two_teams, wanted, found):
    with store.read() as transaction:
        assert [item.seq for item in transaction.transitions(0, 10, wanted)] == found
        assert [item.seq for item in transaction.newest(10, wanted=wanted)] == found[::-1]


def test_a_limit_counts_what_is_wanted_only(store, two_teams):
    with store.read() as transaction:
        assert len(transaction.transitions(0, 1, Wanted(states=frozenset({AlertState.PENDING})))) == 1


def test_a_change_without_words_gets_some_of_what_is_known(store, keep, life):
    changes = [replace(change, said=None) for change in life("firing", "recovering", "over")]
    keep(changes)
    with store.read() as transaction:
        first, note, last = (item.transition for item in transaction.transitions(0, 10))
    assert [one.said.occasion for one in (first, note, last)] == [
        Occasion.FIRST,
        Occasion.NOTE,
        Occasion.RESOLVED,
    ]
    assert (first.said.id, first.said.at, first.said.team) == (first.event, first.at, "checkout")
    assert (first.said.subject, first.said.title) == ("checkout/p95", "drift: 2026-Q4:checkout/p95")
    assert last.said.sentence == "It went from recovering to resolved."
    assert replace(last, said=None) == changes[-1]


def test_the_team_of_a_change_without_words_is_that_of_its_subject(store, keep, life):
    keep([replace(change, said=None) for change in life("firing")])
    keep(
        [replace(change, said=None) for change in life("firing", kind=AlertKind.SOURCE_DOWN, subject="a:b/c")]
    )
    with store.read() as transaction:
        assert [
            item.seq for item in transaction.transitions(0, 9, Wanted(teams=frozenset({"checkout"})))
        ] == [1, 2]
        assert [item.seq for item in transaction.transitions(0, 9, Wanted(teams=frozenset({"b"})))] == [2]


@pytest.mark.parametrize("document", ["", "null", "[]", '"x"', "{}", '{"id": "evt_1"}', "{"])
def test_damaged_words_do_not_stop_a_feed(store, keep, life, document):
    keep(life("firing", "over"))
    with store.write() as transaction:
        damage = f"UPDATE transitions SET document = '{document}' WHERE seq = 1"
        transaction._connection.exec_driver_sql(damage)
        first, _ = transaction.transitions(0, 10)
    assert first.transition.said.title == "drift: 2026-Q4:checkout/p95"


def test_there_is_no_extent_before_the_first_change(store):
    with store.read() as transaction:
        assert transaction.extent() is None


def test_the_extent_begins_where_every_change_is_kept(store, keep, life, prune, at):
    """The first change stays, as its alert is open: but who follows from there would miss the next two."""
    first, later = life("pending", "clear", subject="2026-Q4:checkout/other")
    keep([*life("firing"), first, *life("pending", subject="2026-Q4:checkout/third"), later])
    with store.read() as transaction:
        assert transaction.extent() == Extent(1, 4)
    assert prune(at + timedelta(minutes=1)) == 2
    with store.read() as transaction:
        assert [item.seq for item in transaction.transitions(0, 10)] == [1, 4]
        assert transaction.extent() == Extent(4, 4)


def test_the_extent_remembers_the_last_number_when_nothing_is_left(store, keep, life, prune, at):
    keep(life("firing", "over"))
    assert prune(at + timedelta(days=1)) == 2
    with store.read() as transaction:
        assert transaction.extent() == Extent(3, 2)
    keep(life("firing", subject="prod"))
    with store.read() as transaction:
        assert transaction.extent() == Extent(3, 3)


def test_pruning_deletes_the_oldest_first_and_no_more_than_its_portion(store, keep, life, prune, at):
    keep(life("firing", "over", "firing", "over"))
    assert [prune(at + timedelta(hours=2, minutes=1), limit=2) for _ in range(3)] == [2, 1, 0]
    with store.read() as transaction:
        assert [item.seq for item in transaction.transitions(0, 10)] == [4]


def test_the_episode_of_an_open_alert_is_not_pruned(store, keep, life, prune, at):
    keep(life("firing", "over", "pending", "firing"))
    assert prune(at + timedelta(days=100)) == 2
    with store.read() as transaction:
        assert [item.seq for item in transaction.transitions(0, 10)] == [3, 4]


def test_an_episode_whose_end_somebody_is_still_to_be_told_is_not_pruned(store, keep, life, prune, at):
    changes = life("firing", "over")
    keep(changes)
    told = Told("ops", changes[0].alert.fingerprint, 1, open=True, severity=Severity.TICKET, at=at)
    with store.write() as transaction:
        transaction.put_told([told])
    assert prune(at + timedelta(days=100)) == 0
    with store.write() as transaction:
        transaction.put_told([replace(told, open=False)])
    assert prune(at + timedelta(days=100)) == 2
