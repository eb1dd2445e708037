"""The daemon: planner, fetching threads, the writer, announcers and heartbeat, started and drained in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.daemon.announcers import Announcers
from collector.daemon.board import DaemonBoard
from collector.daemon.briefing import Briefing, log_missed
from collector.daemon.healing import Healing
from collector.daemon.heartbeat import Heartbeat
from collector.daemon.late_rows import LateRows
from collector.daemon.pool import Pool
from collector.daemon.read_ahead import ReadAhead
from collector.daemon.retention import Retention
from collector.daemon.rounds import Rounds
from collector.daemon.schedule import Alarm, Schedule
from collector.daemon.tally import Tally
from collector.daemon.telling import Teller
from collector.daemon.time_jumps import JumpWatch
from collector.daemon.watch import Watch
from collector.daemon.writer import Ended, Work, Writer
from collector.domain.alert import AlertKind
from collector.domain.outage import ILL_PROBE
from collector.logs import get_logger
from collector.ports.catalogue import Configuration
from collector.ports.notifier import Notifier
from collector.ports.sources import Sources
from collector.ports.store import Store
from collector.services.ask import Found, Healed
from collector.services.heal import lost
from collector.services.ledger import Ledger
from collector.services.miss_moments import note_missed
from collector.services.plan_due import groups_of
from collector.services.restate import Reread
from collector.services.tell_of_krd import CLOCK, accepted, jumped, steady
from collector.services.tick import Books

log = get_logger(__name__)

LONGEST_SLEEP = 1.0
"""Seconds after which the planner looks again: verdicts that age, sources that came back."""
FIRST_ROUNDS = timedelta(seconds=15)
"""Real time after the start in which a brief that is due waits for the first readings, unless its sync is too near."""
FIRST_HEALING = timedelta(minutes=10)
"""The same while the past is still being read."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a daemon is made of."""

    configuration: Configuration
    store: Store
    sources: Sources
    notifiers: Mapping[str, Notifier]
    clock: Clock
    drain: timedelta = timedelta(seconds=25)
    watch: Watch | None = None
    """How the sources stood for the daemon before this one."""
    tally: Tally | None = None
    """What it counted."""


