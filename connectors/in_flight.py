"""Keeps a bounded number of requests in flight, and gives every question exactly one outcome whatever happens to them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from connectors.api import ErrorKind, Failure, Outcome

GRACE = 0.4
"""Seconds past the deadline in which a request that was just cut may still report; then it is left to itself."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Step(Generic[Key]):
    """What one request brought: outcomes, requests that have to follow, and whether to stop asking at all."""

    outcomes: Sequence[tuple[Key, Outcome]] = ()
    follow: Sequence[Job[Key]] = ()
    halt: Failure | None = None


class Job(Protocol[Key]):
    """One request, and the keys that wait for it."""

    @property
    def keys(self) -> Sequence[Key]:
        """Every key that this job, or one that follows it, must give an outcome to."""

    def run(self, seconds: float) -> Step[Key]:
        """Make the request, in at most `seconds`."""


class InFlight:
    """A pool of threads shared by all calls to one source. Each call takes its turn: a long one does not starve others."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix=name)

    def run(self, jobs: Iterable[Job[Key]], deadline: timedelta) -> Iterator[tuple[Key, Outcome]]:
        """Run `jobs` and what follows them, and yield outcomes as they come.

        After a `halt` nothing further is asked: the questions left get the same failure. At the deadline they get
        `TIMEOUT`.
        """
        expires = time.monotonic() + deadline.total_seconds()
        waiting: deque[Job[Key]] = deque(jobs)
        flying: dict[Future[Step[Key]], Job[Key]] = {}
        try:
            while waiting or flying:
                self._launch(waiting, flying, expires)
                landed, _ = wait(flying, max(expires + GRACE - time.monotonic(), 0.0), FIRST_COMPLETED)
                if not landed:
                    break
                for future in landed:
                    del flying[future]
                    step = future.result()
                    yield from step.outcomes
                    waiting.extend(step.follow)
                    if step.halt is not None:
                        yield from _all(waiting, step.halt)
                        waiting.clear()
            late = Failure(ErrorKind.TIMEOUT, "the deadline passed before this was answered; krd asks again")
            yield from _all([*flying.values(), *waiting], late)
        finally:
            for future in flying:
                future.cancel()

    def close(self) -> None:
        """Let go of the threads; what is in flight ends at its own deadline."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _launch(
        self, waiting: deque[Job[Key]], flying: dict[Future[Step[Key]], Job[Key]], expires: float
    ) -> None:
        while waiting and len(flying) < self._limit:
            job = waiting.popleft()
            try:
                flying[self._pool.submit(_fly, job, expires)] = job
            except RuntimeError:
                closed: Future[Step[Key]] = Future()
                closed.set_result(
                    _failed(job, Failure(ErrorKind.TRANSIENT, "the source was closed meanwhile"))
                )
                flying[closed] = job


def _fly(job: Job[Key], expires: float) -> Step[Key]:
    seconds = expires - time.monotonic()
    if seconds <= 0:
        return _failed(
            job, Failure(ErrorKind.TIMEOUT, "the deadline passed before this was asked; krd asks again")
        )
    try:
        return job.run(seconds)
    except Exception as error:  # noqa: BLE001 - a connector never raises: a defect of ours is an outcome too
        return _failed(
            job,
            Failure(
                ErrorKind.BAD_VALUE, f"krd could not read the answer ({type(error).__name__}); report this"
            ),
        )


def _failed(job: Job[Key], failure: Failure) -> Step[Key]:
    return Step([(key, failure) for key in job.keys])


def _all(jobs: Iterable[Job[Key]], failure: Failure) -> Iterator[tuple[Key, Outcome]]:
    for job in jobs:
        for key in job.keys:
            yield key, failure
