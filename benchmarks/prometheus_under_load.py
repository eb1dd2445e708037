"""A real Prometheus that holds the latency histograms of a thousand services, and tells what CPU time it took.

Its past is made as text and turned into blocks by promtool, so that every run with one seed reads the same numbers.
"""

from __future__ import annotations

import math
import os
import random
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import NormalDist

from benchmarks.command import BenchmarkFailed
from collector.lab.loopback import HOST, port_of, reserve
from collector.provision import prometheus, promtool

BUCKETS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.2, 2.0, 5.0)
"""Upper bounds in seconds; with +Inf a histogram has twelve series."""
SCRAPE = timedelta(seconds=30)
WINDOW = timedelta(minutes=5)
SHARED = "max by (service) (request_seconds_p95)"
"""One text that asks for a number of every service."""
SPREAD = 0.5
"""Standard deviation of the logarithm of a latency."""
READY_SECONDS = 60.0

_NORMAL = NormalDist()
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Service:
    """One service whose latencies are log-normal."""

    name: str
    median: float
    """Seconds."""
    requests: float
    """A second."""

    @property
    def query(self) -> str:
        """The text that asks for its 95th percentile over the last five minutes."""
        return (
            "histogram_quantile(0.95, sum by (le) "
            f'(rate(request_seconds_bucket{{service="{self.name}"}}[{WINDOW // timedelta(minutes=1)}m])))'
        )

    @property
    def p95(self) -> float:
        """What that answers, but for the width of the buckets; seconds."""
        return self.median * math.exp(SPREAD * _NORMAL.inv_cdf(0.95))


def services(count: int, seed: int) -> list[Service]:
    """Make services up, each unlike the others."""
    chance = random.Random(seed)
    return [
        Service(f"svc{number:04d}", chance.uniform(0.08, 0.8), chance.uniform(2, 200))
        for number in range(count)
    ]


@dataclass(frozen=True, slots=True)
class Server:
    """A running Prometheus."""

    url: str
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Give the CPU time it has taken so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def serving(every: Sequence[Service], instants: Iterable[datetime], folder: Path) -> Iterator[Server]:
    """Run a Prometheus in `folder` that can answer the services' queries at `instants` and half a minute around them.

    Raises `BenchmarkFailed` when it does not come up, and `SetupFailed` when there is none to be had.
    """
    folder.mkdir(parents=True)
    past = folder / "past.txt"
    with past.open("w", encoding="ascii") as lines:
        lines.writelines(_openmetrics(every, _scrapes(instants)))
    make: list[str | Path] = [
        promtool(),
        "tsdb",
        "create-blocks-from",
        "--max-block-duration=1000h",
        "openmetrics",
    ]
    made = subprocess.run([*make, past, folder / "data"], capture_output=True, text=True, check=False)
    past.unlink()
    if made.returncode:
        raise BenchmarkFailed(f"promtool made no blocks of the past: {made.stderr.strip()[-500:]}")
    place = reserve()
    server = _launch(folder, port_of(place))
    try:
        _await_ready(server, folder)
        yield server
    finally:
        server.process.terminate()
        server.process.wait(30)
        place.close()


def _scrapes(instants: Iterable[datetime]) -> list[int]:
    """Give the seconds at which the services were scraped: those that a query at one of the instants looks at."""
    step = int(SCRAPE.total_seconds())
    found: set[int] = set()
    for instant in instants:
        last = int(instant.timestamp()) // step * step
        found.update(range(last - int(WINDOW.total_seconds()) - step, last + step + 1, step))
    return sorted(found)


def _openmetrics(every: Sequence[Service], scrapes: Sequence[int]) -> Iterator[str]:
    yield "# TYPE request_seconds histogram\n"
    bounds = [*((str(bound), math.log(bound)) for bound in BUCKETS), ("+Inf", math.inf)]
    for service in every:
        middle = math.log(service.median)
        for bound, logarithm in bounds:
            share = _NORMAL.cdf((logarithm - middle) / SPREAD) if logarithm < math.inf else 1.0
            rate = service.requests * share
            head = f'request_seconds_bucket{{service="{service.name}",le="{bound}"}}'
            yield "".join(f"{head} {int(rate * (second - scrapes[0]))} {second}\n" for second in scrapes)
    yield "# TYPE request_seconds_p95 gauge\n"
    for service in every:
        head = f'request_seconds_p95{{service="{service.name}"}}'
        yield "".join(f"{head} {service.p95} {second}\n" for second in scrapes)
    yield "# EOF\n"


def _launch(folder: Path, port: int) -> Server:
    (folder / "prometheus.yml").write_text("", "ascii")
    command = [
        str(prometheus()),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address={HOST}:{port}",
        "--log.level=warn",
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={})
    return Server(f"http://{HOST}:{port}", process)


def _await_ready(server: Server, folder: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(f"{server.url}/-/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    said = (folder / "log").read_text("utf-8", errors="replace").strip()[-500:]
    raise BenchmarkFailed(f"Prometheus did not get ready within {READY_SECONDS:.0f} s: {said}")
