"""What the tests of connectors share: a Prometheus and ticket trackers with a known past."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors import presets, prometheus
from connectors.api import Moment, Question
from connectors.testing import FaultServer

AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _openmetrics() -> str:
    now = int(AS_OF.timestamp())
    lines = []

    def gauge(name, *series):
        lines.append(f"# TYPE {name} gauge")
        for labels, samples in series:
            lines.extend(f"{name}{labels} {value} {stamp}" for stamp, value in samples)

    def steady(value, until=now):
        return [(stamp, value) for stamp in range(now - 7200, until + 1, 60)]

    gauge("answer", ("", steady(42)))
    gauge("half", ("", steady(0.5)))
    gauge("nothing", ("", steady(0)))
    gauge("spoilt", ("", steady("NaN")))
    gauge(
        "latency_ms", ('{service="checkout"}', steady(450)), ('{service="search",zone="eu"}', steady(120.25))
    )
    gauge("dollar", ('{path="a$"}', steady(7)))
    gauge("gone", ("", steady(5, now - 3600)))
    gauge("late", ("", [(now - 130, 9)]))
    gauge(
        "hours", ("", [(now - 3600 * back, 100 - back) for back in range(48, -1, -1) if back not in (5, 6)])
    )
    for n in range(120):
        gauge(f"many_{n}", ("", [(now - 30, n)]))
    return "\n".join(lines)


@pytest.fixture(scope="session")
def as_of() -> datetime:
    """The instant of which the source knows everything."""
    return AS_OF


@pytest.fixture(scope="module")
def known_prometheus(prometheus_with):
    """A real Prometheus that knows what `_openmetrics` says."""
    return prometheus_with(_openmetrics())


@pytest.fixture
def moment_at():
    """Give `at(instant, **changes)`: a moment with a window of an hour in a cycle around it."""

    def at(instant: datetime, window: timedelta = timedelta(hours=1), **changes: datetime) -> Moment:
        until = changes.get("until", instant)
        return Moment(
            instant,
            until,
            until - window,
            AS_OF - timedelta(days=30),
            AS_OF + timedelta(days=60),
            timedelta(minutes=15),
        )

    return at


@pytest.fixture
def ask(moment_at):
    """Give `ask(text, key="q", at=AS_OF, **fields)`: a question."""

    def asking(text: str, key: str = "q", at: datetime = AS_OF, **fields) -> Question:
        return Question(key, text, moment_at(at), **fields)

    return asking


@pytest.fixture
def open_source(known_prometheus):
    """Give `open(**options)`: a connector on the known Prometheus that counts its requests."""
    opened = []

    def opening(**options):
        connector = prometheus.KIND.open(prometheus.PrometheusOptions(url=known_prometheus.url, **options))
        connector.asked = []
        for name in ("instant", "range"):
            _counted(connector, name)
        opened.append(connector)
        return connector

    yield opening
    for connector in opened:
        connector.close()


def _counted(connector, name):
    ask = getattr(connector._api, name)

    def asking(text, *args):
        connector.asked.append((name, text))
        return ask(text, *args)

    setattr(connector._api, name, asking)


@pytest.fixture
def source(open_source):
    return open_source()


@pytest.fixture
def against():
    """Give `against(reply, **options)`: a server that answers with `reply`, and a connector on it."""
    servers, connectors = [], []

    def opening(reply, **options):
        server = FaultServer("ok", reply).__enter__()
        connector = prometheus.KIND.open(prometheus.PrometheusOptions(url=server.url, **options))
        servers.append(server)
        connectors.append(connector)
        return server, connector

    yield opening
    for connector in connectors:
        connector.close()
    for server in servers:
        server.__exit__(None, None, None)


@dataclass(frozen=True)
class Tracker:
    """A running ticket tracker, and the folder it lives in."""

    url: str
    folder: Path


def _tickets(closed: str, open_: str, priorities: tuple[str, str]) -> list[dict]:
    """Eighteen tickets: n % 4 of them in the n-th hour before `AS_OF`, at half past; every third one is closed."""
    found = []
    for back in range(1, 13):
        for n in range(back % 4):
            at = AS_OF - timedelta(hours=back) + timedelta(minutes=30, seconds=n)
            found.append({"title": f"{back} hours back, {n}", "at": at.timestamp()})
    for n, ticket in enumerate(found):
        ticket["status"] = closed if n % 3 == 0 else open_
        ticket["priority"] = priorities[n % 2]
        ticket["customer"] = "acme" if n < 5 else ""
    return found


@contextmanager
def _running(program: str, folder: Path, tickets: list[dict], *words: str):
    """Run one of `trackers` until the end; it prints its port once it has everything."""
    script = Path(__file__).parent / "trackers" / program
    log = folder.with_suffix(".log")
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", script, folder, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
    watchdog = threading.Timer(90, process.kill)
    watchdog.start()
    try:
        process.stdin.write(json.dumps(tickets))
        process.stdin.close()
        port = process.stdout.readline().strip()
        watchdog.cancel()
        if not port.isdecimal():
            pytest.fail(f"{program} did not start: {log.read_text()[-2000:]}")
        yield Tracker(f"http://127.0.0.1:{port}", folder)
    finally:
        watchdog.cancel()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        process.stdout.close()


@pytest.fixture(scope="session")
def roundup_tracker(tmp_path_factory):
    """A real Roundup with eighteen issues: six resolved, twelve chatting."""
    issues = _tickets("resolved", "chatting", ("critical", "bug"))
    with _running("roundup_tracker.py", tmp_path_factory.mktemp("roundup") / "tracker", issues) as tracker:
        yield tracker


@pytest.fixture(scope="session")
def trac_for_all(tmp_path_factory):
    """A real Trac whose eighteen tickets everybody may read: six closed, twelve new."""
    tickets = _tickets("closed", "new", ("critical", "major"))
    with _running("trac_tracker.py", tmp_path_factory.mktemp("trac") / "shop", tickets, "public") as tracker:
        yield tracker


@pytest.fixture(scope="session")
def trac_for_members(tmp_path_factory):
    """The same Trac, whose tickets only `krd` may read."""
    tickets = _tickets("closed", "new", ("critical", "major"))
    with _running("trac_tracker.py", tmp_path_factory.mktemp("trac") / "shop", tickets, "private") as tracker:
        yield tracker


@pytest.fixture
def open_preset(monkeypatch):
    """Give `open(name, url, **options)`: a connector by a preset; `password` and `token` are the secrets themselves."""
    opened = []

    def opening(name, url, **options):
        kind = presets.load(name)
        for secret in ("password", "token"):
            if secret in options:
                monkeypatch.setenv(f"TEST_{secret.upper()}", options[secret])
                options[secret] = {"env": f"TEST_{secret.upper()}"}
        connector = kind.open(kind.options.model_validate({"url": url, **options}))
        opened.append(connector)
        return connector

    yield opening
    for connector in opened:
        connector.close()
