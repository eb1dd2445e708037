"""The one thread that writes: takes what the others found, and keeps it in as few transactions as there is time for."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from collector.clock import Clock
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.errors import StoreError
from collector.logs import get_logger
from collector.services.ask import Found, Healed
from collector.services.restate import Reread
from collector.services.tick import Books, Errand

log = get_logger(__name__)

LONGEST_QUEUE = 1000
"""Pieces of work that may wait; past that the threads that fetch wait, and slots are missed rather than memory eaten."""
TOGETHER = 20
"""Pieces of work kept in one transaction at most."""
RETRY_WAIT = 1.0
"""Seconds until a refused transaction is tried again."""


@dataclass(slots=True)
class Work:
    """Something to be kept."""

    found: Sequence[Found] = ()
    healed: Sequence[Healed] = ()
    reread: Sequence[Reread] = ()
    errand: Errand | None = None
    """Something else that writes, in a transaction of its own (a brief)."""
    kept: Callable[[], None] = lambda: None
    """Called in the writer's thread once the errand was kept."""
    done: threading.Event = field(default_factory=threading.Event)
    """Set when it was kept, or given up."""


class Ended(Exception):
    """Nothing is kept any more: whoever reads to have it kept is to stop reading."""


class Writer:
    """Runs the writing thread. `after` is called there after each transaction, with the books open to read; `idle` after
    work, when none waits: it may do a little that nobody waits for.
    """

    def __init__(
        self,
        books: Books,
        watch: Watch,
        tally: Tally,
        clock: Clock,
        after: Callable[[Books], None],
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        self._idle = idle
        self._books, self._watch, self._tally, self._clock, self._after = books, watch, tally, clock, after
        self._queue: queue.Queue[Work | None] = queue.Queue(maxsize=LONGEST_QUEUE)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def put(self, work: Work) -> bool:
        """Hand over work; waits while too much is waiting, but not past the end of the writer. Tells whether it was taken."""
        while not self._stopping.is_set():
            try:
                self._queue.put(work, timeout=RETRY_WAIT)
            except queue.Full:
                continue
            return True
        return False

    def see_through(self, work: Work) -> None:
        """Hand over work, and wait until it was kept or given up. Raises `Ended` when the writer is over before that."""
        taken = self.put(work)
        while taken and not work.done.wait(RETRY_WAIT):
            if self.ended:
                break  # it may have been done just before
        if not work.done.is_set():
            raise Ended

    def offer(self, work: Work) -> bool:
        """Hand over work unless too much is waiting; tells whether it was taken. For those who may not wait."""
        try:
            self._queue.put_nowait(work)
        except queue.Full:
            return False
        return True

    def waiting(self) -> int:
        """Give how many pieces of work wait."""
        return self._queue.qsize()

    @property
    def ended(self) -> bool:
        """Whether the thread is over, so that nothing of it writes any more."""
        return not self._thread.is_alive()

    def stop(self, within: timedelta) -> bool:
        """Keep what waits, then end; tells whether that was done in time."""
        ends = time.monotonic() + within.total_seconds()
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=within.total_seconds())
        self._thread.join(max(ends - time.monotonic(), 0.0))
        ended = not self._thread.is_alive()
        self._stopping.set()
        return ended

    def _run(self) -> None:
        ending = False
        while not ending:
            first = self._queue.get()
            batch = [first] if first is not None else []
            while len(batch) < TOGETHER and first is not None:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    ending = True
                    break
                batch.append(more)
            ending = ending or first is None
            self._keep(batch)
            if not ending and self._queue.empty():
                self._do_idle_work()

    def _keep(self, batch: list[Work]) -> None:
        found = [one for work in batch for one in work.found]
        healed = [one for work in batch for one in work.healed]
        reread = [one for work in batch for one in work.reread]
        self._insist(partial(self._transact, found, healed, reread))
        for work in batch:
            if work.errand is not None:
                self._insist(partial(self._run_errand, work.errand, work.kept))
            work.done.set()

    def _transact(self, found: list[Found], healed: list[Healed], reread: list[Reread]) -> None:
        started, at = time.monotonic(), self._clock.now()
        standings = self._watch.all()
        moved = self._books.keep(at, found=found, healed=healed, reread=reread, standings=standings)
        self._tally.kept(at, time.monotonic() - started, moved)
        self._tally.found(found)
        for one in healed:
            self._tally.found(list(one.findings))
        self._after(self._books)

    def _run_errand(self, errand: Errand, kept: Callable[[], None]) -> None:
        started, at = time.monotonic(), self._clock.now()
        moved = self._books.keep(at, errand=errand, standings=self._watch.all())
        self._tally.kept(at, time.monotonic() - started, moved)
        kept()
        self._after(self._books)

    def _do_idle_work(self) -> None:
        try:
            self._idle()
        except Exception as error:
            # a defect of ours must not end the thread that keeps everything
            log.exception("idle_work_failed", error=repr(error))

    def _insist(self, act: Callable[[], None]) -> None:
        """Do it, again and again while the store refuses: what was read is not thrown away. Said once."""
        refused = False
        while True:
            try:
                act()
            except StoreError as error:
                refused = True
                if self._tally.refused(str(error)):
                    log.error("store_refuses", error=str(error))  # noqa: TRY400 - the text says all, a traceback nothing
                if self._stopping.wait(RETRY_WAIT):
                    log.error("findings_lost", error=str(error))  # noqa: TRY400 - as above
                    return
            except Exception as error:
                # a defect of ours: this piece is given up, to be healed, rather than every piece after it
                log.exception("writer_failed", error=repr(error))
                self._tally.refused(f"a defect: {error!r}")
                return
            else:
                if refused:
                    log.info("store_accepts_again")
                return
