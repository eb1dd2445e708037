"""Sends robots to the ticket tracker: a clerk who opens tickets for the shop's errors, and support who resolves some."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from collector.lab.desk import Desk, Priority, TicketRefused
from collector.lab.loopback import HOST

ERRORS_A_TICKET = 5
"""Failed checkouts that make one ticket."""
CRITICAL, URGENT = 0.02, 0.005
"""Shares of failed checkouts since the ticket before, from which a ticket is critical, or urgent."""

_COUNTER = re.compile(rb'^shop_checkouts_total\{code="(\d+)"\} ([0-9.e+]+)$', re.MULTILINE)
_ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Count:
    """The shop's own counters at one look."""

    checkouts: int = 0
    errors: int = 0


def priority_of(checkouts: int, errors: int) -> Priority:
    """Give the priority of a ticket for `errors` among `checkouts`."""
    share = errors / max(checkouts, 1)
    if share >= CRITICAL:
        return "critical"
    return "urgent" if share >= URGENT else "bug"


class Clerk:
    """Looks at the shop's counters and opens one ticket for every `ERRORS_A_TICKET` errors.

    `seen` is the last look, and `opened` names the tickets. What the tracker did not take is opened at a later look.
    """

    def __init__(self, shop_port: int, desk: Desk, *, every: float = 0.5) -> None:
        self._shop_port = shop_port
        self._desk = desk
        self._told = self.seen = Count()
        self.opened: list[str] = []
        self._robot = Robot("lab-clerk", every, self.look)

    def start(self) -> None:
        """Look from now on."""
        self._robot.start()

    def stop(self) -> None:
        """Look no more; returns when the last look has ended."""
        self._robot.stop()

    def look(self) -> None:
        """Look once. Raises `TicketRefused`, and `OSError` or `HTTPException` while the shop is away."""
        self.seen = self._count()
        errors = self.seen.errors - self._told.errors
        if errors < ERRORS_A_TICKET:
            return
        checkouts = self.seen.checkouts - self._told.checkouts
        title = f"Checkouts fail: {errors} of the last {checkouts}"
        for _ in range(errors // ERRORS_A_TICKET):
            self.opened.append(self._desk.open_ticket(title, priority_of(checkouts, errors)))
            self._told = Count(self._told.checkouts, self._told.errors + ERRORS_A_TICKET)
        self._told = Count(self.seen.checkouts, self._told.errors)

    def _count(self) -> Count:
        connection = HTTPConnection(HOST, self._shop_port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/metrics")
            by_code = dict(_COUNTER.findall(connection.getresponse().read()))
        finally:
            connection.close()
        errors = int(float(by_code[b"500"]))
        return Count(int(float(by_code[b"200"])) + errors, errors)


class Support:
    """Resolves one open ticket after another, slower than a broken shop makes them; `resolved` names them."""

    def __init__(self, desk: Desk, *, every: float = 6.0) -> None:
        self._desk = desk
        self.resolved: list[str] = []
        self._robot = Robot("lab-support", every, self.work)

    def start(self) -> None:
        """Work from now on."""
        self._robot.start()

    def stop(self) -> None:
        """Work no more; returns when the ticket in hand is done."""
        self._robot.stop()

    def work(self) -> None:
        """Resolve one ticket, if any is open. Raises `TicketRefused`."""
        if ticket := self._desk.resolve_next():
            self.resolved.append(ticket)


class Robot:
    """Does the same again every few seconds, in a thread of its own; `missed` counts the times it could not."""

    def __init__(self, name: str, every: float, act: Callable[[], None]) -> None:
        self._every = every
        self._act = act
        self.missed = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        """Begin with a wait."""
        self._thread.start()

    def stop(self) -> None:
        """End it, and return when what it is doing is done; harmless before `start`."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _live(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self._act()
            except (OSError, HTTPException, TicketRefused):
                self.missed += 1  # shop or tracker are away; the next time makes up for it
