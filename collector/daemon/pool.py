"""A few threads for each source, so that a slow one holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from collector.logs import get_logger

log = get_logger(__name__)

THREADS = 4
"""Rounds of one source at a time: its intervals, and its healing."""


class Pool:
    """Bounded threads by source. What fails unexpectedly is logged, never lost silently."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._executors: dict[str, ThreadPoolExecutor] = {}

    def submit(self, source: str, act: Callable[..., None], *arguments: Any) -> Future[None]:
        """Run `act` in a thread of `source`."""
        with self._lock:
            executor = self._executors.get(source)
            if executor is None:
                executor = ThreadPoolExecutor(THREADS, thread_name_prefix=f"source-{source}")
                self._executors[source] = executor
        future = executor.submit(act, *arguments)
        future.add_done_callback(_report)
        return future

    def stop(self) -> None:
        """Take no more work; what has not begun is dropped, what runs is left to end."""
        with self._lock:
            for executor in self._executors.values():
                executor.shutdown(wait=False, cancel_futures=True)

    def join(self, within: timedelta) -> None:
        """Wait for what runs; a thread that a source holds past its deadline is left behind."""
        waiters = [
            threading.Thread(target=executor.shutdown, daemon=True) for executor in self._executors.values()
        ]
        for waiter in waiters:
            waiter.start()
        for waiter in waiters:
            waiter.join(within.total_seconds())


def _report(future: Future[None]) -> None:
    if future.cancelled():
        return
    error = future.exception()
    if error is not None:
        log.error("round_failed", error=repr(error), exc_info=error)
