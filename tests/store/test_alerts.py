"""Alerts as they stand, and their changes as the feeds read them."""

from collector.domain.alert import AlertState, quiet


def test_changes_are_kept_in_order_with_the_alert_as_it_stands_after_them(store, life):
    changes = life("pending", "firing", "recovering", "clear")
    with store.write() as transaction:
        transaction.add_transitions(changes[:3])
        transaction.add_transitions(changes[3:])
    with store.read() as transaction:
        assert transaction.transitions(0, 10) == list(enumerate(changes, start=1))
        [alert] = transaction.alerts().values()
    assert alert == changes[-1].alert
    assert alert.state is AlertState.RESOLVED


def test_changes_are_read_behind_a_cursor(store, life):
    changes = life("pending", "firing", "recovering", "clear")
    with store.write() as transaction:
        transaction.add_transitions(changes)
        assert transaction.transitions(1, 2) == [(2, changes[1]), (3, changes[2])]
        assert transaction.transitions(4, 10) == []


def test_alerts_are_found_by_fingerprint(store, life):
    ours, other = life("firing")[0].alert, life("firing", subject="prod")[0]
    with store.write() as transaction:
        transaction.add_transitions([*life("firing"), other])
        assert transaction.alerts([ours.fingerprint, "unknown"]) == {ours.fingerprint: ours}
        assert transaction.alerts([]) == {}
        assert set(transaction.alerts()) == {ours.fingerprint, other.alert.fingerprint}


def test_a_replayed_change_is_kept_once_and_moves_no_alert_backwards(store, life):
    changes = life("firing", "clear", "firing")
    with store.write() as transaction:
        transaction.add_transitions(changes)
        transaction.add_transitions(changes[:2])
        assert transaction.transitions(0, 10) == list(enumerate(changes, start=1))
        assert list(transaction.alerts().values()) == [changes[-1].alert]


def test_sequence_numbers_are_never_given_twice(store, life):
    with store.write() as transaction:
        transaction.add_transitions(life("firing", "clear"))
        transaction._connection.exec_driver_sql("DELETE FROM transitions")
        transaction.add_transitions(life("firing", subject="prod"))
        assert [seq for seq, _ in transaction.transitions(0, 10)] == [3]


def test_an_alert_that_never_was_is_not_there(store, life):
    with store.read() as transaction:
        assert transaction.alerts([quiet(life("firing")[0].alert.kind, "nobody").fingerprint]) == {}
