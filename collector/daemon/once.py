"""One pass and out: read what is due now, heal what was missed, judge, send. For cron, CI and people; harmless beside `run`."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from collector.daemon.batch import Batch
from collector.daemon.loop import Parts
from collector.daemon.pool import Pool
from collector.daemon.rounds import Rounds
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.domain.okr import MAIN
from collector.domain.sample import Gap, Sample
from collector.services.account import Account
from collector.services.announce import Line, Outcome, announce
from collector.services.ask import Due, Found, Healed
from collector.services.heal import stretches
from collector.services.ledger import Ledger
from collector.services.plan_due import dues_of
from collector.services.restate import Reread, to_reread
from collector.services.tick import Books

ROUNDS_OF_LETTERS = 50
"""So many handfuls of letters a notifier is given in one pass; the rest waits for the next."""


@dataclass(slots=True)
class Pass:
    """What a pass did, by key result, in the order of the files."""

    found: dict[str, Found] = field(default_factory=dict)
    """The newest finding of each key result asked, keyed `cycle:address`."""
    healed: int = 0
    """Readings of the past that were recorded."""
    sent: int = 0
    unsent: int = 0
    """Letters tried in vain: they stay in the outbox, to be tried again or seen there as dead."""


def run_once(
    parts: Parts, *, only: Collection[str] = (), progress: Callable[[str], None] = lambda _: None
) -> Pass:
    """Read the newest slot of each key result, or of those whose `cycle:address` is in `only`, and do what follows.

    Recording a slot that is there already records nothing. `progress` hears what is being done. Raises `StoreError`.
    """
    work = _Once(parts, frozenset(only), progress)
    work.enrol()
    work.read()
    work.heal()
    work.reread()
    work.judge_sources()
    work.send()
    return work.done


class _Once:
    def __init__(self, parts: Parts, only: frozenset[str], progress: Callable[[str], None]) -> None:
        self.parts, self.only, self.progress = parts, only, progress
        self.done = Pass()
        configuration = parts.configuration
        self.watch = Watch(configuration.sources)
        ledger = Ledger(configuration.okrs)
        self.books = Books(parts.store, ledger, configuration.notifiers)
        self.turn = threading.Lock()
        tally = Tally(parts.clock.now())
        self.rounds = Rounds(parts.sources, self.watch, tally, parts.clock, self._deliver, threading.Event())

    def enrol(self) -> None:
        with self.parts.store.read() as tx:
            self.watch.remember(tx.alerts().values())  # a pass counts failures on where the last one left
        self.books.enrol(self.parts.clock.now(), self.watch.all())

    def read(self) -> None:
        dues: dict[str, dict[object, list[Due]]] = {}
        at = self.parts.clock.now()
        for account in self._chosen():
            if not account.binding.asked:
                continue
            cadence = account.binding.cadence(account.key_result.cycle)
            lag = account.key_result.cycle.nominal(account.binding.lag)
            for due in dues_of([account], cadence.latest(at - lag)):
                dues.setdefault(account.binding.source, {}).setdefault(due.slot, []).append(due)
        if not dues:
            return
        pool = Pool()
        try:
            for flight in [
                pool.submit(name, self._read_source, name, by_slot) for name, by_slot in dues.items()
            ]:
                flight.result()
        finally:
            pool.stop()

    def heal(self) -> None:
        chosen = {account.series for account in self._chosen()}
        wanted = stretches(list(self.books.ledger.accounts.values()))
        given_up: set[str] = set()
        with Batch(self._keep_healed) as batch:
            for stretch in wanted:
                source = stretch.account.binding.source
                standing = self.watch.of(source)
                if source in given_up or standing.ill or not standing.admits(self.parts.clock.now()):
                    continue
                if stretch.account.series in chosen:
                    self.progress(f"healing {stretch.account.key_result.address}")
                    if not self.rounds.heal(source, stretch, batch.add):
                        given_up.add(source)

    def reread(self) -> None:
        with Batch(self._keep_reread) as batch:
            for stretch in to_reread(self._chosen(), self.parts.clock.now()):
                source = stretch.account.binding.source
                standing = self.watch.of(source)
                if not standing.ill and standing.admits(self.parts.clock.now()):
                    self.progress(f"reading late rows of {stretch.account.key_result.address}")
                    self.rounds.reread(source, stretch, batch.add)

    def judge_sources(self) -> None:
        """Raise what follows from how the sources stood: what they gave was kept before that was known."""
        self.books.keep(self.parts.clock.now(), standings=self.watch.all())

    def send(self) -> None:
        """Send everything that waits, also what waits for others to travel with: nobody comes by later to send it."""
        for name, notifier in self.parts.notifiers.items():
            line = Line(self.parts.configuration.notifiers[name], notifier)
            for _ in range(ROUNDS_OF_LETTERS):
                sent = announce(
                    self.parts.store, line, self.parts.clock, random.random, time.sleep, early=True
                )
                self.done.sent += sum(one.outcome is Outcome.DELIVERED for one in sent)
                self.done.unsent += sum(one.outcome is not Outcome.DELIVERED for one in sent)
                if not sent:
                    break

    def _chosen(self) -> list[Account]:
        accounts = list(self.books.ledger.accounts.values())
        return [one for one in accounts if not self.only or one.key_result.key in self.only]

    def _read_source(self, source: str, by_slot: dict[object, list[Due]]) -> None:
        for dues in by_slot.values():
            self.progress(f"reading {len(dues)} from {source}")
            self.rounds.collect(source, dues)

    def _deliver(self, findings: list[Found]) -> None:
        with self.turn:
            self.books.keep(self.parts.clock.now(), found=findings, standings=self.watch.all())
            for found in findings:
                own = self.books.ledger.accounts[found.due.series].role == MAIN
                if own or isinstance(found.left, Gap):  # of a part, only what keeps the whole from being read
                    self.done.found[found.due.key_result.key] = found

    def _keep_reread(self, reread: list[Reread]) -> None:
        with self.turn:
            self.books.keep(self.parts.clock.now(), reread=reread, standings=self.watch.all())

    def _keep_healed(self, healed: list[Healed]) -> None:
        with self.turn:
            self.books.keep(self.parts.clock.now(), healed=healed, standings=self.watch.all())
            readings = [found for one in healed for found in one.findings if isinstance(found.left, Sample)]
            self.done.healed += len(readings)
