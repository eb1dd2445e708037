"""Asks the store what enrolling would change, and takes it all back: the store alone knows what a change is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from collector.domain.okr import Okrs
from collector.ports.store import Enrolment, Store


class _TakenBack(Exception):
    """Ends the transaction without a trace."""


def would_enrol(store: Store, okrs: Okrs, at: datetime) -> Mapping[str, Enrolment]:
    """Give the enrolments that these definitions would have, keyed `cycle:address`. Needs the store's writing lock."""
    would: Mapping[str, Enrolment] = {}
    try:
        with store.write() as tx:
            would = tx.enrol(list(okrs.key_results.values()), at)
            raise _TakenBack
    except _TakenBack:
        return would


def changed_definitions(store: Store, okrs: Okrs, at: datetime) -> list[str]:
    """Give the key results (`cycle:address`) that are new, gone, or not what the store last enrolled."""
    with store.read() as tx:
        before = tx.enrolments()
    would = would_enrol(store, okrs, at)
    changed = [key for key, one in would.items() if one.measure_changed or one.promise_changed]
    return changed + [key for key in (*would, *before) if (key in would) != (key in before)]
