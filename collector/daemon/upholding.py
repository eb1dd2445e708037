"""Keeps what stands alive where the other side forgets: in the time that its kind asks for, in the announcer's thread.

The same thread sends the letters, so that what is over is never said to stand after that was told.
"""

from __future__ import annotations

import random

from collector.clock import Clock
from collector.logs import get_logger
from collector.ports.notifier import Delivered, Upholder, Verdict
from collector.ports.store import Store
from collector.services.announce import Line
from collector.services.uphold import uphold

log = get_logger(__name__)


class Upholding:
    """Upholds for one notifier, if it is one that needs it."""

    def __init__(self, store: Store, line: Line, clock: Clock) -> None:
        self._store, self._line, self._clock = store, line, clock
        self._next = clock.monotonic()
        self._failed = False

    def run_due(self) -> Verdict | None:
        """Uphold when it is time, and give how that went. What fails is tried again at the next time. Raises `StoreError`."""
        line, every, now = self._line, self._line.entry.traits.resend, self._clock.monotonic()
        if every is None or not isinstance(line.notifier, Upholder):
            return None
        if now < self._next or line.pace.rest(now):
            return None
        self._next = now + every.total_seconds()
        verdict = uphold(self._store, line, line.notifier, self._clock, random.random)
        match verdict:
            case None:
                pass
            case Delivered():
                if self._failed:
                    log.info("upheld_again", notifier=line.name)
                self._failed = False
            case _:
                if not self._failed:
                    log.warning("not_upheld", notifier=line.name, reason=verdict.reason)
                self._failed = True
        return verdict
