"""A few threads for each source, so that a slow one holds up nobody else, and none of them the end of the process."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
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
        self._crews: dict[str, _Crew] = {}
        self._stopped = False

    def submit(self, source: str, act: Callable[..., None], *arguments: Any) -> Future[None]:
        """Run `act` in a thread of `source`; after `stop` it is cancelled at once."""
        job = _Job(act, arguments)
        with self._lock:
            if self._stopped:
                job.future.cancel()
                return job.future
            self._crews.setdefault(source, _Crew(source)).take(job)
        return job.future

    def stop(self) -> None:
        """Take no more work; what has not begun is dropped, what runs is left to end."""
        with self._lock:
            self._stopped = True
            for crew in self._crews.values():
                crew.dismiss()

    def join(self, within: timedelta) -> None:
        """Wait for what runs; a thread that a source holds for longer is left behind, and dies with the process."""
        ends = time.monotonic() + within.total_seconds()
        for crew in self._crews.values():
            for thread in crew.threads:
                thread.join(max(ends - time.monotonic(), 0.0))


@dataclass(slots=True)
class _Job:
    act: Callable[..., None]
    arguments: tuple[Any, ...]
    future: Future[None] = field(default_factory=Future)

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.act(*self.arguments)
        except BaseException as error:  # a thread has no one above it to tell
            log.exception("round_failed", error=repr(error))
            self.future.set_exception(error)
        else:
            self.future.set_result(None)


class _Crew:
    """The threads of one source. They are daemon threads: the standard executors' ones hold up the process' end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self.threads: list[threading.Thread] = []

    def take(self, job: _Job) -> None:
        self._jobs.put(job)
        if self._idle.acquire(blocking=False) or len(self.threads) >= THREADS:
            return
        name = f"source-{self._source}_{len(self.threads)}"
        self.threads.append(threading.Thread(target=self._work, name=name, daemon=True))
        self.threads[-1].start()

    def dismiss(self) -> None:
        while not self._jobs.empty():
            dropped = self._jobs.get()
            if dropped is not None:
                dropped.future.cancel()
        for _ in self.threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            self._idle.release()
