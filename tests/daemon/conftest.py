"""A krd whose clock the test moves: real files, real store, real sockets, real threads; only the time is given."""

import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from collector.app import Running, build
from collector.clock import SetClock
from collector.configuration.settings import Daemon, Database, Settings, Web
from collector.daemon.loop import Parts
from collector.daemon.once import run_once
from collector.daemon.writer import Work
from connectors.testing import FaultServer
from connectors.testing.fault_server import response

AT = datetime(2025, 11, 12, 10, 2, tzinfo=UTC)
"""A Wednesday in the middle of 2025-Q4, later than any offset after the hour."""
QUARTER = timedelta(minutes=15)


def eventually(found, within=20.0):
    """Give what `found()` gives, once that is something true."""
    ends = time.monotonic() + within
    while not (answer := found()):
        assert time.monotonic() < ends, f"never came: {answer!r}"
        time.sleep(0.02)
    return answer


@pytest.fixture(name="eventually")
def eventually_fixture():
    return eventually


class Receiver:
    """A webhook receiver on the loopback that answers as told and keeps what it was sent."""

    def __init__(self):
        self.answers = []  # (status, headers) of the next ones; afterwards 200
        self.letters = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.letters.append((self.headers["webhook-id"], json.loads(body)))
                status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        serving = {"target": self.server.serve_forever, "kwargs": {"poll_interval": 0.05}}
        threading.Thread(**serving, daemon=True).start()

    def said(self, kind, occasion=None):
        """Give what was said of a kind, alone or as a member of a group, each as its body's `data`."""
        told = [one for _, body in self.letters for one in body["data"].get("members") or [body["data"]]]
        return [one for one in told if one["kind"] == kind and occasion in (None, one["occasion"])]


@pytest.fixture
def new_receiver():
    """Give `make()`: a receiver of its own."""
    made = []

    def make():
        made.append(Receiver())
        return made[-1]

    yield make
    for receiver in made:
        receiver.server.shutdown()
        receiver.server.server_close()


@pytest.fixture
def receiver(new_receiver):
    return new_receiver()


def forwarding(url):
    """Reply as the server at `url` does."""
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

    return reply


