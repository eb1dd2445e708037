"""What every test may ask for: a clean environment, free ports, a real Prometheus with a past of one's choice, and a real
Alertmanager; and the report of the connectors' promises that do not apply.
"""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector import provision

# Here and not beside the connectors' tests: the process that shares files out among workers reads this conftest only.
from connectors.testing.plugin import pytest_terminal_summary  # noqa: F401 - pytest finds the hook by its name

CI = os.environ.get("CI", "").lower() not in ("", "0", "false", "no")
TOOLS = ("KRD_ALERTMANAGER", "KRD_PROMETHEUS", "KRD_TEST_PG_URL")
"""Variables that name a program or a server of this machine; all others are settings, and a test sets its own."""


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("KRD_") and name not in TOOLS]:
        del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Import the tests without looking for garbage, and never look through them for it later: it takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mix the folders where workers share the files, so that tests that wait for servers run beside tests that compute."""
    if not hasattr(config, "workerinput"):
        return
    folders: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(item.path for item in items):
        folders.setdefault(path.parent, []).append(path)
    place = {path: n / len(paths) for paths in folders.values() for n, path in enumerate(paths)}
    items.sort(key=lambda item: place[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    return _without_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    return _without_skips((yield))


def _without_skips(report):
    """Turn a skip into a failure where CI runs: there every tool is set up, so a skip hides a promise unchecked."""
    if CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped in CI, where nothing may be: {reason}"
    return report


@pytest.fixture(scope="session")
def put_store(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Give `put(folder)`: a store that is as new, `krd.db`, put into a folder. Making one takes 60 ms, a copy of it 2."""
    from collector.store import engine  # noqa: PLC0415 - the process that shares files out needs no database

    made = tmp_path_factory.mktemp("store") / "krd.db"
    engine.open(f"sqlite:///{made}").close()
    return lambda folder: Path(shutil.copy(made, folder / "krd.db"))


@pytest.fixture(scope="session")
def new_port(worker_id: str) -> Callable[[], int]:
    """Give a function that names a free loopback port, another one each time.

    They come from a range of each worker's own below the ports that the system hands out by itself, so nobody takes
    one between the asking and the use.
    """
    start = 20000 + 1500 * int(worker_id.removeprefix("gw") if worker_id != "master" else 7)
    candidates = itertools.cycle(range(start, start + 1500))

    def find() -> int:
        for port in itertools.islice(candidates, 1500):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            return port
        pytest.fail(f"no free port between {start} and {start + 1499}")

    return find


@pytest.fixture
def free_port(new_port: Callable[[], int]) -> int:
    """Name one free loopback port."""
    return new_port()


@pytest.fixture(scope="session")
def prometheus_binary() -> Path:
    """Give a real Prometheus; where there is none this fails, for a missing tool is no reason to skip."""
    return provision.prometheus()


@pytest.fixture(scope="session")
def alertmanager_binary() -> Path:
    """Give a real Alertmanager; where there is none this fails, for a missing tool is no reason to skip."""
    return provision.alertmanager()


@dataclass
class Server:
    """A running server: its address, its process, and the folder with its log and its data."""

    url: str
    process: subprocess.Popen
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def stop(self) -> None:
        """End the process and wait for it; once stopped, nothing happens."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


@pytest.fixture(scope="module")
def prometheus(
    prometheus_binary: Path, new_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Server]]:
    """Give `start(config="", *flags, folder=None, port=None)`; what it started ends with the module.

    `config` is the text of a prometheus.yml. `folder` may hold a `data` folder from before, so that a stopped server
    can be started again on what it knew; `port` puts it where another one was.
    """
    running: list[Server] = []

    def start(config: str = "", *flags: str, folder: Path | None = None, port: int | None = None) -> Server:
        folder = folder or tmp_path_factory.mktemp("prometheus")
        server = _launch(prometheus_binary, config, flags, folder, port or new_port())
        running.append(server)
        _await_ready(server)
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="module")
def prometheus_with(
    prometheus: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Server]:
    """Give `start(text)`: a Prometheus whose past is the OpenMetrics text (`name{label="x"} value seconds` a line)."""

    def start(text: str, *flags: str) -> Server:
        folder = tmp_path_factory.mktemp("prometheus")
        lines = folder / "past.txt"
        spoken = [
            line for line in text.splitlines() if line.strip() and line != "# EOF"
        ]  # the format has no empty lines
        lines.write_text("\n".join([*spoken, "# EOF\n"]))
        # long blocks: with the usual 2 h a quarter of a year takes a minute instead of a moment
        promtool = [
            provision.promtool(),
            "tsdb",
            "create-blocks-from",
            "--max-block-duration=1000h",
            "openmetrics",
        ]
        made = subprocess.run(
            [*promtool, lines, folder / "data"], capture_output=True, text=True, timeout=60, check=False
        )
        if made.returncode:
            pytest.fail(f"promtool cannot make blocks of this past: {made.stderr}")
        return prometheus("", *flags, folder=folder)

    return start


@pytest.fixture(scope="session")
def alertmanager(
    alertmanager_binary: Path, new_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Server]]:
    """Give `start(config, *flags, folder=None, port=None)`; what it started ends with the session.

    `config` is the text of an alertmanager.yml. It speaks to no cluster. `folder` and `port` as with `prometheus`: what
    it keeps in `data` are silences and what it said to whom, never alerts.
    """
    running: list[Server] = []

    def start(config: str, *flags: str, folder: Path | None = None, port: int | None = None) -> Server:
        folder, port = folder or tmp_path_factory.mktemp("alertmanager"), port or new_port()
        (folder / "alertmanager.yml").write_text(config)
        command = [
            alertmanager_binary,
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            *flags,
        ]
        server = _started(command, folder, port)
        running.append(server)
        _await_ready(server)
        return server

    yield start
    for server in running:
        server.stop()


def _launch(binary: Path, config: str, flags: tuple[str, ...], folder: Path, port: int) -> Server:
    (folder / "prometheus.yml").write_text(config)
    command = [
        binary,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address=127.0.0.1:{port}",
        *flags,
    ]
    return _started(command, folder, port)


def _started(command: list[str | Path], folder: Path, port: int) -> Server:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return Server(f"http://127.0.0.1:{port}", process, folder)


def _await_ready(server: Server) -> None:
    deadline = time.monotonic() + 30
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(f"{server.url}/-/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    server.stop()
    pytest.fail(f"{Path(server.process.args[0]).name} did not get ready:\n{server.log[-2000:]}")
