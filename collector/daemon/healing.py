"""Asks for the past in the sources' own threads: what was missed, oldest first, and not while a source is ill."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.daemon.passes import Passes
from collector.daemon.pool import Pool
from collector.daemon.rounds import Rounds
from collector.daemon.watch import Watch
from collector.services.account import Account
from collector.services.ask import Healed
from collector.services.heal import Stretch, stretches

REST = timedelta(seconds=2)
"""Real time between two tries to heal from a source that did not go along."""


class Healing:
    """Heals one source at a time in each source's thread. `look` is called in the writer's thread, all else in the planner's."""

    def __init__(
        self,
        pool: Pool,
        rounds: Rounds,
        watch: Watch,
        clock: Clock,
        keep: Callable[[list[Healed]], None],
        stopping: threading.Event,
    ) -> None:
        self._rounds, self._watch = rounds, watch
        self._passes = Passes(pool, watch, clock, stopping, REST, rounds.heal, keep, self._healed)
        self._lock = threading.Lock()
        self._wanted: dict[str, list[Stretch]] = {}

    @property
    def busy(self) -> bool:
        """Whether something is still to be asked for that a source can give now."""
        with self._lock:
            return any(not self._watch.of(name).ill for name in self._wanted)

    def look(self, accounts: Iterable[Account], at: datetime) -> None:
        """See what is to be asked for, after something was kept."""
        wanted: dict[str, list[Stretch]] = {}
        for stretch in stretches(list(accounts)):
            if not self._rounds.loads.holds_back(stretch, at):
                wanted.setdefault(stretch.account.binding.source, []).append(stretch)
        with self._lock:
            self._wanted = wanted

    def run_due(self, at: datetime) -> None:
        """Send what is wanted on its way, where no way is taken already."""
        with self._lock:
            wanted = {name: list(found) for name, found in self._wanted.items() if found}
        for name, found in wanted.items():
            self._passes.send(name, found, at)

    def shift(self, by: timedelta) -> None:
        """Move what waits for an instant: the clock jumped by this much."""
        self._passes.shift(by)

    def _healed(self, name: str) -> None:
        with self._lock:
            self._wanted.pop(name, None)
