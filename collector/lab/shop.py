"""A small shop over HTTP whose checkout really takes the time it is told to, and measures itself for Prometheus."""

from __future__ import annotations

import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from collector.lab.loopback import HOST
from collector.lab.serving import LoopbackServer

if TYPE_CHECKING:
    from collector.lab.warehouse import EventKind

BUCKETS = tuple(round(0.020 * (1000 / 20) ** (n / 39), 4) for n in range(40))
"""Upper bounds of the latency histogram, seconds: equal steps of 10.6 % from 20 ms to 1 s.

Interpolating between them puts a p95 at most 3 % too high (16 % steps: 6 %); a mean does not depend on them.
"""

_JITTER = 0.03
"""Spread (standard deviation of the logarithm) of single checkouts around the wished latency."""

_COOKIE = re.compile(r"(?:^|;\s*)visitor=([0-9a-f]{32})(?:;|$)")


@dataclass(frozen=True, slots=True)
class LatencyPlan:
    """Tells the wished checkout latency (seconds) of every moment of a cycle: on pace, broken, mended.

    Until `breaks_on` it falls in a straight line that would lead from `baseline` at the start to `target` after `days`;
    then it is `worse_by` times what it was, flat, until `mended_on`; from there `mended_to` times the target.
    """

    baseline: float
    target: float
    days: float = 100.0
    breaks_on: float = 8.0
    worse_by: float = 4.5
    mended_on: float = 15.0
    mended_to: float = 0.4

    def value(self, day: float) -> float:
        """Give the latency at `day`, counted in days (with fractions) since the cycle's start."""
        if day < self.breaks_on:
            return self._on_pace(day)
        if day < self.mended_on:
            return self._on_pace(self.breaks_on) * self.worse_by
        return self.target * self.mended_to

    def _on_pace(self, day: float) -> float:
        return self.baseline + (self.target - self.baseline) * max(day, 0.0) / self.days


@dataclass(frozen=True, slots=True)
class FailurePlan:
    """Tells the wished share (0-1) of checkouts that fail: `usual`, but `broken` between the break and the repair."""

    usual: float
    broken: float
    breaks_on: float
    mended_on: float

    def value(self, day: float) -> float:
        """Give the share at `day`, counted in days (with fractions) since the cycle's start."""
        return self.broken if self.breaks_on <= day < self.mended_on else self.usual


class Shop:
    """Serves `/visit`, `/checkout`, `/order` and `/metrics` on a free port.

    `latency` gives the wished seconds of a checkout and `failing` the share (0-1) of checkouts answered 500; both are
    asked at every checkout. `record` takes the events `visit` and `order` with the visitor's id, which lives in a
    cookie, so that a person's own clicks count like a robot's.
    """

    def __init__(
        self,
        latency: Callable[[], float],
        record: Callable[[str, EventKind], None],
        failing: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._latency = latency
        self._failing = failing
        self._dice = random.Random()  # noqa: S311  # natural spread, nothing to guess
        self.record = record
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "shop_checkout_seconds", "Time one checkout took.", buckets=BUCKETS, registry=self.registry
        )
        self._checkouts = Counter(
            "shop_checkouts", "Checkouts by status code.", labelnames=("code",), registry=self.registry
        )
        for code in ("200", "500"):
            self._checkouts.labels(
                code
            )  # present from the first scrape, so that the first failure is an increase
        self._server = LoopbackServer(partial(_Pages, self))
        self.port = self._server.port
        self.url = f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Serve from now on."""
        self._server.start()

    def stop(self) -> None:
        """Close every connection and the port; returns when no thread is left."""
        self._server.stop()

    def checkout(self) -> HTTPStatus:
        """Check one visitor out, taking the wished latency."""
        begun = time.perf_counter()
        time.sleep(self._latency() * self._dice.lognormvariate(-(_JITTER**2) / 2, _JITTER))
        fails = self._dice.random() < self._failing()
        status = HTTPStatus.INTERNAL_SERVER_ERROR if fails else HTTPStatus.OK
        self._seconds.observe(time.perf_counter() - begun)
        self._checkouts.labels(str(status.value)).inc()
        return status


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The lab's shop</title>
<h1>The lab's shop</h1><p>{said}</p>
<p><a href="/visit">Look around</a> · <a href="/checkout">Check out</a></p>
<form method="post" action="/order"><button>Order</button></form></html>
"""


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # robots keep their connections
    disable_nagle_algorithm = True  # else Nagle and delayed acknowledgements add 40 ms of their own
    wbufsize = -1  # one segment an answer
    timeout = 60

    def __init__(self, shop: Shop, *args: Any) -> None:
        self._shop = shop
        super().__init__(*args)  # serves the whole connection

    def do_GET(self) -> None:
        match self.path:
            case "/visit" | "/":
                visitor = self._visitor()
                self._shop.record(visitor, "visit")
                self._page("Welcome. Your visit counts.", visitor=visitor)
            case "/checkout":
                status = self._shop.checkout()
                self._page("Your basket is ready." if status == HTTPStatus.OK else "Sorry.", status)
            case "/metrics":
                self._send(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self._shop.registry))
            case _:
                self._page("There is no such page.", HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        # The form has no fields; a body that stayed unread would be taken for the next request.
        self.close_connection |= self.headers.get("Content-Length", "0") != "0"
        if self.path != "/order":
            return self._page("There is no such page.", HTTPStatus.NOT_FOUND)
        visitor = self._visitor()
        self._shop.record(visitor, "order")
        return self._page("Thank you for your order.", visitor=visitor)

    def _visitor(self) -> str:
        found = _COOKIE.search(self.headers.get("Cookie", ""))
        return found.group(1) if found else uuid.uuid4().hex

    def _page(self, said: str, status: HTTPStatus = HTTPStatus.OK, *, visitor: str = "") -> None:
        self._send(status, "text/html; charset=utf-8", _PAGE.format(said=said).encode(), visitor)

    def _send(self, status: HTTPStatus, kind: str, body: bytes, visitor: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if visitor:
            self.send_header("Set-Cookie", f"visitor={visitor}; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay silent: thousands of robot requests are no news."""
