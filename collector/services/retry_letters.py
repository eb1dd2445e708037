"""Gives letters that were given up another try, because a person says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from collector.ports.store import Deed, Store


@dataclass(frozen=True, slots=True)
class Retried:
    """What a person set in motion."""

    revived: int
    """Dead letters that are due again."""
    hurried: int
    """Letters that need not wait for their next try."""
    enabled: tuple[str, ...]
    """Notifiers that were disabled, and may send again."""


def retry_letters(
    store: Store,
    at: datetime,
    *,
    actor: str,
    notifiers: Collection[str] = (),
    letters: Collection[int] = (),
) -> Retried:
    """Make the dead letters with these numbers due, or all of these notifiers with whatever waits there; who was disabled
    sends again. A krd that runs on the store notices within seconds. Raises `StoreError`.
    """
    with store.write() as tx:
        revived = tx.revive(at, letters=letters) if letters else 0
        hurried, enabled = 0, []
        for name in notifiers:
            revived += tx.revive(at, notifier=name)
            hurried += tx.hurry(name, at)
            if tx.enable(name):
                enabled.append(name)
        done = Retried(revived, hurried, tuple(enabled))
        if revived or hurried or enabled:
            detail = {
                "letters": sorted(letters),
                "revived": revived,
                "hurried": hurried,
                "enabled": list(enabled),
            }
            tx.note_deed(
                Deed(at=at, actor=actor, action="retry", subject=", ".join(notifiers), detail=detail)
            )
    return done
