"""SQLite is asked how it would find what it is asked for: nothing of the outbox is found by reading all of it."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from collector.ports.store import LetterState

HOUR = timedelta(hours=1)


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


@pytest.fixture
def plans(store):
    """Give a function that tells how each statement since the last call finds its rows of the outbox."""
    engine, seen = store._backend.writer, []

    def see(_connection, _cursor, statement, parameters, _context, many):
        if "outbox" in statement:
            seen.append((statement, parameters[0] if many else parameters))

    event.listen(engine, "before_cursor_execute", see)

    def explain():
        driver = engine.raw_connection().driver_connection
        found = [
            line[3]
            for statement, parameters in seen
            for line in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            if "outbox" in line[3]
        ]
        seen.clear()
        return found

    return explain


def test_putting_in_looks_only_at_the_group(store, plans, posting, at):
    with store.write() as transaction:
        transaction.enqueue([posting("1", "a", interval=HOUR), posting("2", "b", wait=HOUR)], at)
        transaction.enqueue([posting("3", "b")], at)
    found = plans()
    assert any("outbox_bundled (notifier=? AND group=?" in line for line in found)
    assert any("outbox_waiting (notifier=? AND group=?)" in line for line in found)
    assert [line for line in found if "SCAN" in line] == []


def test_claiming_looks_only_at_what_waits(store, post, plans, posting, at):
    post(posting("1", "a"), posting("2", "a"), posting("3", "b"))
    plans()
    with store.write() as transaction:
        transaction.next_due("ops")
        bundle = transaction.claim("ops", at, at + HOUR)
        transaction.split(bundle, at, note="")
        bundle = transaction.claim("ops", at, at + HOUR)
        transaction.settle(bundle, LetterState.DUE, at, due=at + HOUR, note="")
        transaction.hurry("ops", at)
    found = plans()
    assert any("outbox_waiting (notifier=?)" in line for line in found)
    assert [line for line in found if "SCAN" in line] == []


def test_looking_reads_no_letter_that_is_not_given(store, plans, at):
    with store.write() as transaction:
        transaction.outbox()
        transaction.letters([LetterState.DEAD])
        transaction.prune_said(at, 100)
    found = plans()
    assert any("outbox_settled" in line for line in found)
    assert [line for line in found if "SCAN" in line and "COVERING INDEX" not in line] == []