@dataclass
class House:
    """A folder with files, a store and a clock."""

    root: object
    clock: SetClock = field(default_factory=lambda: SetClock(AT))
    running: Running | None = None
    drain: float = 10.0
    patience: float = 30.0
    """Seconds in which it has to come to rest."""
    loops: int = 0

    def write(
        self,
        *,
        sources,
        key_results,
        notify="",
        cycle="2025-Q4",
        cycles="[2025-Q4]",
        sync=None,
        measures="",
        alerts="",
    ):
        """Write krd.yaml and one file of key results; `key_results` are (id, measure) or whole mappings as YAML flow."""
        shown = "\n".join(f"  {name}: {text}" for name, text in sources.items())
        syncing = (f"sync: {sync}\n" if sync else "") + (f"alerts: {alerts}\n" if alerts else "")
        (self.root / "krd.yaml").write_text(
            f"timezone: Europe/Berlin\ncycles: {cycles}\n{syncing}people: {{li: {{name: Li}}}}\n"
            f"teams: {{shop: {{lead: li}}}}\nsources:\n{shown}\n" + (f"notify: {notify}\n" if notify else "")
        )
        (self.root / "okrs").mkdir(exist_ok=True)
        shared = f"measures: {measures}\n" if measures else ""
        lines = [f"team: shop\ncycle: {cycle}\n{shared}objectives:"]
        for number, (name, measure) in enumerate(key_results.items()):
            if number % 5 == 0:
                lines.append(f"  - {{id: o{number}, title: Be good, key_results: [")
            body = measure if isinstance(measure, str) else measure["measure"]
            rest = "from: 100, to: 50" if isinstance(measure, str) else measure["promise"]
            lines.append(
                f"      {{id: {name}, title: 'Do {name}', commitment: committed, measure: {body}, {rest}}},"
            )
            if number % 5 == 4 or number == len(key_results) - 1:
                lines.append("    ]}")
        (self.root / "okrs" / "shop.yaml").write_text("\n".join(lines))

    @property
    def settings(self):
        return Settings(
            config=self.root / "krd.yaml",
            database=Database(url=SecretStr(f"sqlite:///{self.root}/krd.db")),
            web=Web(enabled=False),
            daemon=Daemon(drain=self.drain),
        )

    def start(self):
        """Start a daemon in this process."""
        self.running = Running(build(self.settings, self.clock))
        self._count_loops(self.running.daemon)
        self.running.start()
        self.quiet()
        return self.running

    def reload(self):
        """Have the files read again, and wait until everything that follows from it was done."""
        before = self.daemon
        outcome = self.running.reload()
        if self.daemon is not before:
            self._count_loops(self.daemon)
        self.quiet()
        return outcome

    def stop(self):
        if self.running is not None:
            self.running.stop()
            self.running.app.close()
            self.running = None

    def once(self):
        app = build(self.settings, self.clock)
        try:
            parts = Parts(app.configuration, app.store, app.sources, app.notifiers, self.clock)
            return run_once(parts)
        finally:
            app.close()

    @property
    def daemon(self):
        return self.running.daemon

    def step(self, by=QUARTER, times=1):
        """Let time pass, and wait until everything that follows from it was done."""
        for _ in range(times):
            self.clock.advance(by)
            self.daemon._alarm.ring()
            self.quiet()

    def quiet(self):
        """Wait until no round and no healing is on its way, none is due, and the writer has nothing left."""
        daemon, looped = self.daemon, self.loops + 2

        def idle():
            at = self.clock.now()
            lanes = daemon._schedule._lanes
            healing = list(daemon._healing._passes._flights.values())
            return all(lane.last >= lane.group.newest(at) and not lane.busy for lane in lanes) and all(
                flight.done() for flight in healing
            )

        def settled():
            # twice, since what has just ended may still have to be written, and may lead to more
            daemon._alarm.ring()
            return (
                self.loops >= looped
                and all(idle() and self._written() and self._nothing_to_heal() for _ in range(2))
                and idle()
            )

        eventually(settled, self.patience)

    def _count_loops(self, daemon):
        """Count how often the planner went round: what it did at the present time is done after two more."""
        let_time_pass = daemon._let_time_pass

        def counted():
            self.loops += 1
            let_time_pass()

        daemon._let_time_pass = counted

    def _nothing_to_heal(self):
        at, watch, healing = self.clock.now(), self.daemon._watch, self.daemon._healing
        with healing._lock:
            wanted = [name for name, found in healing._wanted.items() if found]
        admitted = [name for name in wanted if not watch.of(name).ill and watch.of(name).admits(at)]
        return all(at < healing._passes._rests.get(name, at) for name in admitted)

    def _written(self):
        """Put a look of our own at the end of the writer's queue, and wait for it."""
        work = Work()
        self.daemon._writer.put(work)
        return work.done.wait(10)

    def rows(self, statement, *parameters):
        """Ask the store's file itself."""
        connection = sqlite3.connect(f"file:{self.root}/krd.db?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    def samples(self, name, role="main"):
        """Give (slot, value, origin) of a key result, ascending."""
        return self._outcomes("samples", "value, o.origin", name, role)

    def gaps(self, name, role="main"):
        """Give (slot, reason, detail) of a key result, ascending."""
        return self._outcomes("gaps", "reason, o.detail", name, role)

    def _outcomes(self, table, facts, name, role):
        found = self.rows(
            f"SELECT o.slot, o.{facts} FROM {table} o JOIN series e ON e.id = o.series"
            " JOIN key_results k ON k.id = e.key_result WHERE k.address = ? AND e.role = ? ORDER BY o.slot",
            f"shop/{name}",
            role,
        )
        return [(datetime.fromtimestamp(slot / 1000, UTC), *rest) for slot, *rest in found]

    def verdict(self, name):
        """Give the verdict of a key result as the running daemon shows it."""
        return next(e for kr, e in self.daemon.board.verdicts() if kr.address == f"shop/{name}")

    def transitions(self):
        """Give (kind, subject, state) of every change of an alert, in order."""
        with self.running.app.store.read() as tx:
            moved = [item.transition.alert for item in tx.transitions(0, 10_000)]
        return [(alert.kind.value, alert.subject, alert.state.value) for alert in moved]


@pytest.fixture
def at_once():
    """Give `alerts` of those to whom it does not matter how long a message waits for others."""
    return "{group_wait: 0s, quiet: false}"


@pytest.fixture
def house(tmp_path, put_store):
    put_store(tmp_path)
    made = House(tmp_path)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def real(prometheus):
    """Give one real Prometheus that knows nothing but arithmetic: `vector(60)` is a series with a past."""
    return prometheus()


@pytest.fixture
def prom(real):
    """Give `serve(mode="ok")`: a real Prometheus behind a line that misbehaves when told (`.mode`) and counts requests."""
    servers = []

    def serve(mode="ok", behind=None):
        server = FaultServer(mode, forwarding((behind or real).url))
        server.__enter__()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture
def warehouse(tmp_path):
    """Give `make(rows, name)`: a SQLite file with a table `facts(day, value)` and how it is written as a source."""

    def make(rows=(), name="warehouse.db"):
        path = tmp_path / name
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE facts (day TEXT, value REAL)")
        connection.executemany("INSERT INTO facts VALUES (?, ?)", rows)
        connection.commit()
        connection.close()
        return path

    return make
