"""Has briefs sent at their moments, and asks for the values by hand that they would lack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from collector.daemon.writer import Work, Writer
from collector.domain.alert import Transition
from collector.domain.okr import Okrs
from collector.ports.store import Transaction
from collector.services.ledger import Ledger
from collector.services.nudge import Nudge, by_hand_of, nudge, nudges_due
from collector.services.raise_alerts import Routes
from collector.services.tick import Errand
from collector.services.write_brief import Moment, moments_due, send_brief, speaks_of

LONGEST_WAIT = 1.0
"""Seconds that the planner waits for a brief to be stored."""


class Briefing:
    """Hands errands to the writer, each once a sync. Used by the planner's thread."""

    def __init__(self, okrs: Okrs, writer: Writer, ring: Callable[[], None]) -> None:
        self._okrs, self._writer, self._ring = okrs, writer, ring
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
            nudged = (due.key_result.key, due.role, due.sync)
            if nudged not in self._nudged and not self._send(
                Errand(partial(_nudge, due)), partial(self._nudged.add, nudged)
            ):
                return
        for moment in moments_due(self._okrs, at):
            if at < started + patience and moment.sync - at > 2 * patience:
                continue
            briefed = _key(moment)
            if briefed not in self._briefed and not self._send(
                Errand(partial(_brief, moment), partial(speaks_of, moment)),
                partial(self._briefed.add, briefed),
            ):
                return

    def _send(self, errand: Errand, note: Callable[[], None]) -> bool:
        """Hand over an errand unless one is on its way; tells whether it was taken. What was kept is noted."""
        if not self._errand.done.is_set():
            return False

        def kept() -> None:
            note()
            self._ring()

        work = Work(errand=errand, kept=kept)
        if not self._writer.offer(work):
            return False
        self._errand = work
        return work.done.wait(LONGEST_WAIT)


# in the writer's thread: stored before it is spoken, like everything


def _brief(moment: Moment, ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
    send_brief(ledger, tx, moment, routes, at)
    return []


def _nudge(due: Nudge, ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
    nudge(ledger, tx, due, routes, at)
    return []


def _key(moment: Moment) -> tuple[str, str, datetime]:
    return moment.team, moment.calendar.cycle.id, moment.sync
