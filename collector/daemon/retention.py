"""Prunes while the writer has nothing better to do, so that no tick waits for it."""

from __future__ import annotations

import time

from collector.clock import Clock
from collector.daemon.tally import Tally
from collector.domain.okr import Okrs
from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.store import Place, Store
from collector.services.prune import Old, find_old, prune

log = get_logger(__name__)

LOOK_EVERY = 24 * 3600.0
"""Seconds of real time between two looks for cycles long over; the first is taken at the start."""


class Retention:
    """Deletes one portion each time the writer is idle, until nothing old is left. Used by the writer's thread."""

    def __init__(self, store: Store, okrs: Okrs, tally: Tally, clock: Clock) -> None:
        self._store, self._okrs, self._tally, self._clock = store, okrs, tally, clock
        self._next = time.monotonic()
        self._old: Old | None = None
        self._after: Place | None = None
        self._gone = 0

    def portion(self) -> None:
        """Delete a portion if it is time to; whatever stands against it, it is tried again at the next look."""
        try:
            if self._old is None and time.monotonic() >= self._next:
                self._next = time.monotonic() + LOOK_EVERY
                self._old = find_old(self._store, self._okrs, self._clock.now())
                self._after, self._gone = None, 0
            if self._old is not None:
                self._delete(self._old)
        except StoreError as error:
            self._old = None
            log.warning("pruning_postponed", error=str(error))
        except BaseException:
            self._old = None
            raise

    def _delete(self, old: Old) -> None:
        pruned = prune(self._store, old, self._after)
        self._gone += pruned.gone
        self._after = pruned.reached
        self._tally.pruned(pruned.gone)
        if pruned.reached is None:
            if self._gone:
                log.info("pruned", series=len(old.series), rows=self._gone)
            self._old = None
