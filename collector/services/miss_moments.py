"""Writes down what was not said before a sync, once that is over: it is never said late as if it were fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collector.domain.moments import Moment, MomentKind, past_moments
from collector.domain.okr import Okrs
from collector.ports.store import Transaction


def note_missed(tx: Transaction, okrs: Okrs, at: datetime) -> list[Moment]:
    """Mark as missed whatever was not handled before its sync was over; gives what was not marked before.

    It goes back to the last sync that has a brief, sent or missed. Where none has one yet, only the newest counts: krd may
    not have been there before.
    """
    missed: list[Moment] = []
    for syncs in past_moments(okrs, at):
        missed += [one for moments in _since_handled(tx, syncs) for one in moments if _mark(tx, one)]
    return missed


def _since_handled(tx: Transaction, syncs: Iterator[tuple[Moment, ...]]) -> list[tuple[Moment, ...]]:
    """Give the newest syncs up to the one that has a brief, that one included; only the newest where none has."""
    passed = []
    for moments in syncs:
        passed.append(moments)
        if _briefed(tx, moments):
            return passed
    return passed[:1]


def _briefed(tx: Transaction, moments: tuple[Moment, ...]) -> bool:
    return any(
        moment.kind is MomentKind.BRIEF
        and tx.moment_marked(moment.team, moment.cycle, moment.kind.value, moment.sync)
        for moment in moments
    )


def _mark(tx: Transaction, moment: Moment) -> bool:
    return tx.mark_moment(moment.team, moment.cycle, moment.kind.value, moment.sync, "missed")
