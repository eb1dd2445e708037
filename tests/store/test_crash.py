"""Killed at any moment: what was acknowledged is there, nothing is there twice, and all tables tell the same story."""

import json

import pytest

from collector.store import engine

ROUNDS = 25

KILLED = """
import json, os, random, select, signal, sys, time
from datetime import UTC, datetime, timedelta
from dataclasses import replace
from collector.domain.alert import AlertKind, AlertState, Transition, quiet
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.sample import Sample
from collector.domain.speech import Told
from collector.ports.store import LetterState, Posting
from collector.store import engine

START = datetime(2026, 10, 1, tzinfo=UTC)
url, series, rounds = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
chance = random.Random(7)


def write(number, store):
    slot = START + timedelta(minutes=number)
    message = Announcement(f"evt_{number}", "drift", Family.VALUE, Severity.INFO, Occasion.FIRST, "s", "t", "t", "s", slot)
    alert = replace(quiet(AlertKind.DRIFT, f"kr{number}"), state=AlertState.FIRING, episode=1, step=1)
    change = Transition(message.id, alert, AlertState.INACTIVE, slot, said=message)
    with store.write() as transaction:
        transaction.add_samples([(one, Sample(slot, float(number), slot, slot)) for one in series])
        transaction.add_transitions([change])
        transaction.enqueue([Posting("ops", message, "drift:t")], slot)
        transaction.put_told([Told("ops", alert.fingerprint, 1, True, Severity.INFO, slot)])
    if number % 3 == 0:
        with store.write() as transaction:
            bundle = transaction.claim("ops", slot, slot + timedelta(minutes=5))
        with store.write() as transaction:
            if bundle is not None:
                transaction.settle(bundle, LetterState.SENT, slot, due=None, note="")


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
        said = ("FROM outbox", "FROM transitions", "FROM alerts", "FROM told")
        letters = [ask(f"SELECT count(*) {table}").scalar() for table in said]
        halves = ask(
            "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE bundle <> '' GROUP BY bundle"
            " HAVING count(DISTINCT state) + count(DISTINCT epoch) + count(DISTINCT bundled) > 3) AS half"
        ).scalar()
        whole = ask("PRAGMA integrity_check").scalar() if url.startswith("sqlite") else "ok"
    store.close()
    kept.append([acknowledged, slots, letters, whole, halves])
    acknowledged = slots[0] - 1
print(json.dumps([killed, kept]))
"""


@pytest.fixture
def killed(url, store, series, python):
    """Give, for each kill, the last acknowledged number, samples a series, rows of each table of what is said, the database's
    own check, and how many bundles stand half in one state and half in another.
    """
    store.close()
    kills, rounds = json.loads(python(KILLED, url, json.dumps(series), ROUNDS))
    assert (kills, len(rounds)) == (ROUNDS, ROUNDS)
    return rounds


def test_a_kill_loses_nothing_acknowledged_and_leaves_nothing_half(killed):
    for acknowledged, samples, said, whole, halves in killed:
        count = samples[0]
        assert count >= acknowledged + 1
        assert samples == [count, count, count]
        assert said == [count, count, count, count]
        assert (whole, halves) == ("ok", 0)
    assert killed[-1][1][0] > ROUNDS


def test_a_store_left_by_a_kill_opens_and_goes_on(killed, url, at):
    store = engine.open(url, must_exist=True)
    with store.write() as transaction:
        assert transaction.first_run("lab", at) == at
    store.close()
