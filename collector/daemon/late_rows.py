"""Looks after what comes late: rows that arrive after their slot was read, and slots that wait until they are loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.daemon.passes import Passes
from collector.daemon.pool import Pool
from collector.daemon.rounds import Rounds
from collector.daemon.watch import Watch
from collector.domain.sample import GapReason
from collector.services.account import Account
from collector.services.heal import Stretch
from collector.services.restate import Reread, next_reread, to_reread
from collector.services.wait_for_load import ASK_AGAIN

REST = timedelta(minutes=1)
"""Real time between two passes over a source that did not go along."""

ReadAgain = Callable[[str, Collection[int], datetime], bool]
"""Reads the newest slot of some series of a source once more; tells whether every lane was free for it."""


class LateRows:
    """Asks again in the sources' own threads, never twice at a time, and not while a source is ill."""

    def __init__(
        self,
        pool: Pool,
        rounds: Rounds,
        watch: Watch,
        clock: Clock,
        keep: Callable[[list[Reread]], None],
        stopping: threading.Event,
    ) -> None:
        self._passes = Passes(pool, watch, clock, stopping, REST, rounds.reread, keep)
        self._next: dict[int, datetime] = {}
        """By series: from when on it is to be asked again."""
        self._unloaded: dict[int, str] = {}
        """By series that waits until it is loaded and cannot be asked for later: its source."""
        self._lock = threading.Lock()
        self._due: dict[str, list[Stretch]] = {}
        self._waiting: dict[str, set[int]] = {}
        self._next_look: dict[str, datetime] = {}

    def look(self, touched: Iterable[Account], accounts: Mapping[int, Account], at: datetime) -> None:
        """See what is to be asked again, after something was kept of the `touched` judged ones of all `accounts`; at first
        all are. Called in the writer's thread, after each transaction.
        """
        for judged in touched:
            for account in judged.parts:
                self._note(account)
        late = [
            accounts[series] for series, moment in self._next.items() if moment <= at and series in accounts
        ]
        due: dict[str, list[Stretch]] = {}
        for stretch in to_reread(late, at):
            due.setdefault(stretch.account.binding.source, []).append(stretch)
        waiting: dict[str, set[int]] = {}
        for series, source in self._unloaded.items():
            waiting.setdefault(source, set()).add(series)
        with self._lock:
            self._due, self._waiting = due, waiting

    def _note(self, account: Account) -> None:
        moment = next_reread(account)
        if moment is None:
            self._next.pop(account.series, None)
        else:
            self._next[account.series] = moment
        if account.current.failing == GapReason.WAITING and not account.binding.answers_the_past:
            self._unloaded[account.series] = account.binding.source
        else:
            self._unloaded.pop(account.series, None)

    def run_due(self, at: datetime, read_again: ReadAgain) -> None:
        """Send passes on their way, and have the newest slots read again that waited and cannot be asked for later."""
        with self._lock:
            due, waiting = dict(self._due), dict(self._waiting)
        for name, found in due.items():
            self._passes.send(name, found, at)
        for name in self._next_look.keys() - waiting.keys():
            del self._next_look[name]
        for name, series in waiting.items():
            # the round that made it wait has just asked how far the source is loaded
            look = self._next_look.setdefault(name, at + ASK_AGAIN)
            if at >= look and self._passes.admits(name, at) and read_again(name, series, at):
                self._next_look[name] = at + ASK_AGAIN

    def jumped(self) -> None:
        """Let nothing wait for an instant of a clock that is no more."""
        self._passes.end_rests()
        self._next_look.clear()
