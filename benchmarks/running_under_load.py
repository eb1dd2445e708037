"""Runs a real `krd run` over a store that is weeks old, and reads what memory the process holds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from benchmarks.command import BenchmarkFailed, say
from benchmarks.files_under_load import Promise, write_files
from benchmarks.history_under_load import add_slots, enrol
from benchmarks.prometheus_under_load import Service, services, serving
from collector.app import open_store, read_files
from collector.clock import WallClock
from collector.configuration.settings import Database, Settings

EVERY = timedelta(minutes=15)
"""Distance of the remembered slots."""
ROUND = timedelta(seconds=20)
"""Distance of the slots that are read while it is watched."""
AHEAD = timedelta(minutes=20)
"""For so long the Prometheus knows the future."""
PATIENCE = 180.0
"""Seconds after which what is waited for has failed."""

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Load:
    """How much the process holds, and for how long it is watched."""

    count: int = 1000
    days: int = 14
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """Resident memory in MiB, and the scrape."""

    started: float
    later: float
    peak: float
    scrape_seconds: float
    scrape_bytes: int
    samples: int


def watch(load: Load, seed: int) -> Seen:
    """Run krd, and look. Raises `BenchmarkFailed` when it does not read every key result."""
    every = services(load.count, seed)
    now = WallClock().now()
    with tempfile.TemporaryDirectory(prefix="krd-benchmark-") as name:
        folder = Path(name)
        known = [now + minute * timedelta(minutes=1) for minute in range(-6, AHEAD // timedelta(minutes=1))]
        say(f"filling a Prometheus with {load.count} histograms")
        with serving(every, known, folder / "prometheus") as server:
            today = now.date()
            promise = Promise(
                server.url,
                today - timedelta(days=load.days - 1),
                today + timedelta(days=60),
                every=f"{ROUND.seconds}s",
                timezone="UTC",
            )
            krd = write_files(folder / "config", every, promise)
            say(f"giving the store {load.days} days of samples")
            store = f"sqlite:///{folder / 'krd.db'}"
            samples = _remember(krd, store, every, load, seed)
            say("starting krd run")
            with _running(krd, store, folder / "output") as running:
                return running.seen(load, samples)


def _remember(krd: Path, store: str, every: Sequence[Service], load: Load, seed: int) -> int:
    """Fill the store up to this moment, and give the number of samples."""
    now = WallClock().now()
    okrs = read_files(krd, now).configuration.okrs
    opened = open_store(Settings(database=Database(url=SecretStr(store))))
    count = 0
    try:
        pasts = enrol(opened, okrs.key_results, every, now, seed)
        begins = pasts[0].key_result.cycle.starts
        for day in range(load.days):
            slots = _slots(begins + day * timedelta(days=1), now)
            add_slots(opened, pasts, slots, closed=day < load.days - 1)
            count += len(slots) * len(pasts)
    finally:
        opened.close()
    return count


def _slots(midnight: datetime, now: datetime) -> list[datetime]:
    """Give the slots of a UTC day; today's last one is the newest that krd reads, so that it has nothing to heal."""
    slots = [midnight + number * EVERY for number in range(1, 97)]
    if slots[-1] <= now:
        return slots
    newest = datetime.fromtimestamp(now.timestamp() // ROUND.seconds * ROUND.seconds, UTC)
    return [*(slot for slot in slots if slot < newest), newest]


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    output: Path

    def seen(self, load: Load, samples: int) -> Seen:
        self._wait_for(lambda: self._said() is not None, "tell its address")
        self._wait_for(lambda: self._get("readyz") is not None, "get ready")
        self._wait_for(lambda: self._readings() >= load.count, "keep a first round")
        started = self._memory("VmRSS")
        wanted = self._readings() + load.rounds * load.count
        self._wait_for(lambda: self._readings() >= wanted, f"keep {load.rounds} more rounds")
        later = self._memory("VmRSS")
        began = time.perf_counter()
        scraped = self._get("metrics") or b""
        seconds = time.perf_counter() - began
        if scraped.count(b"krd_key_result_current{") != load.count:
            raise BenchmarkFailed(f"/metrics does not show {load.count} key results")
        return Seen(started, later, self._memory("VmHWM"), seconds, len(scraped), samples)

    def _said(self) -> str | None:
        found = re.search(r"key results?: (http\S+/)", self.output.read_text("utf-8", errors="replace"))
        return found[1] if found else None

    def _readings(self) -> int:
        """Count what was read so far, live: each look is a scrape, as Prometheus would make."""
        found = re.search(rb"^krd_readings_total (\S+)$", self._get("metrics") or b"", re.MULTILINE)
        return int(float(found[1])) if found else 0

    def _memory(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.split(f"{name}:")[1].split()[0]) / 1024

    def _get(self, path: str) -> bytes | None:
        try:
            with _DIRECT.open(f"{self._said()}{path}", timeout=30) as answer:
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError:
            return None

    def _wait_for(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline or self.process.poll() is not None:
                said = self.output.read_text("utf-8", errors="replace").strip()[-500:]
                raise BenchmarkFailed(f"krd run did not {what} within {PATIENCE:.0f} s: {said}")
            time.sleep(1)


@contextmanager
def _running(krd: Path, store: str, output: Path) -> Iterator[_Running]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRD_")}
    environment |= {"KRD_WEB__LISTEN": "127.0.0.1:0", "KRD_LOG__LEVEL": "warning"}
    command = [sys.executable, "-m", "collector", "run", "--config", str(krd), "--database", store]
    with output.open("wb") as written:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=written, stderr=written
        )
    try:
        yield _Running(process, output)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
