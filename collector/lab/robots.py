"""Sends robots through the shop: each visits, checks out, and a share of them orders."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from collector.lab.loopback import HOST

_ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ConversionPlan:
    """Tells the wished share (0-1) of visitors who order: a straight line from `first` to `last` over `days`, then flat."""

    first: float
    last: float
    days: float = 100.0

    def value(self, day: float) -> float:
        """Give the share at `day`, counted in days (with fractions) since the cycle's start."""
        return self.first + (self.last - self.first) * min(max(day / self.days, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Tally:
    """What the robots did so far. A failed journey got no answer or a broken one from the shop."""

    journeys: int
    orders: int
    failed: int


class Robots:
    """`count` visitors at a time, `rate` journeys a second in all.

    Each robot has its own beat of `count / rate` seconds, so the rate holds for as long as a journey is shorter than a
    beat (0.96 s by default); a slower shop is visited less often and never piles up requests. Each journey is a new
    visitor. The share of orders is kept exactly (one is due whenever a whole order has added up), so the conversion's
    noise comes from windows, not from dice.
    """

    def __init__(
        self, shop_port: int, conversion: Callable[[], float], *, count: int = 24, rate: float = 25.0
    ) -> None:
        self._port = shop_port
        self._conversion = conversion
        self._beat = count / rate
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._due = 0.0
        self._journeys = self._orders = self._failed = 0
        self._robots = [
            threading.Thread(
                target=self._live, args=(n * self._beat / count,), name=f"lab-robot-{n}", daemon=True
            )
            for n in range(count)
        ]

    @property
    def tally(self) -> Tally:
        """Count what was done so far."""
        with self._lock:
            return Tally(self._journeys, self._orders, self._failed)

    def start(self) -> None:
        """Send the robots off, evenly spread over one beat."""
        for robot in self._robots:
            robot.start()

    def stop(self) -> None:
        """Call the robots back; returns when each has finished the request it was in."""
        self._stopping.set()
        for robot in self._robots:
            if robot.ident is not None:  # else never sent off
                robot.join()

    def _live(self, first_wait: float) -> None:
        shop = HTTPConnection(HOST, self._port, timeout=_ANSWER_SECONDS)
        due = time.monotonic() + first_wait
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            try:
                self._journey(shop)
            except (OSError, HTTPException):
                shop.close()  # the next journey connects anew
                with self._lock:
                    self._failed += 1
            due = max(due + self._beat, time.monotonic())  # a beat missed is not made up for
        shop.close()

    def _journey(self, shop: HTTPConnection) -> None:
        visitor = uuid.uuid4().hex
        _ask(shop, "GET", "/visit", visitor)
        _ask(shop, "GET", "/checkout", visitor)
        orders = self._order_is_due()
        if orders:
            _ask(shop, "POST", "/order", visitor)
        with self._lock:
            self._journeys += 1
            self._orders += orders

    def _order_is_due(self) -> bool:
        share = self._conversion()
        with self._lock:
            self._due += share
            if self._due < 1.0:
                return False
            self._due -= 1.0
            return True


def _ask(shop: HTTPConnection, method: str, path: str, visitor: str) -> None:
    shop.request(method, path, headers={"Cookie": f"visitor={visitor}"})
    shop.getresponse().read()
