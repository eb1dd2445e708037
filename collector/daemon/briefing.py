"""Has said at their moments what is said round a sync, and asks for the values by hand that a brief would lack."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from collector.daemon.writer import Work, Writer
from collector.domain.alert import Transition
from collector.domain.moments import Agenda, Moment, MomentKind
from collector.domain.okr import Okrs
from collector.logs import get_logger
from collector.ports.store import Transaction
from collector.services.beside_brief import speaks_of
from collector.services.escalate import escalate
from collector.services.ledger import Ledger
from collector.services.miss_moments import note_missed
from collector.services.nudge import Nudge, by_hand_of, nudge, nudges_due
from collector.services.recipients import Routes
from collector.services.tell_changes import tell_changes
from collector.services.tick import Errand
from collector.services.write_brief import send_brief

log = get_logger(__name__)

LONGEST_WAIT = 1.0
"""Seconds that the planner waits for a brief to be stored."""
FAILED_WAIT = timedelta(minutes=1)
"""Until an errand that failed with a defect is tried again: each failure has everything read anew."""


class Briefing:
    """Hands errands to the writer, each once a sync, those of a team in their order. Used by the planner's thread."""

    def __init__(self, okrs: Okrs, writer: Writer, ring: Callable[[], None]) -> None:
        self._okrs, self._writer, self._ring = okrs, writer, ring
        self._by_hand = by_hand_of(okrs)
        self._handled: set[Moment] = set()
        self._nudged: set[tuple[str, str, datetime]] = set()
        self._agenda = Agenda(okrs)
        self._ahead: frozenset[tuple[str, str, datetime]] | None = None
        """The next syncs, as they were when those before them were closed; at the start the enrolment closes them."""
        self._errand = Work()
        self._errand.done.set()
        self._tried: dict[Hashable, datetime] = {}
        """When errands were handed over that are not kept."""

    def run_due(self, at: datetime, started: datetime, patience: timedelta) -> None:
        """Send what is due. A daemon that has just started waits for `patience`: the first readings make it a better brief,
        if there is time.
        """
        if not self._ask_for_values(at) or not self._close_past(at):
            return
        for moment in self._agenda.due(at):
            if at < started + patience and moment.last_hour > started + patience:
                continue
            if moment not in self._handled and not self._send(
                moment,
                Errand(partial(_say, moment), partial(speaks_of, moment)),
                partial(self._handled.add, moment),
                at,
            ):
                return

    def next_due(self, at: datetime) -> datetime | None:
        """Give when something will be due again."""
        return self._agenda.next_due(at)

    def _ask_for_values(self, at: datetime) -> bool:
        for due in nudges_due(self._okrs.calendars, self._by_hand, at) if self._by_hand else []:
            nudged = (due.key_result.key, due.role, due.sync)
            if nudged not in self._nudged and not self._send(
                nudged, Errand(partial(_nudge, due)), partial(self._nudged.add, nudged), at
            ):
                return False
        return True

    def _close_past(self, at: datetime) -> bool:
        """Have noted what was not said before a sync that has just passed."""
        ahead = self._agenda.syncs(at)
        if self._ahead is None:
            self._ahead = ahead
        return ahead == self._ahead or self._send(ahead, Errand(_close), partial(self._closed, ahead), at)

    def _closed(self, ahead: frozenset[tuple[str, str, datetime]]) -> None:
        self._ahead = ahead

    def _send(self, what: Hashable, errand: Errand, note: Callable[[], None], at: datetime) -> bool:
        """Hand over an errand unless one is on its way; tells whether the next one may follow. What was kept is noted; what
        failed rests, and holds up nothing else.
        """
        if not self._errand.done.is_set():
            return False
        if self._rests(what, at):
            return True

        def kept() -> None:
            self._tried.pop(what, None)
            note()
            self._ring()

        work = Work(errand=errand, kept=kept)
        self._tried[what] = at  # before the writer has it: keeping it takes this back
        if not self._writer.offer(work):
            del self._tried[what]
            return False
        self._errand = work
        return work.done.wait(LONGEST_WAIT)

    def _rests(self, what: Hashable, at: datetime) -> bool:
        """Tell whether an errand failed a moment ago, by a clock that was not set back since."""
        tried = self._tried.get(what)
        return tried is not None and tried <= at < tried + FAILED_WAIT


def log_missed(missed: list[Moment]) -> None:
    """Write to the log what was never said, as it stands in the store."""
    for moment in missed:
        log.warning("moment_missed", kind=moment.kind.value, team=moment.team, sync=moment.sync)


# in the writer's thread: stored before it is spoken, like everything


def _say(moment: Moment, ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
    match moment.kind:
        case MomentKind.BRIEF:
            send_brief(ledger, tx, moment, routes, at)
        case MomentKind.ESCALATION:
            escalate(ledger, tx, moment, routes, at)
        case MomentKind.CHANGES:
            tell_changes(ledger, tx, moment, routes, at)
        case _:
            assert_never(moment.kind)
    return []


def _close(ledger: Ledger, tx: Transaction, _routes: Routes, at: datetime) -> list[Transition]:
    log_missed(note_missed(tx, ledger.okrs, at))
    return []


def _nudge(due: Nudge, ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
    nudge(ledger, tx, due, routes, at)
    return []
