"""Stopping is bounded: by the drain, not by a source, a full queue, or a store that refuses."""

import threading
import time
from datetime import timedelta

from collector.app import Running, build
from collector.daemon.pool import Pool
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.daemon.writer import Work, Writer
from collector.errors import StoreError

PROM = "{{kind: prometheus, url: '{url}', timeout: PT7S}}"


def test_a_source_that_hangs_does_not_hold_up_the_end(house, prom):
    house.drain = 1.0
    house.write(
        sources={"prod": PROM.format(url=prom("hang").url)},
        key_results={"one": "{source: prod, query: vector(60)}"},
    )
    house.running = Running(build(house.settings, house.clock))
    house.running.start()
    began = time.monotonic()
    house.running.daemon.stop()
    assert time.monotonic() - began < 5.5


def test_a_stopped_pool_drops_what_has_not_begun_and_takes_nothing_more():
    pool, go, ran = Pool(), threading.Event(), []
    flights = [
        pool.submit("a", lambda number: (go.wait(10), ran.append(number)), number) for number in range(6)
    ]
    while sum(flight.running() for flight in flights) < 4:
        time.sleep(0.01)
    pool.stop()
    late = pool.submit("a", ran.append, 99)
    go.set()
    pool.join(timedelta(seconds=5))
    assert sorted(ran) == [0, 1, 2, 3]
    assert [flight.cancelled() for flight in [*flights, late]] == [False] * 4 + [True] * 2 + [True]


def test_a_slow_source_holds_up_no_other():
    pool, go = Pool(), threading.Event()
    for _ in range(20):
        pool.submit("slow", go.wait, 10)
    pool.submit("quick", lambda: None).result(5)
    go.set()
    pool.stop()
    pool.join(timedelta(seconds=5))


class Refusing:
    """Books of a store that never takes anything."""

    def keep(self, *_, **__):
        raise StoreError("the disk is full")


def test_a_writer_whose_store_refuses_and_whose_queue_is_full_still_ends(house, monkeypatch):
    monkeypatch.setattr("collector.daemon.writer.LONGEST_QUEUE", 2)
    writer = Writer(Refusing(), Watch([]), Tally(house.clock.now()), house.clock, lambda *_: None)
    writer.start()
    givers = [threading.Thread(target=writer.put, args=(Work(),), daemon=True) for _ in range(60)]
    for giver in givers:
        giver.start()
    began = time.monotonic()
    assert not writer.stop(timedelta(seconds=0.5))
    for giver in givers:
        giver.join(5)
    assert time.monotonic() - began < 5
    assert not any(giver.is_alive() for giver in givers), "who waits to hand something over is let go"


def sources_threads():
    return [one for one in threading.enumerate() if one.name.startswith("source-") and one.is_alive()]


def test_a_daemon_that_stops_asks_for_no_further_portion_of_the_past(house, prom, monkeypatch, eventually):
    monkeypatch.setattr("collector.services.heal.PORTION", 20)
    monkeypatch.setattr("collector.daemon.batch.LONGEST", 0.0)  # as of a source that answers slowly
    house.write(
        sources={"prod": PROM.format(url=prom().url)},
        key_results={"one": "{source: prod, query: vector(60), every: 15m}"},
    )
    house.running = Running(build(house.settings, house.clock))
    house.running.start()
    eventually(lambda: len(house.samples("one")) > 100)
    began = time.monotonic()
    house.daemon.stop(timedelta(seconds=5))

    assert time.monotonic() - began < 4
    assert house.daemon.ended
    eventually(lambda: not sources_threads(), 3)
    ((since,),) = house.rows("SELECT heal_since FROM currents")
    assert since is not None, "the rest is for the next daemon"


def test_what_healing_threads_write_is_moved_under_their_lock(house, prom):
    house.write(
        sources={"prod": PROM.format(url=prom().url)},
        key_results={"one": "{source: prod, query: vector(60), every: 1h}"},
    )
    house.start()
    daemon, seen = house.daemon, []

    class Watched(dict):
        def items(self):
            seen.append(daemon._healing._passes._lock.locked())
            return super().items()

    daemon._healing._passes._rests = Watched()
    daemon._jumps.jumped = lambda: timedelta(hours=1)
    daemon._mind_the_clock()
    assert seen == [True]
