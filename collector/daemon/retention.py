"""Prunes while the writer has nothing better to do, so that no tick waits for it."""

from __future__ import annotations

import time
from datetime import timedelta

from collector.clock import Clock
from collector.daemon.tally import Tally
from collector.domain.okr import Okrs
from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.store import Place, Store
from collector.services.prune import Old, find_old, prune

log = get_logger(__name__)

SAID_FOR = timedelta(days=400)
"""So long changes of alerts and letters that were settled are kept: a whole year can be looked back on."""
PORTION = 500
"""Rows of them that are deleted in one transaction."""
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
        self._said = False
        """Whether something of what was said may be too old."""

    def portion(self) -> None:
        """Delete a portion if it is time to; whatever stands against it, it is tried again at the next look."""
        try:
            if self._old is None and time.monotonic() >= self._next:
                self._next = time.monotonic() + LOOK_EVERY
                self._old = find_old(self._store, self._okrs, self._clock.now())
                self._after, self._gone, self._said = None, 0, True
            if self._old is not None:
                self._delete(self._old)
            elif self._said:
                self._delete_said()
        except StoreError as error:
            self._old = None
            log.warning("pruning_postponed", error=str(error))
        except BaseException:
            self._old = None
            raise

    def _delete_said(self) -> None:
        with self._store.write() as tx:
            gone = tx.prune_said(self._clock.now() - SAID_FOR, PORTION)
        self._tally.pruned(gone)
        self._said = gone > 0

    def _delete(self, old: Old) -> None:
        pruned = prune(self._store, old, self._after)
        self._gone += pruned.gone
        self._after = pruned.reached
        self._tally.pruned(pruned.gone)
        if pruned.reached is None:
            if self._gone:
                log.info("pruned", series=len(old.series), rows=self._gone)
            self._old = None
