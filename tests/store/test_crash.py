"""Killed at any moment: what was acknowledged is there, nothing is there twice, and all tables tell the same story."""

import json

import pytest

from collector.store import engine

ROUNDS = 25

KILLED = """
import json, os, random, select, signal, sys, time
from datetime import UTC, datetime, timedelta
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.sample import Sample
from collector.store import engine

START = datetime(2026, 10, 1, tzinfo=UTC)
url, series, rounds = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
chance = random.Random(7)


def write(number, store):
    slot = START + timedelta(minutes=number)
    message = Announcement(f"evt_{number}", "drift", Family.VALUE, Severity.INFO, Occasion.FIRST, "s", "t", "t", "s", slot)
    with store.write() as transaction:
        transaction.add_samples([(one, Sample(slot, float(number), slot, slot)) for one in series])
        transaction.enqueue([("ops", message)], slot)


def work(first, out):
    store = engine.open(url)
    for number in range(first, first + 100_000):
        write(number, store)
        os.write(out, b"%d\\n" % number)


acknowledged, kept, killed = -1, [], 0
for _ in range(rounds):
    source, out = os.pipe()
    child = os.fork()
    if not child:
        work(acknowledged + 1, out)
    os.close(out)
    select.select([source], [], [], 20)  # it has begun
    time.sleep(chance.uniform(0, 0.08))
    os.kill(child, signal.SIGKILL)
    killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with os.fdopen(source, "rb") as lines:
        acknowledged = max([acknowledged, *map(int, lines.read().split(b"\\n")[:-1])])
    store = engine.open(url)
    with store.read() as transaction:
        ask = transaction._connection.exec_driver_sql
        found = transaction.samples(series, START - timedelta(1), START + timedelta(999))
        slots = [len(samples) for samples in found.values()]
        letters = ask("SELECT count(*), count(DISTINCT event) FROM outbox").one()
        whole = ask("PRAGMA integrity_check").scalar() if url.startswith("sqlite") else "ok"
    store.close()
    kept.append([acknowledged, slots, list(letters), whole])
    acknowledged = slots[0] - 1
print(json.dumps([killed, kept]))
"""


@pytest.fixture
def killed(url, store, series, python):
    """Give, for each kill, the last acknowledged number, samples a series, letters, and the database's own check."""
    store.close()
    kills, rounds = json.loads(python(KILLED, url, json.dumps(series), ROUNDS))
    assert (kills, len(rounds)) == (ROUNDS, ROUNDS)
    return rounds


def test_a_kill_loses_nothing_acknowledged_and_leaves_nothing_half(killed):
    for acknowledged, samples, letters, whole in killed:
        count = samples[0]
        assert count >= acknowledged + 1
        assert samples == [count, count, count]
        assert letters == [count, count]
        assert whole == "ok"
    assert killed[-1][1][0] > ROUNDS


def test_a_store_left_by_a_kill_opens_and_goes_on(killed, url, at):
    store = engine.open(url, must_exist=True)
    with store.write() as transaction:
        assert transaction.first_run("lab", at) == at
    store.close()
