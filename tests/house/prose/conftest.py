"""A reader who does what the pages say: types every command in a folder of their own, and writes every YAML where it belongs."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.forked import forked

ROOT = Path(__file__).resolve().parent.parent.parent.parent
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w-]+)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
DAY = 86_400


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    body: str

    @property
    def commands(self) -> list[str]:
        """What stands behind the prompts of a console block."""
        return [line.removeprefix("$ ").strip() for line in self.body.splitlines() if line.startswith("$ ")]


def blocks_of(path: Path) -> list[Block]:
    """Give the fenced blocks of a page, without the indent of the list they stand in."""
    found = []
    for match in _FENCE.finditer(path.read_text("utf-8")):
        indent = match["indent"]
        lines = [line.removeprefix(indent) for line in match["body"].splitlines()]
        found.append(Block(match["language"], "\n".join(lines) + "\n"))
    return found


@pytest.fixture(scope="session")
def blocks():
    """Give `blocks(path)` for a path below the root."""
    return lambda name: blocks_of(ROOT / name)


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@dataclass
class Reader:
    """Someone at a shell."""

    folder: Path
    environment: dict[str, str]
    running: list[subprocess.Popen] = field(default_factory=list)

    def type(self, command: str, *, seconds: float = 90, folder: Path | None = None) -> Ran:
        """Run a command as it stands, `krd` and `python3` being those of this checkout; `cd` is remembered."""
        words = shlex.split(command, comments=True)
        if words[0] == "cd":
            self.folder /= words[1]
            return Ran(0 if self.folder.is_dir() else 1, "", "")
        where = folder or self.folder
        if self._may_be_forked(words, where):
            told = forked(words[1:], where, self.environment, seconds)
        else:
            told = subprocess.run(
                _ours(words),
                cwd=where,
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        return Ran(told.returncode, told.stdout, told.stderr)

    def _may_be_forked(self, words: list[str], where: Path) -> bool:
        """A command that ends by itself, of this very checkout: nothing else shadows it."""
        ours = self.environment.get("PYTHONPATH") == str(ROOT)
        shadowed = any((where / name).exists() for name in ("collector", "connectors"))
        return words[0] == "krd" and words[1:2] not in (["run"], ["demo"]) and ours and not shadowed

    def start(self, command: str) -> subprocess.Popen:
        """Run a command that stays; it ends with the reader."""
        with (self.folder / "said").open("wb") as said:
            process = subprocess.Popen(
                _ours(shlex.split(command)), cwd=self.folder, env=self.environment, stdout=said, stderr=said
            )
        self.running.append(process)
        return process

    def wait_until(self, command: str, good, seconds: float = 60) -> Ran:
        """Type a command again and again until `good(ran)`."""
        deadline = time.monotonic() + seconds
        while True:
            ran = self.type(command)
            if good(ran):
                return ran
            if time.monotonic() > deadline:
                pytest.fail(f"`{command}` never came to that: {ran.code}\n{ran.out}\n{ran.err}\n{self.said}")
            time.sleep(0.5)

    @property
    def said(self) -> str:
        """What the command that stays has said."""
        return (self.folder / "said").read_text("utf-8")

    def leave(self) -> list[int]:
        """End what was started; give the exit codes."""
        codes = []
        for process in self.running:
            process.send_signal(signal.SIGTERM)
            try:
                codes.append(process.wait(40))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(process.wait(5))
        self.running.clear()
        return codes


def _ours(words: list[str]) -> list[str]:
    match words:
        case ["krd", *rest]:
            return [sys.executable, "-m", "collector", *rest]
        case ["python3", *rest]:
            return [sys.executable, *rest]
        case _:
            pytest.fail(f"no test knows how to run `{' '.join(words)}`")


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A shell in an empty folder, whose variables name nothing of this machine's krd."""
    folder = tmp_path_factory.mktemp("reader")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KRD_", "PYTEST"))}
    tools = {name: os.environ[name] for name in ("KRD_ALERTMANAGER", "KRD_PROMETHEUS") if name in os.environ}
    environment = {
        **kept,
        **tools,
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        "KRD_WEB__LISTEN": "127.0.0.1:0",
    }
    someone = Reader(folder, environment)
    yield someone
    someone.leave()


@pytest.fixture(scope="module")
def inbox():
    """A receiver on loopback that takes every message, and keeps it."""
    kept = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self):
            kept.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", kept=kept)
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture(scope="module")
def shop_prometheus(prometheus_with):
    """A real Prometheus with forty days of a shop, up to an hour from now."""
    now = int(time.time()) // 120 * 120
    stamps = range(now - 40 * DAY, now + 3600, 120)

    def series(name, kind, value_at):
        return [
            f"# TYPE {name.partition('{')[0]} {kind}",
            *(f"{name} {value_at(n)} {at}" for n, at in enumerate(stamps)),
        ]

    lines = [
        *series('http_requests_total{code="200"}', "counter", lambda n: 600 * n),
        *series('p95_ms{service="checkout"}', "gauge", lambda n: 880 + n % 40),
        *series('up{job="shop"}', "gauge", lambda n: 1),
    ]
    return prometheus_with("\n".join(lines))


@pytest.fixture(scope="module")
def shop_warehouse(tmp_path_factory):
    """A real SQLite warehouse with forty days of orders."""
    file = tmp_path_factory.mktemp("warehouse") / "warehouse.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE orders (at TEXT, amount REAL)")
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 960) "
            "INSERT INTO orders SELECT datetime('now', '-' || i || ' hours'), 20 + i % 7 FROM n"
        )
    return file
