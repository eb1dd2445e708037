"""Passes over the past of sources, each in its source's own thread: one at a time, none while the source is ill, and a rest
after one that it did not go along with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import Generic

from collector.clock import Clock
from collector.daemon.batch import Batch, Part
from collector.daemon.pool import Pool
from collector.daemon.watch import Watch
from collector.daemon.writer import Ended
from collector.services.heal import Stretch

Ask = Callable[[str, Stretch, Callable[[Part], None]], bool]
"""Asks a source for a stretch of its past, and hands each part on; tells whether it went along. Raises `Ended` when nothing is
written any more.
"""


class Passes(Generic[Part]):
    """Sends them on their way. `ask`, `keep` and `through` are called in the sources' threads, all else in the planner's."""

    def __init__(
        self,
        pool: Pool,
        watch: Watch,
        clock: Clock,
        stopping: threading.Event,
        rest: timedelta,
        ask: Ask[Part],
        keep: Callable[[list[Part]], None],
        through: Callable[[str], None] | None = None,
    ) -> None:
        """`rest` is real time between two passes over a source that did not go along; `keep` is given what was read, and
        `through` is told of a source that went along to the end, when all of it is kept.
        """
        self._pool, self._watch, self._clock, self._stopping = pool, watch, clock, stopping
        self._rest, self._ask, self._keep, self._through = rest, ask, keep, through
        self._lock = threading.Lock()
        self._flights: dict[str, Future[None]] = {}
        self._rests: dict[str, datetime] = {}

    def admits(self, name: str, at: datetime) -> bool:
        """Tell whether a source may be asked at `at`, as far as it stands."""
        standing = self._watch.of(name)
        return not standing.ill and standing.admits(at)

    def send(self, name: str, found: Sequence[Stretch], at: datetime) -> None:
        """Ask a source for these stretches one after the other, unless a pass is on its way or it is to be left alone."""
        flight = self._flights.get(name)
        if (flight is None or flight.done()) and self.admits(name, at) and not self._resting(name, at):
            self._flights[name] = self._pool.submit(name, self._pass_over, name, found)

    def shift(self, by: timedelta) -> None:
        """Move the ends of all rests: the clock jumped by this much."""
        with self._lock:
            self._rests = {name: at + by for name, at in self._rests.items()}

    def end_rests(self) -> None:
        """Let every source be asked again at once."""
        with self._lock:
            self._rests.clear()

    def _resting(self, name: str, at: datetime) -> bool:
        with self._lock:
            return at < self._rests.get(name, at)

    def _pass_over(self, name: str, found: Sequence[Stretch]) -> None:
        try:
            with Batch(self._keep) as batch:
                went_along = all(self._asked(name, stretch, batch) for stretch in found)
        except Ended:
            return
        if went_along and self._through is not None:
            self._through(name)

    def _take(self, batch: Batch[Part], part: Part) -> None:
        batch.add(part)
        if self._stopping.is_set():
            raise Ended

    def _asked(self, name: str, stretch: Stretch, batch: Batch[Part]) -> bool:
        """Ask for one stretch; tells whether to go on."""
        if self._stopping.is_set():
            return False
        if self._ask(name, stretch, partial(self._take, batch)):
            return True
        with self._lock:
            self._rests[name] = self._clock.now() + self._rest
        return False
