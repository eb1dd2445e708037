"""Tells what became of definitions: removed without a reason, renamed, back; and closes what was open about those gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from collector.domain.alert import AlertKind, Condition, Signal, Transition
from collector.domain.lifecycle import Step, closed, step
from collector.domain.message import about_removed, closing
from collector.ports.store import Transaction
from collector.services.ledger import Ledger

_OF_KEY_RESULTS = frozenset(AlertKind) - {
    AlertKind.SOURCE_DOWN,
    AlertKind.CONFIG_REJECTED,
    AlertKind.CLOCK_JUMP,
    AlertKind.SINK_FAILING,
    AlertKind.REMOVED,
}


def tell_of_definitions(
    ledger: Ledger, tx: Transaction, renamed: Mapping[str, str], at: datetime
) -> list[Transition]:
    """Move the alerts of key results that are no longer in the files, inside `tx`. Whoever was told that something is wrong
    is told that it ends, and why; all else is for the record.
    """
    live = {key: one for key, one in ledger.okrs.key_results.items() if one.binding is not None}
    gone = {one.key: one for one in tx.removed()}
    moves: list[Transition | None] = []
    for (kind, subject), alert in list(ledger.alerts.items()):
        if kind in _OF_KEY_RESULTS and subject not in live:
            moves.append(_worded(tx, closed(alert, at, _why(subject, gone.keys(), renamed))))
        elif kind is AlertKind.REMOVED and subject not in gone:
            known = live.get(subject)
            title, team = (known.title, known.team) if known is not None else (subject.partition(":")[2], "")
            moves.append(_removed(step(alert, Signal(Condition.CLEAR), at), title, team))
    for key, one in sorted(gone.items()):
        alert = ledger.alert(AlertKind.REMOVED, key)
        moves.append(_removed(step(alert, Signal(Condition.FIRING), at), one.title, one.team))
    moved = [move for move in moves if move is not None]
    ledger.put_alerts([move.alert for move in moved])
    tx.add_transitions(moved)
    return moved


def _removed(stepped: Step, title: str, team: str) -> Transition | None:
    moved = stepped.transition
    return replace(moved, said=about_removed(moved, title, team)) if moved is not None else None


def _worded(tx: Transaction, move: Transition | None) -> Transition | None:
    """Say it by what was last said of its alert."""
    if move is None:
        return None
    changes = tx.episode(move.alert.fingerprint, move.alert.episode)
    return replace(move, said=closing(move, changes[-1].transition.said if changes else None))


def _why(subject: str, gone: Collection[str], renamed: Mapping[str, str]) -> str:
    if subject in renamed:
        return f"renamed to {renamed[subject]}"
    return "removed from the files" if subject in gone else "retired and removed from the files"
