"""A follower reads every change once, in the order of the numbers, however many processes write them."""

import threading

import pytest

WRITERS, TRANSACTIONS, EACH = 4, 40, 3

WRITER = """
import random, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from collector.domain.alert import AlertKind, AlertState, Transition, quiet
from collector.store import engine

url, name, transactions, each = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
chance, at = random.Random(name), datetime(2026, 11, 30, tzinfo=UTC)
store = engine.open(url)
for number in range(transactions):
    with store.write() as tx:
        for part in range(each):
            alert = replace(quiet(AlertKind.DRIFT, f"{name}/{number}/{part}"), state=AlertState.FIRING, episode=1, step=1)
            tx.add_transitions([Transition(f"evt_{name}_{number}_{part}", alert, AlertState.INACTIVE, at)])
            time.sleep(chance.uniform(0, 0.003))  # so that a number is given long before it is committed
store.close()
"""


@pytest.fixture
def writers(url, python):
    """Start processes that write changes; gives a function that waits for them, and tells whether they still run."""
    failed = []

    def write(name):
        try:
            python(WRITER, url, name, TRANSACTIONS, EACH)
        except AssertionError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcdefgh"[:WRITERS]]
    for thread in threads:
        thread.start()
    yield lambda: any(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join(100)
    assert failed == []


def test_a_follower_misses_no_change_while_several_processes_write(store, writers):
    cursor, followed, meanwhile = 0, [], 0
    busy = True
    while busy:
        busy = writers()  # asked first: what they write last is read after they ended
        with store.read() as transaction:
            found = transaction.transitions(cursor, 7)
            while found:
                followed += [(item.seq, item.transition.event) for item in found]
                cursor = followed[-1][0]
                meanwhile += busy
                found = transaction.transitions(cursor, 7)
    with store.read() as transaction:
        kept = [(item.seq, item.transition.event) for item in transaction.transitions(0, 100_000)]
    assert followed == kept
    assert len({event for _, event in kept}) == WRITERS * TRANSACTIONS * EACH
    assert meanwhile > TRANSACTIONS / 2  # it did not begin when all was over
