"""The daemon: planner, fetching threads, the writer, announcers and heartbeat, started and drained in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from collector.clock import Clock
from collector.daemon.announcers import Announcers
from collector.daemon.board import DaemonBoard
from collector.daemon.heartbeat import Heartbeat
from collector.daemon.pool import Pool
from collector.daemon.rounds import Rounds
from collector.daemon.schedule import Alarm, Schedule
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.daemon.writer import Work, Writer
from collector.domain.alert import Transition
from collector.domain.outage import ILL_PROBE
from collector.logs import get_logger
from collector.ports.catalogue import Configuration
from collector.ports.notifier import Notifier
from collector.ports.sources import Sources
from collector.ports.store import Store
from collector.services.ask import Found, Healed
from collector.services.heal import Stretch, lost, stretches
from collector.services.ledger import Ledger
from collector.services.plan_due import groups_of
from collector.services.tick import Books
from collector.services.write_brief import (
    Moment,
    missed_moments,
    moments_due,
    next_due,
    note_missed,
    send_brief,
)

log = get_logger(__name__)

LONGEST_SLEEP = 1.0
"""Seconds after which the planner looks again: verdicts that age, sources that came back."""
FIRST_ROUNDS = timedelta(seconds=15)
"""Real time after the start in which a brief that is due waits for the first readings, unless its sync is too near."""
FIRST_HEALING = timedelta(minutes=10)
"""The same while the past is still being read."""
HEAL_REST = timedelta(seconds=2)
"""Real time between two tries to heal from a source that did not go along."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a daemon is made of."""

    configuration: Configuration
    store: Store
    sources: Sources
    notifiers: Mapping[str, Notifier]
    clock: Clock
    drain: timedelta = timedelta(seconds=25)


