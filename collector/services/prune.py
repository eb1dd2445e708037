"""Lets go of the readings of cycles long over, a portion at a time; their days, verdicts and definitions stay for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.domain.okr import Okrs
from collector.ports.store import Place, Pruned, Store

KEPT_AFTER_THE_END = 2
"""So many cycles that have ended keep their readings, beside all that the files name."""
PORTION = 500
"""Rows deleted in one transaction."""


def kept_cycles(okrs: Okrs, last_read: Mapping[str, datetime | None], at: datetime) -> frozenset[str]:
    """Give the cycles whose readings stay: those of the files, and the newest that have ended.

    `last_read` gives the cycles of the store with the last slot that anything in them was read at. It stands for the end of
    a cycle that the files no longer name.
    """
    named = {calendar.cycle.id: calendar.cycle for calendar in okrs.calendars.values()}
    named |= {key_result.cycle.id: key_result.cycle for key_result in okrs.key_results.values()}
    ends = {cycle: last for cycle, last in last_read.items() if cycle not in named}
    ends |= {cycle.id: cycle.ends for cycle in named.values() if cycle.ends <= at}
    newest = sorted(ends, key=lambda cycle: (ends[cycle] is not None, ends[cycle]), reverse=True)
    return frozenset(named) | frozenset(newest[:KEPT_AFTER_THE_END])


@dataclass(frozen=True, slots=True)
class Old:
    """What may go."""

    series: tuple[int, ...]
    until: datetime
    """No slot of theirs is later."""


def find_old(store: Store, okrs: Okrs, at: datetime) -> Old | None:
    """Give the series whose readings may go; nothing when there are none. Raises `StoreError`."""
    with store.read() as tx:
        last_read = tx.last_read()
        kept = kept_cycles(okrs, last_read, at)
        ends = [last for cycle, last in last_read.items() if cycle not in kept and last is not None]
        return Old(tuple(tx.ended_series(kept)), max(ends)) if ends else None


def prune(store: Store, old: Old, after: Place | None) -> Pruned:
    """Delete one portion of what is old, from `after` on. Raises `StoreError`."""
    with store.write() as tx:
        return tx.prune(old.series, PORTION, old.until, after)
