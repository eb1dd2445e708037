"""krd without threads and without waiting: the real services, moved from one due moment to the next by a clock that is set."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

from collector.clock import SetClock
from collector.daemon.late_rows import LateRows
from collector.daemon.pool import Pool
from collector.daemon.rounds import Rounds
from collector.daemon.schedule import Schedule
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.domain.outage import ILL_PROBE
from collector.ports.catalogue import Configuration
from collector.ports.sources import Sources
from collector.ports.store import Store
from collector.services.ask import Found, Healed
from collector.services.heal import lost, stretches
from collector.services.ledger import Ledger
from collector.services.plan_due import groups_of
from collector.services.restate import Reread
from collector.services.tick import Books

PROBES = 4
"""So often a source that failed is asked whether it is back between two slots; more would find what these found."""
MOMENT = timedelta(milliseconds=1)


class AtOnce(Pool):
    """Runs in the caller's thread what others run in theirs."""

    def submit(self, source: str, act: Callable[..., None], *arguments: Any) -> Future[None]:  # noqa: ARG002 - a thread is picked by it elsewhere
        """Run it."""
        done: Future[None] = Future()
        act(*arguments)
        done.set_result(None)
        return done


class Stage:
    """One krd, running or not."""

    def __init__(self, store: Store, sources: Sources, clock: SetClock) -> None:
        self._store, self._sources, self.clock = store, sources, clock
        self.running = False

    def start(self, configuration: Configuration) -> None:
        """Start with these files, as after an edit: what stands between slots (how sources stand) is known anew."""
        at = self.clock.now()
        self._watch = Watch(configuration.sources)
        tally = Tally(at)
        self._found: list[Found] = []
        hurried = threading.Event()
        hurried.set()  # nobody waits between two tries
        self._rounds = Rounds(self._sources, self._watch, tally, self.clock, self._found.extend, hurried)
        self._books = Books(self._store, Ledger(configuration.okrs), configuration.notifiers)
        enrolled = self._books.enrol(at, self._watch.all())
        tally.found(enrolled.missed)
        accounts = dict(self._books.ledger.accounts)
        self._schedule = Schedule(
            groups_of(accounts.values(), at), accounts, AtOnce(), tally, self._rounds.collect, self._found.extend, at
        )  # fmt: skip
        self._late = LateRows(
            AtOnce(), self._rounds, self._watch, self.clock, self._keep_reread, threading.Event()
        )
        self._probes: dict[str, int] = {}
        self._probe_at: dict[str, datetime] = {}
        self.running = True
        self._work()

    def stop(self) -> None:
        """Stop; nothing is read until the next start."""
        self.running = False

    def look_again(self) -> None:
        """Notice what somebody else wrote, and judge anew. On a stage they write to the very same open store, which tells
        of the writes of others alone.
        """
        self._books.ledger.forget()
        self._work()

    def play(self, until: datetime) -> None:
        """Let time pass up to and including `until`, doing at each moment what is due."""
        while self.running and (due := self._next()) is not None and due <= until:
            self.clock.set(max(due, self.clock.now() + MOMENT))
            self._work()
        if until > self.clock.now():
            self.clock.set(until)
            if self.running:
                self._work()

    def _next(self) -> datetime | None:
        at = self.clock.now()
        reviews = [account.review for account in self._books.ledger.judged]
        moments = [self._schedule.next_due(), *reviews, *self._probe_at.values()]
        return min((moment for moment in moments if moment is not None and moment > at), default=None)

    def _work(self) -> None:
        ledger = self._books.ledger
        self._late.look(ledger.judged, ledger.accounts, self.clock.now())
        self._late.run_due(self.clock.now(), self._schedule.read_again)
        self._schedule.run_due(self.clock.now())
        if self._found:
            self._probes = dict.fromkeys(self._probes, 0)
        self._keep()
        self._probe()
        self._heal()

    def _keep(self, healed: Sequence[Healed] = (), reread: Sequence[Reread] = ()) -> None:
        found = list(self._found)
        self._found.clear()
        self._books.keep(
            self.clock.now(), found=found, healed=healed, reread=reread, standings=self._watch.all()
        )

    def _keep_healed(self, healed: Healed) -> None:
        self._keep(healed=[healed])

    def _keep_reread(self, reread: list[Reread]) -> None:
        self._keep(reread=reread)

    def _probe(self) -> None:
        """Ask sources that failed whether they are back, as often as it tells something new."""
        at = self.clock.now()
        for name, standing in self._watch.all().items():
            if not standing.ill:
                continue
            tried = self._probes.get(name, 0)
            if name not in self._probe_at:
                self._probe_at[name] = at + ILL_PROBE
            if at < self._probe_at[name] or tried >= PROBES:
                continue
            self._probes[name] = tried + 1
            self._probe_at[name] = at + ILL_PROBE
            if standing.admits(at):
                self._rounds.probe(name)
            if not self._watch.of(name).ill:
                self._schedule.read_again(name, lost(self._books.ledger.accounts.values()), at)
            self._keep()
        self._probe_at = {name: due for name, due in self._probe_at.items() if self._watch.of(name).ill}

    def _heal(self) -> None:
        at = self.clock.now()
        for stretch in stretches(list(self._books.ledger.accounts.values())):
            source = stretch.account.binding.source
            standing = self._watch.of(source)
            if not standing.ill and standing.admits(at):
                self._rounds.heal(source, stretch, self._keep_healed)
