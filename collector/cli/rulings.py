"""Finds in the audit log who released or discarded readings, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.domain.okr import MAIN, KeyResult
from collector.ports.store import Deed, Transaction

PORTION = 1000
"""Lines of the log that are read at once."""
_DONE = {"release": "released", "discard": "discarded"}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person decided about one reading."""

    done: str
    """`released` or `discarded`."""
    role: str
    slot: datetime
    value: float | None
    actor: str
    why: str
    at: datetime

    @property
    def document(self) -> dict[str, Any]:
        """It as a JSON document."""
        return {
            "what": self.done,
            "role": self.role,
            "slot": self.slot.isoformat(),
            "value": self.value,
            "by": self.actor,
            "why": self.why,
            "at": self.at.isoformat(),
        }


def rulings(tx: Transaction, key_result: KeyResult) -> list[Ruling]:
    """Give what was decided about the readings of a key result, under its earlier addresses too, by slot and time."""
    keys = (key_result.key, *(f"{key_result.cycle.id}:{was}" for was in key_result.was))
    found = [one for key in keys for deed in _deeds(tx, key) for one in _of(deed)]
    return sorted(found, key=lambda one: (one.slot, one.at))


def _deeds(tx: Transaction, subject: str) -> Iterator[Deed]:
    before: int | None = None
    while portion := tx.deeds(before=before, subject=subject, limit=PORTION):
        yield from portion
        before = portion[-1].id


def _of(deed: Deed) -> Iterator[Ruling]:
    if deed.action not in _DONE:
        return
    detail = deed.detail
    slots = detail.get("slots") or [detail["slot"]]
    values = detail.get("values") or [detail.get("value")] * len(slots)
    for slot, value in zip(slots, values, strict=True):
        yield Ruling(
            _DONE[deed.action],
            str(detail.get("series") or MAIN),
            datetime.fromisoformat(slot),
            value,
            deed.actor,
            str(detail.get("why") or ""),
            deed.at,
        )
