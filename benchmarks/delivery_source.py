"""What goes wrong and is well again: a source of numbers that krd and Prometheus both read, which knows since when each
of its states was visible to whoever asked.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from benchmarks.delivery_system import DOWN
from collector.clock import WallClock
from collector.lab.loopback import HOST

GOOD, BAD = 1, 3
LIMIT = 2
"""A number above it is an alert."""


class Source:
    """Answers `/value?of=ALERT@SECONDS` as things stood then, `/metrics` as they stand, and nothing but 503
    below `/other` while `DOWN` is set.
    """

    def __init__(self, alerts: Iterable[str]) -> None:
        self._clock = WallClock()
        self._lock = threading.Lock()
        self._turns: dict[str, list[tuple[float, bool]]] = {alert: [] for alert in (*alerts, DOWN)}
        self._seen: dict[tuple[str, bool], float] = {}
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        self._server.daemon_threads = True
        serve = {"poll_interval": 0.05}
        threading.Thread(target=self._server.serve_forever, kwargs=serve, daemon=True).start()

    @property
    def target(self) -> str:
        """Its host and port."""
        return f"{HOST}:{self._server.server_address[1]}"

    def turn(self, alert: str, *, wrong: bool) -> None:
        """Make what an alert is about wrong, or right again."""
        with self._lock:
            self._turns[alert].append((self._now(), wrong))
            self._seen.pop((alert, wrong), None)

    def seen(self, alert: str, *, wrong: bool) -> float | None:
        """Give the monotonic instant at which this state was first told to whoever asked; nothing while it was not."""
        with self._lock:
            return self._seen.get((alert, wrong))

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str) -> tuple[HTTPStatus, str]:
        """Answer a request: the status and the body."""
        address = urlsplit(target)
        if address.path.startswith("/other") and self._wrong(DOWN, self._now()):
            return HTTPStatus.SERVICE_UNAVAILABLE, ""
        if address.path.endswith("/metrics"):
            return HTTPStatus.OK, "".join(self._lines() if address.path == "/metrics" else ["fine 1\n"])
        alert, _, at = parse_qs(address.query).get("of", [""])[0].partition("@")
        wrong = self._wrong(alert, float(at or self._now()))
        return HTTPStatus.OK, json.dumps({"value": BAD if wrong else GOOD})

    def _lines(self) -> list[str]:
        alerts = sorted(self._turns.keys() - {DOWN})
        return [
            f'guard{{alert="{one}"}} {BAD if self._wrong(one, self._now()) else GOOD}\n' for one in alerts
        ]

    def _wrong(self, alert: str, at: float) -> bool:
        """Tell how it stood at an instant, and remember that somebody was told."""
        with self._lock:
            known = [wrong for since, wrong in self._turns.get(alert, ()) if since <= at]
            wrong = known[-1] if known else False
            self._seen.setdefault((alert, wrong), time.monotonic())
            return wrong

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text = source.answer(self.path)
                body = text.encode()
                self.send_response(status)
                media = "text/plain" if "metrics" in self.path else "application/json"
                self.send_header("content-type", media)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler
