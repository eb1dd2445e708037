"""Tells what became of definitions: removed without a reason, renamed, back; and closes what was open about those gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from collector.domain.alert import AlertKind, Condition, Transition, closed, step
from collector.ports.store import Transaction
from collector.services.ledger import Ledger

_OF_KEY_RESULTS = frozenset(AlertKind) - {
    AlertKind.SOURCE_DOWN,
    AlertKind.CONFIG_REJECTED,
    AlertKind.CLOCK_JUMP,
    AlertKind.REMOVED,
}


def tell_of_definitions(
    ledger: Ledger, tx: Transaction, renamed: Mapping[str, str], at: datetime
) -> list[Transition]:
    """Move the alerts of key results that are no longer in the files, inside `tx`. All of it is for the record: nobody is
    written to because of an edit.
    """
    live = ledger.okrs.key_results
    gone = {one.key for one in tx.removed()}
    moves: list[Transition | None] = []
    for (kind, subject), alert in list(ledger.alerts.items()):
        if kind in _OF_KEY_RESULTS and subject not in live:
            moves.append(closed(alert, at, _why(subject, gone, renamed)))
        elif kind is AlertKind.REMOVED and subject not in gone:
            moves.append(step(alert, Condition.CLEAR, at))
    moves += [step(ledger.alert(AlertKind.REMOVED, key), Condition.FIRING, at) for key in sorted(gone)]
    moved = [move for move in moves if move is not None]
    ledger.put_alerts([move.alert for move in moved])
    tx.add_transitions(moved)
    return moved


def _why(subject: str, gone: set[str], renamed: Mapping[str, str]) -> str:
    if subject in renamed:
        return f"renamed to {renamed[subject]}"
    return "removed from the files" if subject in gone else "retired and removed from the files"
