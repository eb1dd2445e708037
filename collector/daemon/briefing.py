"""Has briefs sent at their moments, and asks for the values by hand that they would lack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from collector.clock import Clock
from collector.daemon.writer import Work, Writer
from collector.domain.okr import Okrs
from collector.services.nudge import Nudge, by_hand_of, nudge, nudges_due
from collector.services.tick import Books
from collector.services.write_brief import Moment, moments_due, send_brief

LONGEST_WAIT = 1.0
"""Seconds that the planner waits for a brief to be stored."""


class Briefing:
    """Hands errands to the writer, each once a sync. Used by the planner's thread."""

    def __init__(self, okrs: Okrs, writer: Writer, clock: Clock, ring: Callable[[], None]) -> None:
        self._okrs, self._writer, self._clock, self._ring = okrs, writer, clock, ring
        self._by_hand = by_hand_of(okrs)
        self._briefed: set[tuple[str, str, datetime]] = set()
        self._nudged: set[tuple[str, str, datetime]] = set()
        self._errand = Work()
        self._errand.done.set()

    def run_due(self, at: datetime, started: datetime, patience: timedelta) -> None:
        """Send what is due. A daemon that has just started waits for `patience`: the first readings make it a better brief,
        if there is time.
        """
        for due in nudges_due(self._okrs.calendars, self._by_hand, at) if self._by_hand else []:
            if (due.key_result.key, due.role, due.sync) not in self._nudged and not self._send(
                partial(self._nudge, due)
            ):
                return
        for moment in moments_due(self._okrs, at):
            if at < started + patience and moment.sync - at > 2 * patience:
                continue
            if _key(moment) not in self._briefed and not self._send(partial(self._brief, moment)):
                return

    def _send(self, errand: Callable[[Books], None]) -> bool:
        """Hand over an errand unless one is on its way; tells whether it was taken."""
        if not self._errand.done.is_set():
            return False
        work = Work(errand=errand)
        if not self._writer.offer(work):
            return False
        self._errand = work
        return work.done.wait(LONGEST_WAIT)

    # -- in the writer's thread: stored before it is spoken, like everything

    def _brief(self, moment: Moment, books: Books) -> None:
        with books.store.write() as tx:
            books.ledger.load(tx)
            send_brief(books.ledger, tx, moment, books.routes, self._clock.now())
        self._briefed.add(_key(moment))
        self._ring()

    def _nudge(self, due: Nudge, books: Books) -> None:
        with books.store.write() as tx:
            books.ledger.load(tx)
            said = nudge(books.ledger, tx, due, books.routes, self._clock.now())
        self._nudged.add((due.key_result.key, due.role, due.sync))
        if said is not None:
            self._ring()


def _key(moment: Moment) -> tuple[str, str, datetime]:
    return moment.team, moment.calendar.cycle.id, moment.sync
