"""A thousand connections that are cut at a random byte while changes are being kept: no gap, and nothing twice."""

import json
import random
import socket
import threading
import time

import pytest

from collector.domain.alert import AlertKind, Condition
from collector.web import event_stream

SEED = 20261122
CUTS = 1_000
MOST_BYTES = 3_000
"""Each connection is cut after so many bytes at most: within the headers, within an event, or after some."""
SECONDS = 60


class Reader:
    """Goes on after the last event that it saw whole, as a browser does."""

    def __init__(self, address):
        self._address = address
        self.last, self.seen, self.resets = "0", [], []

    def connect(self, budget, patience):
        """Read until `budget` bytes came, or none for `patience` seconds; then hang up."""
        with socket.create_connection(self._address, timeout=10) as connection:
            asked = (
                f"GET /api/v1/alerts/stream HTTP/1.0\r\nHost: localhost\r\nLast-Event-ID: {self.last}\r\n\r\n"
            )
            connection.sendall(asked.encode())
            connection.settimeout(patience)
            answer = b""
            try:
                while len(answer) < budget and (more := connection.recv(budget - len(answer))):
                    answer += more
            except TimeoutError:
                pass
        _, _, stream = answer.partition(b"\r\n\r\n")
        for block in stream.split(b"\n\n")[:-1]:
            self._take(dict(line.split(": ", 1) for line in block.decode().split("\n")))

    def _take(self, fields):
        self.last = fields.get("id", self.last)
        match fields.get("event"):
            case "alert":
                self.seen.append(json.loads(fields["data"])["seq"])
            case "reset":
                self.resets.append(fields["data"])


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Look for news often, and hold so few changes that readers come from the store as well."""
    monkeypatch.setattr(event_stream, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(event_stream, "REMEMBERED", 5)


def test_a_thousand_cuts_leave_no_gap_and_no_duplicate(stored, server, store, happen):
    print(f"seed {SEED}")
    happenings, cuts = random.Random(SEED), random.Random(SEED + 1)
    done, deadline = threading.Event(), time.monotonic() + SECONDS
    kinds = (AlertKind.DRIFT, AlertKind.BREACH, AlertKind.STALE)

    def write():
        while not done.wait(happenings.choice((0, 0, 0, 0.02))) and time.monotonic() < deadline:
            condition = happenings.choice((Condition.FIRING, Condition.CLEAR))
            happen(condition, happenings.choice(kinds), f"2026-Q4:checkout/kr-{happenings.randrange(20)}")

    address = server._listener.getsockname()
    writer, cut, steady = threading.Thread(target=write), Reader(address), Reader(address)
    beside = threading.Thread(target=steady.connect, args=(10**9, 3))
    beside.start()
    writer.start()
    for _ in range(CUTS):
        assert time.monotonic() < deadline, f"seed {SEED}"
        cut.connect(cuts.randrange(1, MOST_BYTES), patience=0.03)
    done.set()
    writer.join(10)
    cut.connect(10**9, patience=1)
    beside.join(10)
    with store.read() as tx:
        kept = [item.seq for item in tx.transitions(0, 10**6)]

    assert len(kept) > 100
    assert cut.seen == kept, f"seed {SEED}"
    assert steady.seen == kept, f"seed {SEED}"
    assert cut.resets + steady.resets == [], f"seed {SEED}"
