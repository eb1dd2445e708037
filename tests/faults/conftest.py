"""A krd in a process of its own, to be killed, starved and watched from outside."""

import json
import os
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import DEVNULL

import pytest

from connectors.testing import FaultServer
from connectors.testing.fault_server import response
from tests.forked import Forked, forked

ROOT = Path(__file__).resolve().parent.parent.parent


def eventually(found, within=30.0):
    ends = time.monotonic() + within
    while not (answer := found()):
        assert time.monotonic() < ends, f"never came: {answer!r}"
        time.sleep(0.02)
    return answer


@pytest.fixture(name="eventually")
def eventually_fixture():
    return eventually


def unbroken(rows, series):
    """Give the slots of a series that is read each second, none missing but what a busy machine had no time for just before
    the end: that is a gap, to be asked for at the next start.
    """
    slots = [slot for (slot,) in rows(f"SELECT slot FROM samples WHERE series = {series} ORDER BY slot")]
    [(since,)] = rows(f"SELECT heal_since FROM currents WHERE series = {series}")
    missing = {*range(slots[0], slots[-1], 1000)} - {*slots}
    if missing:
        assert since is not None
        assert min(missing) > max(since, slots[-1] - 5000)
        assert missing <= {slot for (slot,) in rows(f"SELECT slot FROM gaps WHERE series = {series}")}
    return slots


@pytest.fixture(name="unbroken")
def unbroken_fixture():
    return unbroken


class Receiver:
    """A webhook receiver; `hook(id)` may run code after a letter came in and before it is answered."""

    def __init__(self):
        self.letters = []
        self.after = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.letters.append((self.headers["webhook-id"], json.loads(body)["data"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()
                self.wfile.flush()
                if receiver.after is not None:
                    receiver.after()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def source(prometheus):
    """Give a real Prometheus behind a line that misbehaves when told (`.mode`) and counts requests."""
    url = prometheus().url
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def reply(received):
        asked = urllib.request.Request(url + received.target, received.body or None, method=received.method)
        asked.add_header("content-type", received.headers.get("content-type", "text/plain"))
        try:
            with direct.open(asked, timeout=10) as answer:
                return response("200 OK", answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return response(f"{error.code} Refused", error.read())

    with FaultServer("ok", reply) as server:
        yield server


class Krd:
    """`krd` as a person runs it, in a folder with its files and its store."""

    def __init__(self, root, port):
        self.root, self.port = root, port
        self.process = None
        self.log = root / "log"
        self.environment = {}

    def write(self, krd, okrs):
        (self.root / "krd.yaml").write_text(krd)
        (self.root / "okrs").mkdir(exist_ok=True)
        (self.root / "okrs" / "shop.yaml").write_text(okrs)

    def lab(self, source, receiver, *, count=5, day="6s", timeout="PT0.5S", every="1s", query="vector(60)"):
        """Write a cycle of short days with `count` key results read each second."""
        key_results = "\n".join(
            f"      - {{id: kr-{n}, title: 'Do {n}', commitment: committed, from: 100, to: 50,"
            f" measure: {{source: prod, every: {every}, query: {query}}}}}"
            for n in range(count)
        )
        self.write(
            f"timezone: Europe/Berlin\ncycles: [{{id: lab, starts: first run, days: 100, day: {day}}}]\n"
            "people: {li: {name: Li}}\nteams: {shop: {lead: li, sync: {every: 7d, brief: 1d}}}\n"
            f"sources: {{prod: {{kind: prometheus, url: '{source.url}', timeout: {timeout}, owner: li}}}}\n"
            + (f"notify: {{hook: {{kind: webhook, url: '{receiver.url}'}}}}\n" if receiver else ""),
            f"team: shop\ncycle: lab\nobjectives:\n  - id: good\n    title: Be good\n    key_results:\n{key_results}\n",
        )

    def command(self, *arguments):
        """Run a verb to its end."""
        return forked(arguments, self.root, self._environment())

    def start(self, wait=True, begin=Forked):
        """Begin `krd run`; with `wait`, until it says that it watches."""
        seen = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = begin(
                ["run"], cwd=self.root, env=self._environment(), stdin=DEVNULL, stdout=log, stderr=log
            )
        if wait:
            eventually(lambda: b"krd watches" in self.log.read_bytes()[seen:] or self._died())
        return self.process

    def _died(self):
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        return False

    def _environment(self):
        return {
            **{name: text for name, text in os.environ.items() if not name.startswith("KRD_")},
            "PYTHONPATH": str(ROOT),
            "KRD_WEB__LISTEN": f"127.0.0.1:{self.port}",
            "KRD_LOG__FORMAT": "json",
            "KRD_DAEMON__DRAIN": "5",
            **self.environment,
        }

    def kill(self, number=signal.SIGKILL):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30) if self.process is not None else None

    def rows(self, statement, *parameters):
        """Ask the store's file itself; nothing while there is none."""
        if not (self.root / "krd.db").exists():
            return []
        connection = sqlite3.connect(f"file:{self.root}/krd.db?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return []
        finally:
            connection.close()

    def get(self, path):
        """Ask the running krd over HTTP; gives status and text, or nothing while it does not listen."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (urllib.error.URLError, OSError):
            return None


@pytest.fixture
def krd(tmp_path, new_port):
    made = Krd(tmp_path, new_port())
    yield made
    made.kill()
