"""Has what krd tells of itself written in the writer's thread, and sent from there: stored before it is spoken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from collector.clock import Clock
from collector.daemon.tally import Tally
from collector.daemon.writer import Work, Writer
from collector.services.tell_of_krd import Telling
from collector.services.tick import Books


class Teller:
    """Hands tellings to the writer; `ring` wakes who sends letters."""

    def __init__(self, writer: Writer, tally: Tally, clock: Clock, ring: Callable[[], None]) -> None:
        self._writer, self._tally, self._clock, self._ring = writer, tally, clock, ring

    def tell(self, telling: Telling) -> None:
        """Have it told after the work that waits."""
        self._writer.put(Work(errand=partial(self._tell, telling)))

    def _tell(self, telling: Telling, books: Books) -> None:
        with books.store.write() as tx:
            books.ledger.load(tx)
            moved = telling(books.ledger, tx, books.routes, self._clock.now())
        books.ledger.put_alerts([one.alert for one in moved])
        self._tally.moved(moved)
        self._ring()
