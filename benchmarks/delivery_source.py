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
from collector.lab.loopback import HOST

GOOD, BAD = 1, 3
LIMIT = 2
"""A number above it is an alert."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # the usual 5 make callers wait for seconds when many call at once


class Source:
    """Answers `/value?of=ALERT` and `/metrics`, both as things stand; below `/other` nothing but 503 while `DOWN` is wrong."""

    def __init__(self, alerts: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._stands = dict.fromkeys((*alerts, DOWN), False)
        self._seen: dict[tuple[str, bool], float] = {}
        self._server = _Server((HOST, 0), self._handler())
        serve = {"poll_interval": 0.05}
        threading.Thread(target=self._server.serve_forever, kwargs=serve, daemon=True).start()

    @property
    def target(self) -> str:
        """Its host and port."""
        return f"{HOST}:{self._server.server_address[1]}"

    def turn(self, alert: str, *, wrong: bool) -> None:
        """Make what an alert is about wrong, or right again."""
        with self._lock:
            self._stands[alert] = wrong
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
        if address.path.startswith("/other") and self._wrong(DOWN):
            return HTTPStatus.SERVICE_UNAVAILABLE, ""
        if address.path.endswith("/metrics"):
            return HTTPStatus.OK, "".join(self._lines() if address.path == "/metrics" else ["fine 1\n"])
        asked = parse_qs(address.query).get("of", [""])[0]
        return HTTPStatus.OK, json.dumps({"value": BAD if self._wrong(asked) else GOOD})

    def _lines(self) -> list[str]:
        alerts = sorted(self._stands.keys() - {DOWN})
        return [f'guard{{alert="{one}"}} {BAD if self._wrong(one) else GOOD}\n' for one in alerts]

    def _wrong(self, alert: str) -> bool:
        """Tell how it stands, and remember that somebody was told."""
        with self._lock:
            wrong = self._stands.get(alert, False)
            self._seen.setdefault((alert, wrong), time.monotonic())
            return wrong

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
