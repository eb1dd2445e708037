"""Other sides on the loopback interface that answer as told, and announcements to send them."""

import contextlib
import io
import itertools
import logging
import socket
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from collector import logs
from collector.domain.announcement import Announcement, Family, Occasion, Section, Severity

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECRET_PATH = "/services/T0CANARY/B0CANARY/xyzCANARY"


@dataclass
class Receiver:
    """An HTTP server that remembers every request and answers with `status`, `headers`, `body`."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b"ok"
    requests: list = field(default_factory=list)
    address: str = ""

    @property
    def url(self):
        return f"{self.address}{SECRET_PATH}?key=queryCANARY"


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict
    body: bytes


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A cut connection is what some tests are about."""


@pytest.fixture
def receiver():
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.requests.append(Request(self.path, headers, body))
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            if state.status >= 200:
                self.send_header("content-length", str(len(state.body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(state.body)

        def do_GET(self):
            self.do_POST()

        def log_message(self, *args):
            """Tests print their own story."""

    server = _Server(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def trickler():
    """Start a server that sends `first`, then `piece` every 50 ms for at most 10 s; returns its port."""
    stop = threading.Event()
    opened = []

    def serve(listener, first, piece):
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            connection.sendall(first)
            for _ in itertools.takewhile(lambda _: not stop.wait(0.05), range(200)):
                connection.sendall(piece)

    def start(first, piece):
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, args=(listener, first, piece), daemon=True)
        thread.start()
        opened.append((listener, thread))
        return listener.getsockname()[1]

    yield start
    stop.set()
    for listener, thread in opened:
        with contextlib.suppress(OSError):  # wakes an accept that nobody has answered
            socket.create_connection(listener.getsockname(), timeout=1).close()
        thread.join(5)
        listener.close()


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def silent():
    """Listen where connecting never ends, because the backlog is full; gives the port."""
    with contextlib.ExitStack() as opened:

        def listen(address="127.0.0.1", port=0):
            listener = opened.enter_context(socket.socket())
            listener.bind((address, port))
            listener.listen(0)
            for _ in range(4):
                waiting = opened.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
            time.sleep(0.1)  # the kernel fills the backlog on its own
            return listener.getsockname()[1]

        yield listen


@pytest.fixture
def resolver(monkeypatch):
    """Answer `many.example` with `addresses`, and `slow.example` after 3 s, as a dead resolver does."""
    real, released = socket.getaddrinfo, threading.Event()
    addresses = []

    def resolve(host, port, *args, **kwargs):
        if host == "slow.example":
            released.wait(3)
            return real("127.0.0.1", port, *args, **kwargs)
        if host == "many.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield addresses
    released.set()


@pytest.fixture
def stopwatch():
    began = time.monotonic()
    return lambda: time.monotonic() - began


@pytest.fixture
def log():
    """Whatever the process logs at its most talkative."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def at():
    return AT


@pytest.fixture
def announcement():
    return Announcement(
        id="evt_0123456789abcdef",
        kind="drift",
        family=Family.VALUE,
        severity=Severity.TICKET,
        occasion=Occasion.FIRST,
        subject="checkout/p95-latency",
        team="checkout",
        title="Cut p95 checkout latency is off track",
        sentence="Day 61 of 92, expected 66 %, actual 54 %, lands at 480 of 450, P(hit) 0.12.",
        at=AT,
        lines=("needs -3.1 ms/week", "last reachable 9 Dec"),
        owner="li",
        episode=2,
        fingerprint="f00d",
        facts={"p_hit": 0.12, "status": "off_track", "forecast": None},
    )


@pytest.fixture
def brief(announcement):
    """The brief of a team: what Goals, Results, Issues and the Plan look like before a sync."""
    return replace(
        announcement,
        id="evt_brief",
        kind="brief",
        family=Family.NEWS,
        severity=Severity.INFO,
        occasion=Occasion.BRIEF,
        subject="checkout",
        title="checkout: 1 of 2 needs a decision",
        sentence="The sync is in 23 hours.",
        lines=(),
        owner=None,
        episode=0,
        sections=(
            Section("Goal confidence", ("Make checkout reliable: 6 of 10, was 7",)),
            Section(
                "Results progress",
                (
                    "off track: Cut p95 checkout latency, day 61 of 92, expected 66 %, actual 54 %, P(hit) 0.12",
                    "on track: activation",
                ),
            ),
            Section("Issues", ("refunds: data as of 3 days ago, do not trust this number",)),
            Section("Plan ahead"),
        ),
    )


@pytest.fixture
def group(announcement):
    """Give a group of `count` members, each a page first, then tickets; the last one is over."""

    def grouped(count):
        members = [
            replace(
                announcement,
                id=f"evt_{number}",
                subject=f"checkout/kr-{number}",
                title=f"Key result {number} is off track",
                severity=Severity.TICKET if number else Severity.PAGE,
                fingerprint=f"f{number}",
            )
            for number in range(count)
        ]
        members[-1] = replace(members[-1], occasion=Occasion.RESOLVED, title="The last is back on track")
        return replace(
            announcement,
            id="evt_group",
            severity=Severity.PAGE,
            subject="",
            title=f"checkout: {count - 1:,} off track, 1 back",
            sentence="",
            lines=(),
            owner=None,
            episode=0,
            fingerprint="",
            members=tuple(members),
        )

    return grouped


@pytest.fixture(params=['"', "&", "*", "{", "😀", "x", "a\n"])
def overfull(request, group):
    """A group with everything at once, of a sign that each format escapes at another cost."""
    sign = request.param * 3_000
    together = group(10_000)
    members = tuple(replace(one, title=f"kr {sign}", sentence=sign, subject=sign) for one in together.members)
    return replace(
        together,
        title=sign,
        sentence=sign,
        subject=sign,
        team=sign,
        owner=sign,
        commitment=sign,
        id=sign,
        lines=(f"line {sign}",) * 90,
        sections=(Section(f"part {sign}", (f"line {sign}",) * 90),) * 3,
        link="https://krd.example/?" + "&" * 150,
        members=members,
    )


HOSTILE = {
    "ansi": "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07 \x9b2J \x1bc",
    "right-to-left": "invoice\u202egpj.exe \u2066isolated\u2069 \u200f\u061c",
    "invisible": "pay\u200bpal\ufeff \U000e0041\u00ad",
    "nothing to see": "\u200b\ufeff\u2066\u2069",
    "everybody": "<!channel> <!here> @here @channel @Everyone <@U123> <https://evil.example|safe>",
    "header lines": "a\r\nX-Injected: yes\r\n\r\nbody\x00\x0b\x0c\x85\u2028\u2029end",
    "encoded words": "=?utf-8?q?=0D=0AX-Injected:_yes?= =?utf-8?b?DQpCY2M6IHhAeS56?=",
    "template": "{{7*7}} ${7*7} %(secret)s {0.__class__}",
    "formula": '=HYPERLINK("http://evil.example")',
    "markup": "<img src=x onerror=alert(1)>&amp;&lt;",
    "long": "L" * 1_000_000,
    "half a pair": "\ud83d broken",
    "wide": "😀" * 20_000,
    "quotes": '"\\' * 20_000,
}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def hostile(request, announcement):
    """An announcement every free text of which is one hostile text."""
    text = request.param
    return replace(
        announcement,
        subject=text,
        team=text,
        owner=text,
        title=text,
        sentence=text,
        lines=(text,) * 50,
        sections=(Section(text, (text,) * 9),) * 3,
        commitment=text,
        link=f"https://krd.example/{text}",
        facts={"note": text, text[:300]: 1},
    )


@pytest.fixture
def hostile_group(hostile):
    """A group in which each of 60 members is hostile."""
    member = replace(hostile, sections=(), lines=())
    return replace(member, id="evt_group", owner=None, episode=0, fingerprint="", members=(member,) * 60)


@pytest.fixture
def acts():
    """Name the characters of a text that act instead of being read (line ends are told apart by the caller)."""
    forbidden = {*map(chr, range(32)), *map(chr, range(127, 160))} - {"\n"}
    forbidden |= set(
        "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\ufeff\u00ad"
    )
    return lambda text: sorted(forbidden & set(text))
