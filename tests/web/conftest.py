"""A board that shows what a test puts on it, and a real server in front of it."""

import http.client
import json
import re
import threading
import time as time_
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from collector.clock import SetClock
from collector.daemon.board import DaemonBoard
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.domain.alert import AlertKind, Condition, Signal, quiet
from collector.domain.announcement import Announcement
from collector.domain.cadence import Months
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import explain
from collector.domain.forecasting.forecast import Forecast
from collector.domain.health import Health
from collector.domain.lifecycle import step
from collector.domain.measure import Binding, ByHand, Query
from collector.domain.message import occasion_of
from collector.domain.okr import Guardrail, KeyResult, Okrs, Team
from collector.domain.shape import Commitment, Reach, Total, Typed
from collector.domain.span import Span
from collector.domain.status import Status
from collector.ports.board import Changes, Vitals
from collector.ports.store import Removed
from collector.store import engine
from collector.web.server import WebServer

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
CYCLE = Cycle("2026-Q4", CalendarDays(ZoneInfo("Europe/Berlin"), date(2026, 10, 1)), 92)
CALENDAR = Calendar(CYCLE, WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15)))
BINDING = Binding("prod", Query("up"), timedelta(minutes=15), Span(real=timedelta(minutes=15)))


@dataclass
class ShownBoard:
    """Shows what it is told to."""

    reasons: list = field(default_factory=list)
    judged: list = field(default_factory=list)
    standings: dict = field(default_factory=dict)
    shown_objectives: dict = field(default_factory=dict)
    edited: dict = field(default_factory=dict)
    gone: list = field(default_factory=list)
    letters: dict = field(default_factory=dict)
    off: dict = field(default_factory=dict)
    """Whether a notifier is disabled, by name."""
    counts: Vitals = field(default_factory=lambda: Vitals(started=AT - timedelta(hours=1)))
    stored: DaemonBoard | None = None
    """Shows the alerts of a real store."""
    address: str = ""
    trouble: Exception | None = None
    """Raised by whatever reads the store."""
    failure: Exception | None = None
    """Raised by `verdicts`."""

    def ready(self):
        return self.reasons

    def verdicts(self):
        if self.failure:
            raise self.failure
        return self.judged

    def unexplained(self):
        return self.edited

    def removed(self):
        if self.trouble:
            raise self.trouble
        return self.gone

    def objectives(self):
        return self.shown_objectives

    def sources(self):
        return self.standings

    def outbox(self):
        if self.trouble:
            raise self.trouble
        return self.letters

    def disabled(self):
        if self.trouble:
            raise self.trouble
        return self.off

    def open_alerts(self):
        if self.trouble:
            raise self.trouble
        return self.stored.open_alerts() if self.stored else []

    def changes_after(self, seq, limit, wanted):
        if self.trouble:
            raise self.trouble
        return self.stored.changes_after(seq, limit, wanted) if self.stored else Changes([], None)

    def newest_changes(self, limit, before, wanted):
        if self.trouble:
            raise self.trouble
        return self.stored.newest_changes(limit, before, wanted) if self.stored else []

    def teams(self):
        return ("checkout", "payments")

    def page(self):
        return self.address

    def vitals(self):
        return self.counts

    def now(self):
        return AT


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    text: str

    @property
    def json(self):
        return json.loads(self.text)


@pytest.fixture
def at():
    return AT


@pytest.fixture
def key_result():
    """Give a reach of the team checkout, or what the changes make of it."""

    def make(**changes):
        promise = KeyResult(
            address="checkout/p95-latency",
            title="Cut p95 checkout latency from 900 ms to 450 ms",
            objective="checkout/reliable-checkout",
            team="checkout",
            owner="li",
            commitment=Commitment.COMMITTED,
            cycle=CYCLE,
            calendar=CALENDAR,
            shape=Reach(Typed(900.0), 450.0),
            binding=BINDING,
            unit="ms",
        )
        return replace(promise, **changes)

    return make


@pytest.fixture
def count():
    """The shape of a count that is to stay at or below 3."""
    return Total(at_most=3.0)


@pytest.fixture
def guarded():
    """A guardrail: refunds stay at or under 2 %."""
    return Guardrail("refunds", "refunds stay low", replace(BINDING, unit="%"), at_most=2.0)


@pytest.fixture
def by_hand():
    """The binding of a value that sam enters once a month."""
    return Binding("", ByHand("sam"), Months(), Span(days=1))


@pytest.fixture
def gone():
    """A key result that vanished from the files while it was on track."""
    last = Evaluation(at=AT, status=Status.ON_TRACK, health=Health.FRESH, sentence="Day 60 of 92, all well.")
    return Removed("2026-Q4:checkout/gone", "Keep refunds low", "checkout", AT - timedelta(days=3), last)


@pytest.fixture
def verdict():
    """Give the verdict on a key result after 61 days, fresh and on track unless changed."""

    def make(key_result, **changes):
        known = Evaluation(
            at=AT,
            status=Status.ON_TRACK,
            health=Health.FRESH,
            day=61,
            days=92,
            baseline=900.0,
            baseline_kind="typed",
            target=450.0,
            current=571.5,
            level=580.0,
            level_days=7,
            progress=0.7111,
            expected=0.663,
            forecast=Forecast(0.83, 0.83, 0.97, 452.0, (430.0, 474.0), (398.0, 506.0), 88, 9.0, -4.0),
            coverage=0.99,
            attempted=AT,
            succeeded=AT,
            as_of=AT - timedelta(minutes=4),
        )
        found = replace(known, **changes)
        return replace(found, sentence=found.sentence or explain(key_result, found))

    return make


