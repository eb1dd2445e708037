"""A series is never in flight twice; the slots that pass meanwhile are recorded as missed, and healed."""

import itertools
import threading
import time
from datetime import timedelta

from connectors.testing import FaultServer

SECOND = timedelta(seconds=1)


class Slow:
    """Holds each instant question until let go, and counts how many it holds at once."""

    def __init__(self, forward):
        self.forward, self.go = forward, threading.Event()
        self.held = self.most = 0
        self.lock = threading.Lock()
        self.go.set()

    def __call__(self, received):
        if "range" in received.target:
            return self.forward(received)
        with self.lock:
            self.held += 1
            self.most = max(self.most, self.held)
        self.go.wait(10)
        with self.lock:
            self.held -= 1
        return self.forward(received)


def test_a_slow_round_is_not_overtaken_and_what_passes_meanwhile_is_missed_then_healed(
    house, prom, eventually
):
    line = prom()
    slow = Slow(line.reply)
    with FaultServer("ok", slow) as server:
        house.write(
            sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT9S}}"},
            key_results={"one": "{source: prod, query: vector(60), every: 1s}"},
            cycle="lab",
            cycles="[{id: lab, starts: first run, days: 100, day: 60s}]",
        )
        house.start()
        slow.go.clear()
        slow.most = 0
        house.clock.advance(SECOND)
        house.daemon._alarm.ring()
        eventually(lambda: slow.held == 1)
        for _ in range(5):
            house.clock.advance(SECOND)
            house.daemon._alarm.ring()
            time.sleep(0.05)
        assert slow.held == 1
        transactions = house.daemon.tally.vitals(0).transactions
        time.sleep(0.5)
        assert house.daemon.tally.vitals(0).transactions - transactions <= 5, (
            "the planner waits, it does not spin"
        )
        slow.go.set()
        eventually(lambda: house.daemon.tally.vitals(0).missed >= 4)
        house.step(SECOND, times=2)
        assert slow.most == 1
    slots = [slot for slot, *_ in house.samples("one")]
    assert {SECOND} == {later - earlier for earlier, later in itertools.pairwise(slots)}
    assert "healed" in {origin for _, _, origin in house.samples("one")[-7:]}
    assert house.gaps("one") == []
    assert house.daemon.tally.vitals(0).missed >= 4
