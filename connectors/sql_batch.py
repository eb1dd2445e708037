"""Runs work on a bounded number of connections, and never lets its caller wait past the deadline.

Drivers block, and a blocked thread cannot be stopped from outside. So work runs in threads of its own, the caller waits for
answers only until the deadline, then asks the driver to cancel, waits `GRACE_SECONDS`, and goes. A thread left behind keeps
one of the source's permits until its driver lets go: a hung database costs at most `connections` threads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine

from connectors.api import ErrorKind, Failure
from connectors.sql_errors import LATE
from connectors.sql_session import canceller, limited

GRACE_SECONDS = 0.5
"""How long past the deadline a cancelled statement may take to say so."""

PATIENCE_SECONDS = 0.25
"""One connection answers a batch; when nothing came for this long another helps, so a slow query starves nobody."""

PARTING_SECONDS = 0.1
"""How long the caller waits for finished threads to give back their connections."""

BUSY = "every connection of the source was busy until the deadline; raise `connections`, or ask it less"

T = TypeVar("T")
Work = Callable[[Connection], T]
Translate = Callable[..., Failure]
Stop = Callable[[], object]

_log = logging.getLogger(__name__)


class Crew(Generic[T]):
    """Answers one batch. `permits` bounds the threads of the whole source; `expires` is on `time.monotonic`."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        permits: threading.BoundedSemaphore,
        expires: float,
        translate: Translate,
    ) -> None:
        self._engine = engine
        self._permits = permits
        self._expires = expires
        self._translate = translate
        self._waiting: deque[tuple[int, Work[T]]] = deque()
        self._answers: SimpleQueue[tuple[int, T | Failure]] = SimpleQueue()
        self._lock = threading.Lock()
        self._stops: dict[int, Stop | None] = {}
        self._threads: list[threading.Thread] = []
        self._connected = False
        self._cancelled = False

    def run(self, works: Sequence[Work[T]]) -> Iterator[tuple[int, T | Failure]]:
        """Yield `(index, outcome)` for every work as it ends. Each runs in its own transaction, always rolled back."""
        pending = set(range(len(works)))
        self._waiting.extend(enumerate(works))
        try:
            said = BUSY
            if pending and self._permits.acquire(timeout=max(self._left(), 0)):
                said = LATE
                self._start(first=True)
                for index, outcome in self._until_deadline(pending):
                    pending.discard(index)
                    yield index, outcome
            for index in sorted(pending):
                yield index, Failure(ErrorKind.TIMEOUT, said)
        finally:
            self._waiting.clear()
            self._cancel()
            self._see_off()

    def _until_deadline(self, pending: set[int]) -> Iterator[tuple[int, T | Failure]]:
        while pending and (left := self._left()) > 0:
            try:
                yield self._answers.get(timeout=min(left, PATIENCE_SECONDS))
            except Empty:
                self._call_help()
        self._waiting.clear()
        self._cancel()
        while pending:
            try:
                yield self._answers.get(timeout=max(0.0, self._left() + GRACE_SECONDS))
            except Empty:
                return

    def _left(self) -> float:
        return self._expires - time.monotonic()

    def _call_help(self) -> None:
        if self._connected and self._waiting and self._permits.acquire(blocking=False):
            self._start(first=False)

    def _start(self, *, first: bool) -> None:
        thread = threading.Thread(target=self._work, args=(first,), name="krd-sql", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the system gives no more threads
            self._permits.release()
            if first:
                self._fail_rest(error)
        else:
            self._threads.append(thread)

    def _see_off(self) -> None:
        """Let threads that are done give back their connections, so that `close` finds them in the pool."""
        until = time.monotonic() + PARTING_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self, first: bool) -> None:
        try:
            with self._engine().connect() as connection:
                self._answer_on(connection)
        except Exception as error:  # noqa: BLE001 - drivers raise what they like; `fetch` never does
            # A helper that gets no connection leaves its work to the others; the first speaks for the batch.
            self._fail_rest(error) if first else _log.debug("sql_helper_failed: %s", type(error).__name__)
        finally:
            self._permits.release()

    def _answer_on(self, connection: Connection) -> None:
        self._connected = True
        while (taken := self._take()) is not None:
            index, work = taken
            self._answers.put((index, self._answer(connection, work)))
        if self._cancelled:
            # A cancel still under way would hit whoever gets this connection next.
            connection.invalidate()

    def _take(self) -> tuple[int, Work[T]] | None:
        try:
            return self._waiting.popleft() if self._left() > 0 else None
        except IndexError:
            return None

    def _answer(self, connection: Connection, work: Work[T]) -> T | Failure:
        try:
            transaction = connection.begin()
            try:
                with limited(connection, self._expires), self._cancellable(connection):
                    return work(connection)
            finally:
                # Undoes `set_config` too: a query cannot lift the limits for the next one.
                transaction.rollback()
        except Exception as error:  # noqa: BLE001 - drivers raise what they like; `fetch` never does
            return self._translated(error)

    @contextmanager
    def _cancellable(self, connection: Connection) -> Iterator[None]:
        me = threading.get_ident()
        with self._lock:
            self._stops[me] = canceller(connection)
        try:
            yield
        finally:
            with self._lock:
                del self._stops[me]

    def _translated(self, error: Exception) -> Failure:
        return self._translate(error, late=self._left() <= 0)

    def _fail_rest(self, error: Exception) -> None:
        failure = self._translated(error)
        while self._waiting:
            try:
                index, _ = self._waiting.popleft()
            except IndexError:
                return
            self._answers.put((index, failure))

    def _cancel(self) -> None:
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = bool(self._stops)
            stops = [stop for stop in self._stops.values() if stop is not None]
        for stop in stops:
            # In a thread: asking a dead server to cancel takes as long as asking it anything else.
            with suppress(RuntimeError):  # no thread to be had: the server's own limit ends the statement
                threading.Thread(target=_stop, args=(stop,), name="krd-sql-cancel", daemon=True).start()


def _stop(stop: Stop) -> None:
    try:
        stop()
    except Exception as error:  # noqa: BLE001 - the server's own limit ends what our cancel could not
        _log.debug("sql_cancel_failed: %s", type(error).__name__)
