"""Delivers the outbox: claim, send, write down. A crash in between sends the same id once more, never another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.domain.announcement import Announcement
from collector.domain.backoff import LETTER_HORIZON, letter_wait
from collector.ports.notifier import Delivered, Gone, Notifier, Refused, TryLater, Verdict
from collector.ports.store import Letter, LetterState, Store

LEASE = timedelta(seconds=60)
"""A letter claimed and not settled within this (the sender died) is due again; longer than any send may take."""
HANDFUL = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """How sending one letter went."""

    letter: Letter
    verdict: Verdict
    state: LetterState
    due: datetime | None


def announce(
    store: Store, name: str, notifier: Notifier, clock: Clock, jitter: Callable[[], float]
) -> list[Sent]:
    """Send what is due for one notifier, oldest first, and write down each result before the next is sent."""
    sent: list[Sent] = []
    while len(sent) < HANDFUL:
        at = clock.now()
        with store.write() as tx:
            letters = tx.claim(name, at, at + LEASE, 1)
        if not letters:
            break
        letter = letters[0]
        verdict = _sent(notifier, letter.announcement, clock.now())
        settled = _settled(letter, verdict, clock.now(), jitter())
        with store.write() as tx:
            tx.settle(letter, settled.state, clock.now(), due=settled.due, note=_note(verdict))
        sent.append(settled)
        if isinstance(verdict, Gone):
            break
    return sent


def _sent(notifier: Notifier, announcement: Announcement, at: datetime) -> Verdict:
    """Send; a stranger's notifier that raises, against its promise, has not delivered. Its text may hold a secret."""
    try:
        return notifier.send(announcement, at)
    except Exception as error:  # noqa: BLE001 - see above
        return TryLater(f"the notifier failed with {type(error).__name__}")


def _settled(letter: Letter, verdict: Verdict, at: datetime, share: float) -> Sent:
    match verdict:
        case Delivered():
            return Sent(letter, verdict, LetterState.SENT, None)
        case Refused() | Gone():
            return Sent(letter, verdict, LetterState.DEAD, None)
        case TryLater(after=after):
            if at - letter.enqueued > LETTER_HORIZON:
                return Sent(letter, verdict, LetterState.DEAD, None)
            wait = letter_wait(letter.attempts + 1, share, after)
            return Sent(letter, verdict, LetterState.DUE, at + wait)


def _note(verdict: Verdict) -> str:
    return "" if isinstance(verdict, Delivered) else verdict.reason
