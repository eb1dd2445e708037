"""Fills a store with the readings of old cycles, and lets go of them: by the daemon's portions, and all at once beside it."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.command import BenchmarkFailed, say
from collector.clock import SetClock
from collector.daemon.retention import Retention
from collector.daemon.tally import Tally
from collector.domain.calendar import BriefBefore, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.measure import Binding, Query
from collector.domain.okr import KeyResult, Okrs
from collector.domain.sample import Sample
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.span import Span
from collector.ports.store import Current, Store
from collector.store import engine

DAYS = 90
STARTS = tuple(date(2025, 1, 1) + timedelta(days=DAYS * number) for number in range(6))
"""First days of the cycles. The last one is running; of the others the two that ended last keep their readings."""
PRUNED = 3
"""So many may go."""
HOUR = timedelta(hours=1)
ZONE = ZoneInfo("UTC")
TEN = clock_time(10)


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is."""

    key_results: int = 100
    """Of each cycle."""
    hours: int = 24 * DAYS
    """Readings of each, one an hour."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What letting go of it cost."""

    portions: Sequence[float]
    """Seconds of each portion."""
    at_once: float
    """Seconds of one statement that deletes the same rows, with its commit."""
    pruned: int
    kept: int


def prune(load: Load, seed: int) -> Seen:
    """Fill a store, and prune it both ways. Raises `BenchmarkFailed` when other rows are gone than should be."""
    cycles = [
        Cycle(f"cycle-{number}", CalendarDays(ZONE, starts), DAYS) for number, starts in enumerate(STARTS)
    ]
    everything = [_key_result(cycle, number) for cycle in cycles for number in range(load.key_results)]
    live = [one for one in everything if one.cycle is cycles[-1]]
    with tempfile.TemporaryDirectory(prefix="krd-benchmark-") as name:
        file, copy = Path(name) / "krd.db", Path(name) / "copy.db"
        say(f"giving {len(everything)} key results {load.hours:,} readings each")
        store = engine.open(f"sqlite:///{file}")
        try:
            old = _fill(store, everything, load, seed)[: PRUNED * load.key_results]
            _copy(file, copy)
            say("pruning in portions")
            portions = list(_portions(store, live, len(old) * load.hours))
        finally:
            store.close()
        say("pruning a copy at once")
        at_once = _at_once(copy, old)
        left, left_at_once = _count(file), _count(copy)
    kept = (len(everything) - len(old)) * load.hours
    if (left, left_at_once) != (kept, kept):
        raise BenchmarkFailed(f"{left:,} and {left_at_once:,} readings are left, {kept:,} should be")
    return Seen(portions, at_once, len(old) * load.hours, kept)


def _key_result(cycle: Cycle, number: int) -> KeyResult:
    day = Span(days=1)
    binding = Binding(source="house", form=Query("SELECT 1"), every=day, window=day)
    return KeyResult(
        address=f"shop/kr-{number}",
        title="Answer sooner",
        objective="shop/quick",
        team="shop",
        owner="li",
        commitment=Commitment.COMMITTED,
        cycle=cycle,
        calendar=Calendar(cycle, WeeklySync(0, TEN), BriefBefore(Span(days=1))),
        shape=Reach(Typed(1000), 100),
        binding=binding,
        document="{}",
    )


def _fill(store: Store, key_results: Sequence[KeyResult], load: Load, seed: int) -> list[int]:
    """Give each its readings, and its series in the order of the key results."""
    chance = random.Random(seed)
    with store.write() as tx:
        enrolments = tx.enrol(list(key_results), key_results[0].cycle.starts)
    series = [enrolments[one.key].series for one in key_results]
    for number, key_result in zip(series, key_results, strict=True):
        slots = [key_result.cycle.starts + HOUR * (hour + 1) for hour in range(load.hours)]
        with store.write() as tx:
            tx.add_samples([(number, Sample(slot, chance.gauss(900, 30), slot, slot)) for slot in slots])
            tx.put_currents([Current(number, covered=slots[-1])])
    return series


def _portions(store: Store, live: Sequence[KeyResult], rows: int) -> Iterator[float]:
    """Give the seconds of each portion, until nothing is left to be let go."""
    cycle = live[0].cycle
    okrs = Okrs({one.key: one for one in live}, {}, {}, {}, {("shop", cycle.id): live[0].calendar}, {})
    clock = SetClock(cycle.starts + timedelta(days=40))
    tally = Tally(clock.now())
    retention = Retention(store, okrs, tally, clock)
    while tally.vitals(0).pruned < rows:
        gone = tally.vitals(0).pruned
        began = time.perf_counter()
        retention.portion()
        yield time.perf_counter() - began
        if tally.vitals(0).pruned == gone:
            raise BenchmarkFailed(f"only {gone:,} of {rows:,} readings were pruned")


def _copy(file: Path, copy: Path) -> None:
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _at_once(copy: Path, series: Sequence[int]) -> float:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        began = time.perf_counter()
        with connection:
            connection.execute(
                "DELETE FROM samples WHERE series IN (SELECT value FROM json_each(?))", (str(list(series)),)
            )
        return time.perf_counter() - began


def _count(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        (found,) = connection.execute("SELECT count(*) FROM samples").fetchone()
        return int(found)