class Daemon:
    """One running krd. `start` returns at once; `stop` drains."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        clock, okrs = parts.clock, parts.configuration.okrs
        self.tally = Tally(clock.now())
        self._watch = Watch(parts.configuration.sources)
        self._books = Books(parts.store, Ledger(okrs), parts.configuration.notifiers)
        self._writer = Writer(self._books, self._watch, self.tally, clock, self._kept)
        self._pool = Pool()
        self._stopping = threading.Event()
        self._alarm = Alarm()
        self._rounds = Rounds(parts.sources, self._watch, self.tally, clock, self._deliver, self._stopping)
        self._announcers = Announcers(parts.store, parts.notifiers, clock, self.tally)
        self._planner = threading.Thread(target=self._plan, name="planner", daemon=True)
        self._lock = threading.Lock()
        self._to_heal: dict[str, list[Stretch]] = {}
        self._healing: dict[str, Future[None]] = {}
        self._heal_rest: dict[str, datetime] = {}
        self._ill: frozenset[str] = frozenset()
        self._lost: frozenset[int] = frozenset()
        self._next_probe: dict[str, datetime] = {}
        self._sweep: Work | None = None
        self._briefed: set[tuple[str, str, datetime]] = set()
        self._briefing = Work()
        self._briefing.done.set()
        self.board = DaemonBoard(parts.store, okrs, self._watch, self.tally, self._writer, clock)
        address = parts.configuration.heartbeat
        self._heartbeat = Heartbeat(address, self.board.working) if address is not None else None

    def start(self) -> None:
        """Enrol the files' key results, see what was missed, and begin. Raises `StoreError`."""
        at = self._started = self._parts.clock.now()
        self.tally.found(self._enrol(at))
        accounts = dict(self._books.ledger.accounts)
        self._schedule = Schedule(
            groups_of(accounts.values(), at),
            accounts,
            self._pool,
            self.tally,
            self._rounds.collect,
            self._deliver,
            at,
        )
        self._writer.start()
        self._writer.put(Work())
        self._announcers.start()
        self._planner.start()
        if self._heartbeat is not None:
            self._heartbeat.start()
        log.info("krd_started", key_results=len(accounts), sources=len(self._parts.configuration.sources))

    def stop(self) -> bool:
        """Send no more rounds on their way, keep what was found, deliver what is at hand; True when all ended in time."""
        log.info("krd_stopping")
        self._stopping.set()
        self._alarm.ring()
        ends = time.monotonic() + self._parts.drain.total_seconds()
        self._planner.join(_left(ends).total_seconds())
        self._pool.stop()
        self._pool.join(_left(ends))
        drained = self._writer.stop(_left(ends))
        self._announcers.stop(_left(ends))
        if self._heartbeat is not None:
            self._heartbeat.stop()
        log.info("krd_stopped", drained=drained)
        return drained

    def _enrol(self, at: datetime) -> list[Found]:
        enrolled = self._books.enrol(at, self._watch.all())
        if not enrolled.new:
            with self._parts.store.write() as tx:
                missed = note_missed(tx, missed_moments(self._parts.configuration.okrs, at))
            for moment in missed:
                log.warning("brief_missed", team=moment.team, sync=moment.sync)
        for was, now in enrolled.renamed.items():
            log.info("key_result_renamed", was=was, now=now)
        return enrolled.missed

    # -- the planner's thread

    def _plan(self) -> None:
        while not self._stopping.is_set():
            try:
                self._plan_once(self._parts.clock.now())
            except Exception as error:
                # a defect of ours: said each time, but the slots to come are still planned
                log.exception("planner_failed", error=repr(error))
            self._alarm.wait(self._sleep(self._parts.clock.now()))

    def _plan_once(self, at: datetime) -> None:
        self._schedule.run_due(at)
        self._probe(at)
        self._heal(at)
        self._brief(at)
        self._let_time_pass()

    def _sleep(self, at: datetime) -> float:
        moments = [self._schedule.next_due(), next_due(self._parts.configuration.okrs, at)]
        waits = [(moment - at).total_seconds() for moment in moments if moment is not None]
        return max(min([LONGEST_SLEEP, *waits]), 0.01)

    def _let_time_pass(self) -> None:
        """Have the verdicts looked at that change by time alone, unless such a look still waits."""
        if self._sweep is None or self._sweep.done.is_set():
            sweep = Work()
            self._sweep = sweep if self._writer.offer(sweep) else None

    def _probe(self, at: datetime) -> None:
        """Ask sources that failed whether they are there, and read again what only they could give at its time."""
        for name, standing in self._watch.all().items():
            if standing.ill:
                self._ill |= {name}
            elif name in self._ill and self._schedule.read_again(name, self._lost, at):
                self._ill -= {name}
            if standing.ill and standing.admits(at) and at >= self._next_probe.get(name, at + ILL_PROBE):
                self._pool.submit(name, self._rounds.probe, name)
                self._next_probe[name] = at + ILL_PROBE
            if not standing.ill:
                self._next_probe[name] = at + ILL_PROBE

    def _heal(self, at: datetime) -> None:
        with self._lock:
            wanted = {name: list(found) for name, found in self._to_heal.items() if found}
        for name, found in wanted.items():
            flight = self._healing.get(name)
            busy = flight is not None and not flight.done()
            standing = self._watch.of(name)
            if busy or standing.ill or not standing.admits(at) or at < self._heal_rest.get(name, at):
                continue
            self._healing[name] = self._pool.submit(name, self._heal_source, name, found)

    def _heal_source(self, name: str, found: list[Stretch]) -> None:
        for stretch in found:
            if self._stopping.is_set():
                return
            if not self._rounds.heal(name, stretch, self._deliver_healed):
                self._heal_rest[name] = self._parts.clock.now() + HEAL_REST
                return
        with self._lock:
            self._to_heal.pop(name, None)

    def _brief(self, at: datetime) -> None:
        for moment in moments_due(self._parts.configuration.okrs, at):
            healing = any(not self._watch.of(name).ill for name in dict(self._to_heal))
            patience = FIRST_HEALING if healing else FIRST_ROUNDS
            if at < self._started + patience and moment.sync - at > 2 * patience:
                continue  # just started: the first readings make it a better brief, and there is time
            if (moment.team, moment.calendar.cycle.id, moment.sync) in self._briefed:
                continue
            if not self._briefing.done.is_set():
                return
            briefing = Work(errand=partial(self._send_brief, moment))
            if not self._writer.offer(briefing):
                return
            self._briefing = briefing
            self._briefing.done.wait(LONGEST_SLEEP)

    def _send_brief(self, moment: Moment, books: Books) -> None:
        """In the writer's thread: the brief is stored before it is spoken, like everything."""
        with books.store.write() as tx:
            books.ledger.load(tx)
            send_brief(books.ledger, tx, moment, books.routes, self._parts.clock.now())
        self._briefed.add((moment.team, moment.calendar.cycle.id, moment.sync))
        self._announcers.ring()

    # -- called from other threads

    def _deliver(self, findings: list[Found]) -> None:
        self._writer.put(Work(found=findings))

    def _deliver_healed(self, healed: Healed) -> None:
        work = Work(healed=[healed])
        self._writer.put(work)
        work.done.wait(self._parts.drain.total_seconds())

    def _kept(self, books: Books, moved: list[Transition]) -> None:
        """Look at the books in the writer's thread, right after a transaction."""
        wanted: dict[str, list[Stretch]] = {}
        for stretch in stretches(list(books.ledger.accounts.values())):
            wanted.setdefault(stretch.account.binding.source, []).append(stretch)
        with self._lock:
            self._to_heal = wanted
        self._lost = lost(books.ledger.accounts.values())
        self.board.show(books.touched)
        if moved:
            self._announcers.ring()


def _left(ends: float) -> timedelta:
    """Give what is left of the time to drain; each part has a second at least, whatever the ones before it took."""
    return timedelta(seconds=max(ends - time.monotonic(), 1.0))
