"""Tells other sides that forget, again and again, of what still stands: what they were told of, and not yet that it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from collector.clock import Clock
from collector.domain.announcement import Announcement
from collector.ports.notifier import Delivered, Gone, Refused, TryLater, Upholder, Verdict
from collector.ports.store import Store
from collector.services.announce import Line, disabled_of


def uphold(
    store: Store, line: Line, upholder: Upholder, clock: Clock, jitter: Callable[[], float]
) -> Verdict | None:
    """Say once of every alert that stands that it does; nothing when none stands or the notifier is disabled.

    How it goes tells as much of the other side as a letter does. Raises `StoreError`.
    """
    at = clock.now()
    with store.read() as tx:
        standing = tx.standing_words(line.name) if disabled_of(tx, line.entry) is None else []
    if not standing:
        return None
    verdict = _say(upholder, standing, at)
    match verdict:
        case TryLater(after=after):
            line.pace = line.pace.failed(clock.monotonic(), jitter(), after)
        case Delivered():
            if line.pace.open:
                with store.write() as tx:
                    tx.hurry(line.name, clock.now())
            line.pace = line.pace.answered()
        case Refused() | Gone():
            pass  # of this call alone: letters say for themselves whether they are taken
    return verdict


def _say(upholder: Upholder, standing: list[Announcement], at: datetime) -> Verdict:
    try:
        return upholder.uphold(standing, at)
    except Exception as error:  # noqa: BLE001 - a stranger's, against its promise; its text may hold a secret
        return Refused(f"the notifier failed with {type(error).__name__}")
