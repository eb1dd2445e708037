"""A thread for each notifier: a slow one delays nobody else."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from collector.clock import Clock
from collector.daemon.sink_trouble import SinkTrouble, ToldOf
from collector.daemon.tally import Tally
from collector.daemon.upholding import Upholding
from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.catalogue import NotifierEntry
from collector.ports.notifier import Notifier
from collector.ports.store import Store
from collector.services.announce import Line, Outcome, Sent, deliver, disabled_of
from collector.services.retry_letters import asked_since

log = get_logger(__name__)

LONGEST_SLEEP = 5.0
"""Seconds after which an announcer looks by itself whether something is due."""
TAKEN_SLEEP = 1.0
"""Seconds until it looks again when what is due is leased to somebody else."""


@dataclass(slots=True)
class _Desk:
    """What one announcer works with."""

    line: Line
    trouble: SinkTrouble
    upholding: Upholding
    bell: threading.Event = field(default_factory=threading.Event)
    disabled: bool = False


class Announcers:
    """Delivers the outbox until stopped. `entries` holds the configuration of each of `notifiers`."""

    def __init__(
        self,
        store: Store,
        notifiers: Mapping[str, Notifier],
        entries: Mapping[str, NotifierEntry],
        clock: Clock,
        tally: Tally,
        told_of: ToldOf,
    ) -> None:
        self._store, self._clock, self._tally = store, clock, tally
        self._stopping = threading.Event()
        lines = [Line(entries[name], notifier) for name, notifier in notifiers.items()]
        self._desks = [
            _Desk(line, SinkTrouble(line, clock, told_of), Upholding(store, line, clock)) for line in lines
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(desk,), name=f"notify-{desk.line.name}", daemon=True)
            for desk in self._desks
        ]

    def take_over(self, before: Announcers) -> None:
        """Go on, before the start, with what others knew that were stopped: a notifier that is configured as it was is left
        alone for as long as it asked for, and fails since it failed.
        """
        known = {desk.line.name: desk for desk in before._desks}
        for desk in self._desks:
            was = known.get(desk.line.name)
            if was is not None and _same(was.line.entry, desk.line.entry):
                desk.line.pace = replace(was.line.pace, rate=desk.line.pace.rate)
                desk.trouble.take_over(was.trouble)

    def start(self) -> None:
        """Begin, with what an earlier run left."""
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """Say that letters were put into the outbox."""
        for desk in self._desks:
            desk.bell.set()

    def stop(self, within: timedelta) -> None:
        """End after the sending at hand; what is still due is sent after the next start."""
        self._stopping.set()
        self.ring()
        ends = time.monotonic() + within.total_seconds()
        for thread in self._threads:
            thread.join(max(ends - time.monotonic(), 0.0))

    def _run(self, desk: _Desk) -> None:
        refused = False
        while not self._stopping.is_set():
            desk.bell.clear()
            pause = LONGEST_SLEEP
            try:
                pause = self._turn(desk)
                refused = False
            except StoreError as error:
                if not refused:
                    log.error("outbox_unavailable", notifier=desk.line.name, error=str(error))  # noqa: TRY400 - the text says all
                refused = True
            except Exception as error:
                # a defect of ours: what is due stays due
                log.exception("announcer_failed", notifier=desk.line.name, error=type(error).__name__)
            desk.bell.wait(pause)

    def _turn(self, desk: _Desk) -> float:
        """Do what is next; gives for how many seconds there is nothing to do."""
        desk.trouble.look()
        if (upheld := desk.upholding.run_due()) is not None:
            desk.trouble.after_upholding(upheld)
        pause = self._pause(desk)
        if pause > 0:
            return min(pause, LONGEST_SLEEP)
        was_open = desk.line.pace.open
        sent = deliver(self._store, desk.line, self._clock, random.random)
        if sent is None:
            return TAKEN_SLEEP
        self._report(desk.line, sent, was_open=was_open)
        desk.trouble.after(sent)
        return 0.0

    def _pause(self, desk: _Desk) -> float:
        """Give after how many seconds something may be sent."""
        line, now = desk.line, self._clock.monotonic()
        with self._store.read() as tx:
            disabled = disabled_of(tx, line.entry)
            due = tx.next_due(line.name)
            answered = self._clock.now() - line.pace.idle(now)
            if line.pace.rest(now) and asked_since(tx, line.name, answered):
                line.pace = line.pace.answered()  # a person knows better than what it asked for
        if disabled is not None:
            if not desk.disabled:
                log.error("notifier_disabled", notifier=line.name, since=disabled.at, reason=disabled.why)
                desk.trouble.found_disabled(disabled)
            desk.disabled = True
            return LONGEST_SLEEP
        desk.disabled = False
        if due is None:
            return LONGEST_SLEEP
        early = line.pace.open
        wait = 0.0 if early else (due - self._clock.now()).total_seconds()
        return max(wait, line.pace.wait(self._clock.monotonic()))

    def _report(self, line: Line, sent: Sent, *, was_open: bool) -> None:
        """Log it, once where a notifier fails for long."""
        self._tally.sent(line.name, sent.outcome.value)
        facts = {"notifier": line.name, "message_id": sent.bundle.id, "letters": len(sent.bundle.letters)}
        match sent.outcome:
            case Outcome.DELIVERED:
                kind, subject = (sent.said.kind, sent.said.subject) if sent.said is not None else ("", "")
                log.info("announced", **facts, kind=kind, subject=subject)
            case Outcome.RETRIED if not was_open:
                log.warning("announcement_retried", **facts, reason=sent.why, due=sent.due)
            case Outcome.RETRIED:
                pass  # said when the breaker opened
            case Outcome.SPLIT:
                log.warning("announcement_split", **facts, reason=sent.why)
            case Outcome.FENCED:
                log.warning("announcement_fenced", **facts, reason=sent.why)
            case Outcome.DEAD:
                log.error("announcement_dead", **facts, reason=sent.why)
            case Outcome.GONE:
                log.error("notifier_gone", **facts, reason=sent.why)
        if line.pace.open and not was_open:
            log.error("notifier_left_alone", notifier=line.name, reason=sent.why)
        if was_open and not line.pace.open:
            log.info("notifier_answers_again", notifier=line.name, hurried=sent.hurried)


def _same(was: NotifierEntry, now: NotifierEntry) -> bool:
    """Tell whether two configurations speak to the same other side: another secret may be what it waited for."""
    return (was.digest, was.options) == (now.digest, now.options)
