"""Alerts as they stand: moved by their changes, never backwards, and what they count in between."""

from dataclasses import replace
from datetime import timedelta

from collector.domain.alert import AlertKind, AlertState, quiet
from collector.domain.announcement import Severity


def test_an_alert_stands_as_its_last_change_left_it(store, life):
    changes = life("pending", "firing", "recovering", "over")
    with store.write() as transaction:
        transaction.add_transitions(changes[:3])
        transaction.add_transitions(changes[3:])
    with store.read() as transaction:
        [alert] = transaction.alerts().values()
    assert alert == changes[-1].alert
    assert alert.state is AlertState.RESOLVED


def test_everything_that_an_alert_remembers_comes_back(store, life, at):
    full = replace(
        life("firing")[0].alert,
        severity=Severity.PAGE,
        opened=at,
        ended=at - timedelta(days=1),
        run=3,
        slot=at - timedelta(hours=1),
        clear_since=at - timedelta(minutes=1),
    )
    with store.write() as transaction:
        transaction.put_alerts([full])
        assert transaction.alerts() == {full.fingerprint: full}


def test_alerts_are_found_by_fingerprint(store, life):
    ours, other = life("firing")[0].alert, life("firing", subject="prod")[0]
    with store.write() as transaction:
        transaction.add_transitions([*life("firing"), other])
        assert transaction.alerts([ours.fingerprint, "unknown"]) == {ours.fingerprint: ours}
        assert transaction.alerts([]) == {}
        assert set(transaction.alerts()) == {ours.fingerprint, other.alert.fingerprint}


def test_a_replayed_change_moves_no_alert_backwards(store, life):
    changes = life("firing", "over", "firing")
    with store.write() as transaction:
        transaction.add_transitions(changes)
        transaction.add_transitions(changes[:2])
        assert list(transaction.alerts().values()) == [changes[-1].alert]


def test_what_is_counted_between_changes_is_kept(store, life, at):
    [change] = life("pending")
    counted = replace(change.alert, run=2, slot=at)
    with store.write() as transaction:
        transaction.add_transitions([change])
        transaction.put_alerts([counted])
    with store.read() as transaction:
        assert list(transaction.alerts().values()) == [counted]


def test_a_replayed_change_takes_back_nothing_that_was_counted_since(store, life, at):
    [change] = life("pending")
    counted = replace(change.alert, run=2, slot=at)
    with store.write() as transaction:
        transaction.add_transitions([change])
        transaction.put_alerts([counted])
        transaction.add_transitions([change])
        assert list(transaction.alerts().values()) == [counted]


def test_an_old_count_moves_no_alert_backwards(store, life):
    first, last = life("firing", "over")
    with store.write() as transaction:
        transaction.add_transitions([first, last])
        transaction.put_alerts([first.alert])
        assert list(transaction.alerts().values()) == [last.alert]


def test_an_alert_that_never_was_is_not_there(store):
    with store.read() as transaction:
        assert transaction.alerts([quiet(AlertKind.DRIFT, "nobody").fingerprint]) == {}