class Daemon:
    """One running krd. `start` returns at once; `stop` drains."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        clock, okrs = parts.clock, parts.configuration.okrs
        self.tally = parts.tally or Tally(clock.now())
        self._watch = parts.watch or Watch(parts.configuration.sources)
        ledger = Ledger(okrs)
        self._books = Books(parts.store, ledger, parts.configuration.notifiers)
        retention = Retention(parts.store, okrs, self.tally, clock)
        self._writer = Writer(self._books, self._watch, self.tally, clock, self._kept, retention.portion)
        self._pool = Pool()
        self._stopping = threading.Event()
        self._alarm = Alarm()
        self._rounds = Rounds(parts.sources, self._watch, self.tally, clock, self._deliver, self._stopping)
        self.teller = Teller(self._writer, self._ring)
        routes = parts.configuration.notifiers
        self._announcers = Announcers(
            parts.store, parts.notifiers, routes, clock, self.tally, self.teller.notifier
        )
        self._jumps = JumpWatch(clock)
        self._planner = threading.Thread(target=self._plan, name="planner", daemon=True)
        self._healing = Healing(
            self._pool, self._rounds, self._watch, clock, self._keep_healed, self._stopping
        )
        self._ill: frozenset[str] = frozenset()
        self._lost: frozenset[int] = frozenset()
        self._next_probe: dict[str, datetime] = {}
        self._sweep: Work | None = None
        self._briefing = Briefing(okrs, self._writer, self._announcers.ring)
        self._late = LateRows(self._pool, self._rounds, self._watch, clock, self._keep_reread, self._stopping)
        self.board = DaemonBoard(
            parts.store,
            okrs,
            self._watch,
            self.tally,
            self._writer,
            clock,
            page=parts.configuration.page,
            notifiers=routes,
        )
        address = parts.configuration.heartbeat
        self._heartbeat = Heartbeat(address, self.board.working) if address is not None else None

    def take_over(self, before: Daemon) -> None:
        """Go on, before the start, with what a daemon that was stopped knew of its notifiers."""
        self._announcers.take_over(before._announcers)

    def start(self) -> None:
        """Enrol the files' key results, see what was missed, and begin. Raises `StoreError`."""
        at = self._started = self._parts.clock.now()
        self.tally.found(self._enrol(at))
        self.board.show(self._books.touched)
        self._late.look(self._books.touched, self._books.ledger.accounts, at)
        if self._books.ledger.alert(AlertKind.CLOCK_JUMP, CLOCK).state.open:
            self._jumps.unsteady()
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
        self._read_ahead = ReadAhead(
            self._parts.configuration.okrs,
            accounts.values(),
            self.board.verdicts,
            self._schedule.read_again,
            self._rounds.ask_again,
        )
        self._writer.start()
        self._writer.put(Work())
        self.teller.tell(accepted)
        self._announcers.start()
        self._planner.start()
        if self._heartbeat is not None:
            self._heartbeat.start()
        log.info("krd_started", key_results=len(accounts), sources=len(self._parts.configuration.sources))

    @property
    def ended(self) -> bool:
        """Whether nothing of it writes any more."""
        return self._writer.ended

    def stop(self, rounds: timedelta | None = None) -> bool:
        """Send no more rounds on their way, keep what was found, deliver what is at hand; True when all ended in time.

        Rounds that are on are waited for as long as `rounds`, at most as long as the drain.
        """
        log.info("krd_stopping")
        self._stopping.set()
        self._alarm.ring()
        ends = time.monotonic() + self._parts.drain.total_seconds()
        self._planner.join(_left(ends).total_seconds())
        self._pool.stop()
        self._pool.join(min(_left(ends), rounds or _left(ends)))
        drained = self._writer.stop(_left(ends))
        self._announcers.stop(_left(ends))
        if self._heartbeat is not None:
            self._heartbeat.stop()
        log.info("krd_stopped", drained=drained)
        return drained

    def _enrol(self, at: datetime) -> list[Found]:
        with self._parts.store.read() as tx:
            self._watch.remember(tx.alerts().values())
        enrolled = self._books.enrol(at, self._watch.all())
        if not enrolled.new:
            with self._parts.store.write() as tx:
                missed = note_missed(tx, self._parts.configuration.okrs, at)
            log_missed(missed)
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
        self._mind_the_clock()
        self._schedule.run_due(at)
        self._probe(at)
        self._healing.run_due(at)
        self._late.run_due(at, self._schedule.read_again)
        self._read_ahead.run_due(at)
        self._brief(at)
        self._let_time_pass()

    def _mind_the_clock(self) -> None:
        """Tell of a clock that jumped, and let nothing wait for an instant of the old one; slots keep to the grid."""
        by = self._jumps.jumped()
        if by is not None:
            log.warning("clock_jumped", seconds=by.total_seconds())
            self._started += by
            self._watch.shift(by)
            self._healing.shift(by)
            self._next_probe = {name: at + by for name, at in self._next_probe.items()}
            self._late.jumped()
            self.tally.jumped()
            self.teller.tell(jumped(by))
        elif self._jumps.steadied():
            self.teller.tell(steady)

    def _sleep(self, at: datetime) -> float:
        moments = [self._schedule.next_due(), self._briefing.next_due(at)]
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

    def _brief(self, at: datetime) -> None:
        self._briefing.run_due(at, self._started, FIRST_HEALING if self._healing.busy else FIRST_ROUNDS)

    # -- called from other threads

    def _deliver(self, findings: list[Found]) -> None:
        self._writer.put(Work(found=findings))

    def _keep_healed(self, healed: list[Healed]) -> None:
        self._see_through(Work(healed=healed))

    def _keep_reread(self, reread: list[Reread]) -> None:
        self._see_through(Work(reread=reread))

    def _see_through(self, work: Work) -> None:
        """Wait for what was read to be kept; a daemon that stops reads no further, however much there is."""
        self._writer.see_through(work)
        if self._stopping.is_set():
            raise Ended

    def _ring(self) -> None:
        self._announcers.ring()

    def _kept(self, books: Books) -> None:
        """Look at the books in the writer's thread, right after a transaction."""
        accounts, at = list(books.ledger.accounts.values()), self._parts.clock.now()
        self._healing.look(accounts, at)
        self._late.look(books.touched, books.ledger.accounts, at)
        self._lost = lost(accounts)
        self.board.show(books.touched)
        if books.spoke:
            self._announcers.ring()


def _left(ends: float) -> timedelta:
    """Give what is left of the time to drain; each part has a second at least, whatever the ones before it took."""
    return timedelta(seconds=max(ends - time.monotonic(), 1.0))
