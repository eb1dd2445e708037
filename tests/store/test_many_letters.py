"""An outbox that sent a hundred thousand letters is as quick as an empty one: nothing walks through what was sent."""

import time
from datetime import timedelta

import pytest

from collector.ports.store import LetterState

SENT = 100_000
ROUNDS = 50
HOUR = timedelta(hours=1)
GROUP = "drift:checkout"


@pytest.fixture
def full(store, post, posting, claim, settle):
    """Fill the outbox with letters like one that was sent, most of them of one group."""
    post(posting("0", GROUP))
    settle(claim())
    copy = f"""
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {SENT})
    INSERT INTO outbox (notifier, event, "group", state, document, enqueued, due, epoch, attempts, settled, note, bundle, bundled)
    SELECT notifier, 'evt_old_' || i, "group", state, document, enqueued - i, due - i, epoch, attempts, settled - i, note,
           'evt_b_' || i, bundled - i
    FROM n, outbox WHERE id = 1
    """
    with store.write() as transaction:
        transaction._connection.exec_driver_sql(copy)
        transaction._connection.exec_driver_sql("ANALYZE")
    return store


def test_a_full_outbox_is_still_quick(full, post, claim, settle, waits_until, posting, at):
    """Each round would take a tenth of a second if a step of it looked at what was sent."""
    began = time.monotonic()
    for number in range(1, ROUNDS + 1):
        now = HOUR * number
        post(posting(f"new_{number}", GROUP, interval=HOUR), posting(f"alone_{number}"), when=at + now)
        assert waits_until() == at + now
        assert [settle(claim(now)), settle(claim(now))] == [True, True]
        assert claim(now) is None
    assert time.monotonic() - began < ROUNDS * 0.05


def test_looking_at_a_full_outbox_takes_no_time_to_speak_of(full, at):
    began = time.monotonic()
    with full.write() as transaction:
        for _ in range(5):
            assert transaction.outbox() == {"ops": {LetterState.SENT: SENT + 1}}
            assert transaction.letters([LetterState.DEAD]) == []
            assert len(transaction.letters([LetterState.SENT], "ops")) == 100
            assert transaction.prune_said(at - timedelta(days=1), 100) == 0
        assert transaction.prune_said(at, 100) == 100
    assert time.monotonic() - began < 5
