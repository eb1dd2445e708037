"""One total deadline for a whole exchange, whoever speaks: a watchdog thread shuts the socket when time is up.

A time-out per read is no deadline: a source that sends a byte a second satisfies it for ever, and so do the clients built
on it. Here a single daemon thread keeps a heap of deadlines. The code that speaks tells it which socket is in use
(`watch`); past the deadline that socket is shut, whatever blocks on it returns, and leaving the `bounded` block raises
`DeadlineExceeded`.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import socket
import threading
import time
from types import TracebackType
from typing import Self

__all__ = ["DeadlineExceeded", "Lease", "bounded", "watch"]


class DeadlineExceeded(Exception):
    """The exchange was not complete in time, and has been cut."""


_here = threading.local()


class Lease:
    """The time left to one exchange in one thread; a context manager. See `bounded`."""

    __slots__ = ("_dog", "_socket", "expires", "fired")

    def __init__(self, dog: _Watchdog, expires: float) -> None:
        self._dog = dog
        self._socket: socket.socket | None = None
        self.expires = expires
        self.fired = False

    @property
    def remaining(self) -> float:
        """Seconds left; at least a millisecond, because zero means "do not block" to a socket."""
        return max(self.expires - time.monotonic(), 0.001)

    def attach(self, used: socket.socket) -> None:
        """Name the socket to be shut at the deadline; shut it at once when that has passed."""
        with self._dog.lock:
            self._socket = used
            late = self.fired
        if late:
            _shut(used)

    def fire(self) -> None:
        """Cut the exchange. One that is over has no socket here: that may serve the next one. The lock is held."""
        self.fired = True
        if self._socket is not None:
            _shut(self._socket)

    def __enter__(self) -> Self:
        _here.lease = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.lease = None
        with self._dog.lock:
            fired = self.fired
            self._socket = None
        if fired and (error is None or isinstance(error, Exception)):
            raise DeadlineExceeded from error


class _Watchdog:
    """A heap of deadlines and the thread that sleeps until the next one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._earlier = threading.Condition(self.lock)
        self._heap: list[tuple[float, int, Lease]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def lease(self, seconds: float) -> Lease:
        lease = Lease(self, time.monotonic() + seconds)
        with self.lock:
            heapq.heappush(self._heap, (lease.expires, next(self._order), lease))
            if self._heap[0][2] is lease:
                self._earlier.notify()
            # Checked each time: a forked child has the heap but not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="krd-deadlines", daemon=True)
                self._thread.start()
        return lease

    def _watch(self) -> None:
        with self.lock:
            while True:
                now = time.monotonic()
                while self._heap and self._heap[0][0] <= now:
                    heapq.heappop(self._heap)[2].fire()
                self._earlier.wait(self._heap[0][0] - now if self._heap else None)


_WATCHDOG = _Watchdog()


def bounded(seconds: float) -> Lease:
    """Bound everything that this thread does inside the `with` block, in seconds from now.

    Leaving the block after the deadline raises `DeadlineExceeded`, from the error that the cut caused if there is one.
    """
    return _WATCHDOG.lease(max(seconds, 0.0))


def watch(used: object) -> None:
    """Tell the watchdog which socket this thread speaks through; without a `bounded` block nothing happens."""
    lease: Lease | None = getattr(_here, "lease", None)
    if lease is not None and isinstance(used, socket.socket):
        lease.attach(used)


def _shut(used: socket.socket) -> None:
    # The plain socket's shutdown, also for TLS: the TLS one would pull its state from under the thread that reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(used, socket.SHUT_RDWR)
