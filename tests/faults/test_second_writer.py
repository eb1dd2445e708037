"""Somebody else holds the database for half a minute: krd waits, says so once, loses nothing, and catches up."""

import json
import subprocess
import sys
import time

import pytest

HELD = 30.0
HOLD = (
    "import sqlite3, sys, time\n"
    "held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)\n"
    "held.execute('BEGIN IMMEDIATE')\n"
    "print('held', flush=True)\n"
    "time.sleep(float(sys.argv[2]))\n"
    "held.execute('ROLLBACK')\n"
)


@pytest.fixture
def hold(krd):
    """Give `hold(seconds)`: another process that keeps a writing transaction open."""
    started = []

    def begin(seconds):
        command = [sys.executable, "-c", HOLD, str(krd.root / "krd.db"), str(seconds)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait(10)
        process.stdout.close()


def events(krd):
    lines = [line for line in krd.log.read_text().splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]


@pytest.mark.timeout(150)
def test_a_second_writer_that_holds_the_database_for_30_seconds_costs_nothing(
    krd, source, eventually, hold, unbroken
):
    source.mode = "ok"
    krd.lab(source, None, count=3)
    krd.start()
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > 30)
    eventually(lambda: not krd.rows("SELECT 1 FROM currents WHERE heal_since IS NOT NULL OR value IS NULL"))
    before = set(krd.rows("SELECT slot, series, value FROM samples"))

    began = time.monotonic()
    holder = hold(HELD)
    status, text = eventually(lambda: (found := krd.get("/readyz")) and found[0] == 503 and found)
    assert 8 < time.monotonic() - began < 20, "it waits for ten seconds before it calls it trouble"
    assert "locked" in text
    assert status == 503
    assert krd.get("/healthz")[0] == 200
    assert krd.get("/")[0] == 200, "what is known can still be looked at"
    assert holder.wait(60) == 0
    eventually(lambda: krd.get("/readyz")[0] == 200)
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > len(before) + 100)

    assert krd.kill(15) == 0
    assert before <= set(krd.rows("SELECT slot, series, value FROM samples"))
    said = [one for one in events(krd) if one["level"] in ("warning", "error")]
    assert len(said) <= HELD / 10 + 1, said
    assert [one["event"] for one in events(krd)].count("store_refuses") == 1
    assert [one["event"] for one in events(krd)].count("store_accepts_again") == 1
    assert "raised" not in krd.log.read_text(), "no traceback"
    for (series,) in krd.rows("SELECT id FROM series"):
        assert unbroken(krd.rows, series), "every slot of the half minute has its reading"
