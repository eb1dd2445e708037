"""Everything around krd in the live lab: shop, robots, warehouse, Prometheus and the line to it, tracker, and inbox."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from collector.clock import Clock
from collector.lab.clerk import Clerk, Support
from collector.lab.files import PASSWORD
from collector.lab.inbox import Inbox
from collector.lab.prometheus import LabPrometheus
from collector.lab.relay import Relay
from collector.lab.robots import ConversionPlan, Robots
from collector.lab.shop import FailurePlan, LatencyPlan, Shop
from collector.lab.tracker import Tracker
from collector.lab.warehouse import Warehouse

LATENCY = LatencyPlan(baseline=0.300, target=0.100)
"""Seconds: on its pace from 300 ms towards 100 ms, broken on day 8, mended on day 15."""
FAILURES = FailurePlan(usual=0.002, broken=0.09, breaks_on=LATENCY.breaks_on, mended_on=LATENCY.mended_on)
"""The broken shop does not only take its time: nine checkouts in a hundred fail."""
CONVERSION = ConversionPlan(first=0.31, last=0.45)
FIRST_VALUE = "sum(rate(shop_checkout_seconds_count[4s])) > 0"
"""Answered by Prometheus once the shop was scraped long enough to give a rate."""


class Part(Protocol):
    """What is started and stopped on its own."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End; harmless before `start`."""


class Stage:
    """Starts the parts in order and stops them in reverse; `day` tells how far the cycle is, in days."""

    def __init__(self, binary: Path, folder: Path, clock: Clock, day: Callable[[], float]) -> None:
        self._stack = ExitStack()
        self.warehouse = Warehouse(folder / "warehouse.db", clock)
        self.shop = Shop(lambda: LATENCY.value(day()), self.warehouse.record, lambda: FAILURES.value(day()))
        self.tracker = Tracker(folder / "tracker", folder / PASSWORD)
        self.desk = self.tracker.desk()
        self.clerk = Clerk(self.shop.port, self.desk)
        self.support = Support(self.desk)
        self.prometheus = LabPrometheus(binary, folder / "prometheus", self.shop.port)
        self.relay = Relay(self.prometheus.port)
        self.robots = Robots(self.shop.port, lambda: CONVERSION.value(day()), count=48)
        self.inbox = Inbox(clock)

    def __enter__(self) -> Self:
        try:
            # The tracker comes up while Prometheus does, and the clerk waits for both.
            self._start(self.warehouse, self.shop, self.tracker, self.prometheus, self.relay)
            self._start(self.inbox, self.robots)
            self.tracker.wait()
            self._start(self.clerk, self.support)
            self.prometheus.wait_for_value(FIRST_VALUE)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self, *parts: Part) -> None:
        for part in parts:
            self._stack.callback(part.stop)  # before the start: a half-started part is ended too
            part.start()

    def addresses(self) -> dict[str, str]:
        """Give what the lab's files look up by name."""
        return {
            "LAB_PROMETHEUS_URL": self.relay.url,
            "LAB_WAREHOUSE_URL": self.warehouse.url,
            "LAB_TRACKER_URL": self.tracker.url,
            "LAB_INBOX_URL": self.inbox.url,
            "LAB_INBOX_SECRET": self.inbox.secret,
        }

    def publish(self) -> None:
        """Put the addresses where the lab's files look them up: the environment of this process, which is the lab's own."""
        os.environ.update(self.addresses())
