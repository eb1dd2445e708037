"""Runs the daemon's rounds over the ends of days, slot by slot, and the plain way beside them, and times both."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

from prometheus_api_client import PrometheusConnect

from benchmarks.command import BenchmarkFailed, say
from benchmarks.files_under_load import SOURCE, Promise, write_files
from benchmarks.history_under_load import Past, add_days, add_slots, enrol
from benchmarks.prometheus_under_load import SHARED, Server, Service, services, serving
from collector.app import App, build
from collector.clock import SetClock
from collector.configuration.settings import read_settings
from collector.daemon.board import DaemonBoard
from collector.daemon.memory import settle
from collector.daemon.rounds import Rounds
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.daemon.writer import Work, Writer
from collector.domain.cycle import CalendarDays
from collector.domain.health import Health
from collector.services.account import Account
from collector.services.ask import Due, Found
from collector.services.heal import stretches
from collector.services.ledger import Ledger
from collector.services.plan_due import dues_of
from collector.services.tick import Books

DAYS = CalendarDays(ZoneInfo("Europe/Berlin"), date(2025, 10, 1))
LAST = date(2025, 12, 31)
BEFORE = 28
"""Days before the cycle that are remembered, as after healing at first sight (DESIGN §5)."""
FIRST = 40
"""The first day of the cycle whose end is measured."""
EVERY = timedelta(minutes=15)
DELAY = timedelta(seconds=30)
"""How long after its slot a round begins."""
PATIENCE = 120.0
"""Seconds of real time after which a round that is not stored counts as lost."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    count: int = 1000
    days: int = 3
    """Days whose end is measured."""
    rounds: int = 6
    """Rounds at the end of each; the last one closes the day."""
    shared: bool = False
    """Whether one labelled query serves all key results."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One round of ours, and the same instant asked the plain way. Seconds, real and of CPU."""

    seconds: float
    client_cpu: float
    server_cpu: float
    closing: bool
    plain_seconds: float


def take_turns(plan: Plan, seed: int) -> list[Turn]:
    """Give all rounds in their order. Raises `BenchmarkFailed` when a key result was not read, judged and stored."""
    every = services(plan.count, seed)
    days = [_slots(day) for day in range(FIRST, FIRST + plan.days)]
    with tempfile.TemporaryDirectory(prefix="krd-benchmark-") as name:
        folder = Path(name)
        say(f"filling a Prometheus with {plan.count} histograms")
        measured = [slot for slots in days for slot in slots[-plan.rounds :]]
        with serving(every, measured, folder / "prometheus") as server:
            say("writing the files, and giving the store its past")
            with _watching(every, server, folder, seed, shared=plan.shared) as watched:
                return [turn for slots in days for turn in _day_of_turns(watched, slots, plan)]


def _slots(day: int) -> list[datetime]:
    """Give the slots of a day: later than its start, and not later than its end."""
    found, end = [DAYS.starts(day) + EVERY], DAYS.starts(day + 1)
    while found[-1] < end:
        found.append(found[-1] + EVERY)
    return found


@dataclass(frozen=True, slots=True)
class _Watched:
    """A krd put together as the daemon is, but for the planner: the benchmark says which slot is due."""

    app: App
    clock: SetClock
    books: Books
    rounds: Rounds
    delivered: list[Work]
    """What was handed to the writer and not yet waited for."""
    writer: Writer
    board: DaemonBoard
    pasts: Sequence[Past]
    server: Server
    plain: PrometheusConnect


@contextmanager
def _watching(
    every: Sequence[Service], server: Server, folder: Path, seed: int, *, shared: bool
) -> Iterator[_Watched]:
    promise = Promise(server.url, DAYS.first, LAST, shared=SHARED if shared else "")
    krd = write_files(folder / "config", every, promise)
    clock = SetClock(DAYS.starts(FIRST))
    app = build(read_settings(config=krd, database={"url": f"sqlite:///{folder / 'krd.db'}"}), clock)
    try:
        okrs = app.configuration.okrs
        pasts = enrol(app.store, okrs.key_results, every, clock.now(), seed)
        add_days(app.store, pasts, range(-BEFORE, FIRST))
        books = Books(app.store, Ledger(okrs), app.configuration.notifiers)
        watch, tally = Watch(app.configuration.sources), Tally(clock.now())

        def kept(books: Books) -> None:  # what the daemon does after each transaction
            stretches(list(books.ledger.accounts.values()))
            board.show(books.touched)

        writer = Writer(books, watch, tally, clock, kept)
        board = DaemonBoard(app.store, okrs, watch, tally, writer, clock)

        delivered: list[Work] = []

        def deliver(found: list[Found]) -> None:
            delivered.append(Work(found=found))
            writer.put(delivered[-1])

        rounds = Rounds(app.sources, watch, tally, clock, deliver, Event())
        writer.start()
        try:
            yield _Watched(
                app,
                clock,
                books,
                rounds,
                delivered,
                writer,
                board,
                pasts,
                server,
                PrometheusConnect(url=server.url),
            )
        finally:
            writer.stop(timedelta(seconds=PATIENCE))
    finally:
        app.close()


