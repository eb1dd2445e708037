"""Has what krd tells of itself written in the writer's thread, and sent from there: stored before it is spoken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from collector.daemon.writer import Work, Writer
from collector.services.tell_of_krd import Telling, delivering, failing
from collector.services.tick import Errand


class Teller:
    """Hands tellings to the writer; `ring` wakes who sends letters."""

    def __init__(self, writer: Writer, ring: Callable[[], None]) -> None:
        self._writer, self._ring = writer, ring

    def tell(self, telling: Telling) -> None:
        """Have it told after the work that waits."""
        self._writer.put(Work(errand=Errand(telling), kept=self._ring))

    def notifier(self, name: str, failing_since: datetime | None, why: str) -> bool:
        """Have it told that a notifier fails, or delivers again; tells whether that is on its way. Never waits: who
        delivers calls this.
        """
        telling = delivering(name) if failing_since is None else failing(name, failing_since, why)
        return self._writer.offer(Work(errand=Errand(telling), kept=self._ring))
