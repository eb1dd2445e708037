"""The clock under a real `krd run` is set two hours ahead and back: nothing is lost, repeated or raised but the jump itself."""

import itertools
import signal
import subprocess
import sys
import time

import pytest

SET_CLOCK = """
from datetime import timedelta
from pathlib import Path

import collector.app
from collector.clock import WallClock


class SetAside(WallClock):
    def now(self):
        return super().now() + timedelta(hours=float(Path("ahead").read_text()))


collector.app.WallClock = SetAside

from collector.cli.main import run

run()
"""
"""The console script `krd` on a machine whose wall clock is as many hours ahead as the file `ahead` says."""


def set_ahead(krd, hours):
    (krd.root / "new").write_text(str(hours))
    (krd.root / "new").replace(krd.root / "ahead")


def outcomes(krd):
    query = "SELECT slot FROM samples UNION ALL SELECT slot FROM gaps ORDER BY 1"
    return [slot for (slot,) in krd.rows(query)]


def jumps(krd):
    return krd.log.read_text().count('"event": "clock_jumped"')


@pytest.mark.timeout(120)
def test_a_clock_set_ahead_and_back_loses_and_repeats_nothing(krd, source, receiver, eventually):
    source.mode = "ok"
    krd.lab(source, receiver, count=1, day="1h", every="5s")
    set_ahead(krd, 0)
    with krd.log.open("ab") as log:
        krd.process = subprocess.Popen(
            [sys.executable, "-c", SET_CLOCK, "run"],
            cwd=krd.root,
            env=krd._environment(),
            stdout=log,
            stderr=log,
        )
    eventually(lambda: krd.rows("SELECT 1 FROM currents WHERE heal_since IS NULL AND value IS NOT NULL"))
    first = outcomes(krd)[-1]

    set_ahead(krd, 2)
    eventually(lambda: outcomes(krd)[-1] >= first + 7_200_000)
    eventually(lambda: krd.rows("SELECT 1 FROM currents WHERE heal_since IS NULL"))
    slots = [slot for slot in outcomes(krd) if slot >= first]
    assert all(later - slot == 5000 for slot, later in itertools.pairwise(slots)), (
        "no slot twice, none left out"
    )

    eventually(lambda: receiver.letters)  # it waits a moment for others to travel with
    set_ahead(krd, 0)
    eventually(lambda: jumps(krd) == 2)
    time.sleep(1)  # a round that was on its way
    known = outcomes(krd)
    time.sleep(11)
    assert outcomes(krd) == known, "the grid is waited for"
    assert krd.get("/readyz")[0] == 200
    assert "krd_clock_jumps_total 2.0" in krd.get("/metrics")[1]
    assert krd.kill(signal.SIGTERM) == 0
    told = [(data["kind"], data["occasion"]) for _, data in receiver.letters if data["family"] != "news"]
    assert told == [("clock_jump", "first")]
    moved = krd.rows("SELECT kind, state FROM transitions WHERE kind != 'clock_jump'")
    assert all(state in ("pending", "inactive") for _, state in moved), moved
