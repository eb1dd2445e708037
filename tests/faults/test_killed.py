"""Killed at any moment, krd loses nothing that it kept, says nothing twice under two names, and goes on by itself."""

import os
import random
import signal
import sqlite3
import time

import pytest

KILLS = 15
SEED = 20251112


def kept(krd):
    samples = set(krd.rows("SELECT slot, series, value FROM samples"))
    changes = set(krd.rows("SELECT event FROM transitions"))
    return samples, changes


@pytest.mark.timeout(180)
def test_killed_fifteen_times_at_random_nothing_kept_is_lost_and_nothing_is_there_twice(
    krd, source, receiver, eventually, unbroken
):
    dice = random.Random(SEED)
    source.mode = "ok"
    krd.lab(source, receiver)
    krd.environment["KRD_WEB__ENABLED"] = "false"
    samples, changes = set(), set()
    for number in range(KILLS):
        source.mode = "close" if number % 5 in (2, 3) else "ok"
        watched = number % 3 != 0
        krd.start(wait=watched)
        time.sleep(dice.uniform(0.05, 1.0) if watched else dice.uniform(0.0, 0.8))
        before = kept(krd)
        assert samples <= before[0], f"kill {number}, seed {SEED}: samples lost"
        assert changes <= before[1], f"kill {number}, seed {SEED}: changes lost"
        assert krd.kill() == -signal.SIGKILL
        samples, changes = before
    source.mode = "close"
    krd.start()
    eventually(lambda: krd.rows("SELECT 1 FROM outbox"))  # the source is down, and somebody is to hear it
    assert krd.kill() == -signal.SIGKILL
    source.mode = "ok"
    krd.start()
    eventually(lambda: len(krd.rows("SELECT slot FROM samples WHERE series = 1")) > 20)
    eventually(lambda: not krd.rows("SELECT 1 FROM currents WHERE heal_since IS NOT NULL"))
    time.sleep(0.5)
    assert krd.kill(signal.SIGTERM) == 0
    after = kept(krd)
    assert samples <= after[0]
    assert changes <= after[1]
    with sqlite3.connect(krd.root / "krd.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert krd.rows("SELECT slot, series FROM samples GROUP BY slot, series HAVING count(*) > 1") == []
    assert krd.rows("SELECT event FROM transitions GROUP BY event HAVING count(*) > 1") == []
    assert krd.rows("SELECT * FROM samples JOIN gaps USING (slot, series)") == []
    for (series,) in krd.rows("SELECT id FROM series"):
        assert unbroken(krd.rows, series), "what passed while it was dead is healed"
    kept_letters = krd.rows("SELECT event, bundle, state FROM outbox")
    assert kept_letters
    assert {letter for letter, _ in receiver.letters} >= {
        bundle for _, bundle, state in kept_letters if state == "sent"
    }
    said = {}
    for letter, data in receiver.letters:
        assert said.setdefault(letter, data) == data, "the same id says the same"
    assert set(said) <= {bundle for _, bundle, _ in kept_letters}, "nothing is said that was not kept"
    events = {event for event, *_ in kept_letters}
    for letter, data in said.items():
        assert data["id"] == letter  # its letter's, or where all were about one alert, the bundle's
        assert {one["id"] for one in data["members"]} <= events, "nor under another name"
    assert {"Traceback" in line for line in krd.log.read_text().splitlines()} == {False}


@pytest.mark.timeout(120)
def test_a_letter_is_repeated_under_its_own_id_when_krd_dies_after_the_answer(
    krd, source, receiver, eventually
):
    """Killed by the receiver itself after its 200, before krd could write it down."""
    source.mode = "close"
    krd.lab(source, receiver, count=2)
    receiver.after = lambda: os.kill(krd.process.pid, signal.SIGKILL)
    krd.start()
    krd.process.wait(60)
    receiver.after = None
    [(first, said), *_] = receiver.letters
    assert said["kind"] == "source_down"
    states = dict(krd.rows("SELECT event, state FROM outbox"))
    assert first in states
    with sqlite3.connect(
        krd.root / "krd.db"
    ) as connection:  # the lease of the dead is over, without waiting a minute
        connection.execute("UPDATE outbox SET leased_until = 0 WHERE leased_until IS NOT NULL")
    connection.close()
    krd.start()
    eventually(lambda: dict(krd.rows("SELECT event, state FROM outbox")).get(first) == "sent")
    again = [
        letter
        for letter, data in receiver.letters
        if data["kind"] == "source_down" and data["occasion"] == "first"
    ]
    assert {first} == set(again)
    assert len(again) <= 2
    assert krd.kill(signal.SIGTERM) == 0