@pytest.fixture
def unknown():
    """Changes that make a verdict one about which no number is known."""
    names = (
        "baseline target current level progress expected weeks_ahead spent forecast coverage as_of succeeded"
    )
    return dict.fromkeys(names.split()) | {"health": Health.NEVER, "status": Status.NOT_STARTED}


class Stage:
    """Shows the board of the present test, so that one server serves them all."""

    shown = ShownBoard()

    def __getattr__(self, name):
        return getattr(self.shown, name)


@pytest.fixture(scope="module")
def stage():
    """Serve a stage for all tests of a module."""
    stage = Stage()
    stage.server = WebServer(stage, "127.0.0.1", 0)
    stage.server.start()
    yield stage
    stage.server.stop()


@pytest.fixture
def board(stage, key_result, verdict):
    """A board with one key result on track, on the stage; tests put more on it."""
    only = key_result()
    stage.shown = ShownBoard(judged=[(only, verdict(only))])
    return stage.shown


@pytest.fixture
def store(tmp_path, put_store):
    """A real store."""
    opened = engine.open(f"sqlite:///{put_store(tmp_path)}")
    yield opened
    opened.close()


@pytest.fixture
def stored(board, store, key_result):
    """Let the board show the alerts of a real store, in which checkout/p95-latency is a key result of the files."""
    known = key_result()
    teams = {name: Team(name, ZoneInfo("Europe/Berlin")) for name in ("checkout", "payments")}
    okrs = Okrs({known.key: known}, {}, teams, {}, {}, {})
    board.stored = DaemonBoard(store, okrs, Watch({}), Tally(AT), None, SetClock(AT))
    return board


@pytest.fixture
def happen(store):
    """Let a rule say something of a subject, and keep what changes with its words; gives the change, if there is one."""

    def move(
        condition=Condition.FIRING,
        kind=AlertKind.DRIFT,
        subject="2026-Q4:checkout/p95-latency",
        severity=None,
        at=AT,
        **words,
    ):
        with store.write() as tx:
            fingerprint = quiet(kind, subject).fingerprint
            alert = tx.alerts([fingerprint]).get(fingerprint, quiet(kind, subject))
            signal = Signal(condition, severity=severity or kind.severity)
            change = step(alert, signal, at).transition
            if change is not None:
                tx.add_transitions([replace(change, said=said_of(change, **words))])
        return change

    return move


def said_of(change, **words):
    alert, address = change.alert, change.alert.subject.rpartition(":")[2]
    known = {
        "subject": address,
        "team": address.partition("/")[0] if "/" in address else "",
        "title": f"Off track: {address}",
        "sentence": "Day 61 of 92, expected 66 %, actual 54 %.",
        "lines": (f"{address} · owner Li",),
        "owner": "Li",
        "facts": {"level": 580.0},
    }
    return Announcement(
        id=change.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=occasion_of(change),
        at=change.at,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
        **(known | words),
    )


@pytest.fixture
def server(board):
    """A server of the test's own."""
    running = WebServer(board, "127.0.0.1", 0)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def ask(stage, board):
    """Ask the server of the stage for a path."""
    return lambda path, method="GET", **headers: send(stage.server, path, method, **headers)


VOID = {"meta", "link", "br", "rect", "line"}


class Outline(HTMLParser):
    """Collects tags, attributes and visible text, and complains about tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words, self._open = [], [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture
def look(ask):
    """Read the page."""
    return lambda path="/": Outline(ask(path).text)


@pytest.fixture
def ask_own(server):
    """Ask the test's own server for a path."""
    return lambda path, method="GET", **headers: send(server, path, method, **headers)


def send(server, path, method, **headers):
    """Ask over a connection of its own."""
    host = server.url.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read().decode())
    finally:
        connection.close()


class Listener:
    """Reads a stream of events as a browser would: an event counts once it is whole, and its id is remembered then."""

    def __init__(self, server, query="", **headers):
        host = server.url.removeprefix("http://").rstrip("/")
        self.connection = http.client.HTTPConnection(host, timeout=10)
        self.connection.request("GET", f"/api/v1/alerts/stream{query}", headers=headers)
        self.answer = self.connection.getresponse()
        self.last = headers.get("Last-Event-ID", "")
        self.comments = []

    def block(self):
        """Give the fields of what comes next, up to an empty line; nothing at the end of the stream."""
        fields = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
            else:
                self.comments.append(value.removeprefix(" "))
        self.last = fields.get("id", self.last)
        return fields

    def begin(self):
        """Read up to where the stream says that it begins, or what it says instead."""
        assert self.block() == {"retry": "3000"}
        return self.block()

    def event(self):
        """Give name and document of the next event."""
        while "data" not in (fields := self.block()):
            assert self.answer.fp is not None, "the stream ended"
        return fields["event"], json.loads(fields["data"])

    def events(self, count):
        """Give the event ids of the next `count` changes."""
        found = [self.event() for _ in range(count)]
        assert {name for name, _ in found} <= {"alert"}
        return [document["event"] for _, document in found]

    def close(self):
        self.answer.close()
        self.connection.close()


@pytest.fixture
def listen(server):
    """Listen to the stream of the test's own server."""
    opened = []

    def open_(query="", **headers):
        opened.append(Listener(server, query, **{n.replace("_", "-"): v for n, v in headers.items()}))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


@pytest.fixture
def eventually():
    """Wait for something that comes about by itself, for 10 s at most."""

    def wait(true):
        deadline = time_.monotonic() + 10
        while not true() and time_.monotonic() < deadline:
            time_.sleep(0.01)
        return true()

    return wait


@pytest.fixture
def threads():
    """Name the threads that run now."""
    return lambda: {thread.name for thread in threading.enumerate()}
