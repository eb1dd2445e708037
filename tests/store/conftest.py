import dataclasses
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.alert import AlertKind, Condition, quiet, step
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.sample import Sample
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.status import Status
from collector.store import engine


@pytest.fixture
def at():
    return datetime(2026, 11, 30, 10, 15, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "krd.db"


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


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
    """Give all rows of all tables, in the database's own terms."""

    def read():
        with store.read() as transaction:
            run = transaction._connection.exec_driver_sql
            tables = run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").scalars().all()
            return {table: run(f"SELECT * FROM {table}").all() for table in tables}

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
def life(at):
    """Step an alert through conditions, one an hour, and give its transitions."""

    def steps(*conditions, kind=AlertKind.DRIFT, subject="2026-Q4:checkout/p95"):
        alert, changes = quiet(kind, subject), []
        for hour, condition in enumerate(conditions):
            if change := step(alert, Condition(condition), at + timedelta(hours=hour)):
                changes.append(change)
                alert = change.alert
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
