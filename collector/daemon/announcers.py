"""A thread for each notifier: a slow one delays nobody else."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from datetime import timedelta

from collector.clock import Clock
from collector.daemon.tally import Tally
from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.notifier import Delivered, Gone, Notifier, Refused, TryLater
from collector.ports.store import Store
from collector.services.announce import Sent, announce

log = get_logger(__name__)

LONGEST_SLEEP = 5.0
"""Seconds after which an announcer looks by itself whether something is due."""


class Announcers:
    """Delivers the outbox until stopped."""

    def __init__(self, store: Store, notifiers: Mapping[str, Notifier], clock: Clock, tally: Tally) -> None:
        self._store, self._clock, self._tally = store, clock, tally
        self._stopping = threading.Event()
        self._bells = {name: threading.Event() for name in notifiers}
        self._threads = [
            threading.Thread(target=self._run, args=(name, notifier), name=f"notify-{name}", daemon=True)
            for name, notifier in notifiers.items()
        ]

    def start(self) -> None:
        """Begin, with what an earlier run left."""
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """Say that letters were put into the outbox."""
        for bell in self._bells.values():
            bell.set()

    def stop(self, within: timedelta) -> None:
        """End after the sending at hand; what is still due is sent after the next start."""
        self._stopping.set()
        self.ring()
        ends = time.monotonic() + within.total_seconds()
        for thread in self._threads:
            thread.join(max(ends - time.monotonic(), 0.0))

    def _run(self, name: str, notifier: Notifier) -> None:
        bell = self._bells[name]
        gone = refused = False
        while not (gone or self._stopping.is_set()):
            bell.clear()
            try:
                sent = (
                    announce(self._store, name, notifier, self._clock, random.random)
                    if self._due(name)
                    else []
                )
                pause = self._pause(name)
            except StoreError as error:
                if not refused:
                    log.error("outbox_unavailable", notifier=name, error=str(error))  # noqa: TRY400 - the text says all
                refused = True
                bell.wait(LONGEST_SLEEP)
                continue
            except Exception as error:
                # a defect of ours: what is due stays due
                log.exception("announcer_failed", notifier=name, error=type(error).__name__)
                bell.wait(LONGEST_SLEEP)
                continue
            refused = False
            for one in sent:
                self._report(name, one)
            gone = any(isinstance(one.verdict, Gone) for one in sent)
            if not any(isinstance(one.verdict, Delivered) for one in sent):
                bell.wait(pause)

    def _due(self, name: str) -> bool:
        with self._store.read() as tx:
            due = tx.next_due(name)
        return due is not None and due <= self._clock.now()

    def _pause(self, name: str) -> float:
        with self._store.read() as tx:
            due = tx.next_due(name)
        if due is None:
            return LONGEST_SLEEP
        return min(max((due - self._clock.now()).total_seconds(), 0.0), LONGEST_SLEEP)

    def _report(self, name: str, one: Sent) -> None:
        said = one.letter.announcement
        match one.verdict:
            case Delivered():
                self._tally.sent(name, "delivered")
                log.info("announced", notifier=name, event_id=said.id, kind=said.kind, subject=said.subject)
            case TryLater(reason=reason):
                self._tally.sent(name, "retried")
                log.warning(
                    "announcement_retried", notifier=name, event_id=said.id, reason=reason, due=one.due
                )
            case Refused(reason=reason):
                self._tally.sent(name, "dead")
                log.error("announcement_dead", notifier=name, event_id=said.id, reason=reason)
            case Gone(reason=reason):
                self._tally.sent(name, "gone")
                log.error("notifier_gone", notifier=name, event_id=said.id, reason=reason)