def _day_of_turns(watched: _Watched, slots: Sequence[datetime], plan: Plan) -> Iterator[Turn]:
    """Write down most of a day untimed, then measure its last rounds."""
    past, measured = slots[: -plan.rounds], slots[-plan.rounds :]
    say(f"measuring {plan.rounds} rounds up to {measured[-1]:%d %b %H:%M} UTC")
    watched.clock.set(past[-1] + DELAY)
    add_slots(watched.app.store, watched.pasts, past, closed=False)
    watched.books.ledger.forget()
    watched.writer.put(nothing := Work())  # by which the books are read anew
    watched.delivered.append(nothing)
    _await_kept(watched)
    settle()  # as `krd run` does once it has started
    for number, slot in enumerate(measured):
        yield _turn(watched, slot, plain_first=number % 2 == 1)


def _turn(watched: _Watched, slot: datetime, *, plain_first: bool) -> Turn:
    """Measure one slot both ways. Who goes first finds the server's pages colder, so that alternates."""
    dues = dues_of(_accounts(watched), slot)
    plain = _ask_plainly(watched, dues) if plain_first else 0.0
    before = _days_judged(watched)
    watched.clock.set(slot + DELAY)
    server, client, started = watched.server.cpu_seconds(), time.process_time(), time.perf_counter()
    watched.rounds.collect(SOURCE, dues)
    _await_kept(watched)
    seconds, client = time.perf_counter() - started, time.process_time() - client
    server = watched.server.cpu_seconds() - server
    _check(watched, slot)
    plain = plain or _ask_plainly(watched, dues)
    return Turn(seconds, client, server, closing=_days_judged(watched) > before, plain_seconds=plain)


def _await_kept(watched: _Watched) -> None:
    """Wait until everything handed over so far is committed."""
    for work in watched.delivered:
        if not work.done.wait(PATIENCE):
            raise BenchmarkFailed(f"the store did not keep a round within {PATIENCE:.0f} s")
    watched.delivered.clear()


def _accounts(watched: _Watched) -> list[Account]:
    return list(watched.books.ledger.accounts.values())


def _days_judged(watched: _Watched) -> int:
    return sum(account.evaluation.day for account in _accounts(watched) if account.evaluation)


def _check(watched: _Watched, slot: datetime) -> None:
    """See that every key result has its sample and a fresh verdict with a forecast, in the store and on the board."""
    with watched.app.store.read() as tx:
        stored = tx.recorded([slot])
        kept = tx.evaluations([account.enrolment.key_result for account in _accounts(watched)])
    shown = [one for _, one in watched.board.verdicts() if one is not None]
    judged = [one for one in shown if one.as_of == slot and one.health is Health.FRESH]
    forecast = [one for one in judged if one.forecast is not None]
    if not len(stored) == len(forecast) == len(kept) == len(watched.pasts):
        raise BenchmarkFailed(
            f"of {len(watched.pasts)} key results {len(stored)} were stored, {len(judged)} judged afresh and "
            f"{len(forecast)} forecast at {slot:%d %b %H:%M} UTC"
        )


def _ask_plainly(watched: _Watched, dues: Sequence[Due]) -> float:
    """Ask for each text alone, as prometheus-api-client is used; give the seconds."""
    started = time.perf_counter()
    texts = {due.binding.texts[0]: due.slot for due in dues}
    numbers = 0
    for text, slot in texts.items():
        found = watched.plain.custom_query(text, params={"time": str(int(slot.timestamp()))})
        numbers += sum(float(one["value"][1]) > 0 for one in found)
    if numbers != len(dues):
        raise BenchmarkFailed(f"the plain requests gave {numbers} numbers for {len(dues)} key results")
    return time.perf_counter() - started
