"""Gives letters that were given up another try, because a person says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from collector.ports.store import Deed, LetterState, Store, Transaction

_ALL = 2**31 - 1


RETRY = "retry"
"""The deed of a person who has a notifier tried again."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What a person set in motion."""

    revived: int
    """Dead letters that are due again."""
    hurried: int
    """Letters that need not wait for their next try."""
    enabled: tuple[str, ...]
    """Notifiers that were disabled, and may send again."""
    overtaken: tuple[int, ...] = ()
    """Dead letters that stay dead: a later one about the same said what is so since, or is to be tried first."""
    strange: tuple[int, ...] = ()
    """Numbers that no dead letter has."""


def retry_letters(
    store: Store,
    at: datetime,
    *,
    actor: str,
    notifiers: Collection[str] = (),
    letters: Collection[int] = (),
) -> Retried:
    """Make the dead letters with these numbers due, or all of these notifiers with whatever waits there; who was disabled
    sends again. What a later letter has overtaken stays dead. A krd that runs on the store notices within seconds. Raises
    `StoreError`.
    """
    with store.write() as tx:
        done = _retried(tx, at, notifiers, letters)
        waits = any(tx.next_due(name) is not None for name in notifiers)
        if done.revived or done.hurried or done.enabled or waits:
            detail = {
                "letters": sorted(letters),
                "revived": done.revived,
                "overtaken": list(done.overtaken),
                "hurried": done.hurried,
                "enabled": list(done.enabled),
            }
            for subject in notifiers or ("",):
                tx.note_deed(Deed(at=at, actor=actor, action=RETRY, subject=subject, detail=detail))
    return done


def asked_since(tx: Transaction, notifier: str, since: datetime) -> bool:
    """Tell whether a person had a notifier tried again later than `since`."""
    last = next((deed for deed in tx.deeds(subject=notifier, limit=1) if deed.action == RETRY), None)
    return last is not None and last.at > since


def _retried(tx: Transaction, at: datetime, notifiers: Collection[str], letters: Collection[int]) -> Retried:
    named = set(letters)
    strange = named - _dead(tx) if named else set()
    revived = tx.revive(at, letters=letters) if letters else 0
    left = named & _dead(tx) if named else set()
    hurried, enabled = 0, []
    for name in notifiers:
        revived += tx.revive(at, notifier=name)
        left |= _dead(tx, name)
        hurried += tx.hurry(name, at)
        if tx.enable(name):
            enabled.append(name)
    return Retried(revived, hurried, tuple(enabled), tuple(sorted(left)), tuple(sorted(strange)))


def _dead(tx: Transaction, notifier: str | None = None) -> set[int]:
    return {letter.id for letter in tx.letters([LetterState.DEAD], notifier, _ALL)}
