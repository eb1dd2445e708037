"""Tells of krd itself: files that cannot run, and a clock that jumped. Stored with the letters, inside one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.alert import Alert, AlertKind, Condition, Transition, closed, step
from collector.domain.announcement import Announcement, Occasion
from collector.ports.store import Deed, Transaction
from collector.services.ledger import Ledger
from collector.services.raise_alerts import Routes, recipients

CLOCK = "clock"
"""Subject of the alert about the clock of this machine."""
ACTOR = "krd"
"""Who acts where no person did."""
LISTED = 10
"""So many mistakes, or changes, are listed; the rest is counted."""

Telling = Callable[[Ledger, Transaction, Routes, datetime], list[Transition]]
"""Moves alerts inside a transaction, puts the letters about them into the outbox, and gives what moved."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Files that cannot run."""

    subject: str
    """Path of `krd.yaml`."""
    errors: tuple[str, ...]
    """Each with file, line, column and what to do, in their order; at least one."""

    @property
    def digest(self) -> str:
        """Tells one rejection from another."""
        return hashlib.sha256("\n".join(self.errors).encode()).hexdigest()


def rejected(rejection: Rejection) -> Telling:
    """Fire `config_rejected`; of every rejection that is another one, a letter is written once."""

    def tell(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
        alert = ledger.alert(AlertKind.CONFIG_REJECTED, rejection.subject)
        moved = step(alert, Condition.FIRING, at)
        alert = moved.alert if moved else alert
        canonical = f"{alert.fingerprint}:{alert.episode}:{rejection.digest}"
        event = moved.event if moved else "evt_" + hashlib.sha256(canonical.encode()).hexdigest()[:32]
        count = len(rejection.errors)
        said = _said(
            alert,
            event,
            Occasion.FIRST,
            at,
            title=f"Files rejected: {rejection.subject}",
            sentence=f"{count} mistake{'s' if count != 1 else ''}; krd goes on with the files as they were before.",
            lines=_listed(rejection.errors),
        )
        _tell_everybody(ledger, tx, routes, said, at)
        return _kept(tx, [moved])

    return tell


def accepted(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
    """Resolve every `config_rejected`, and close what was open about sources that the files no longer name."""
    moves: list[Transition | None] = []
    for (kind, subject), alert in list(ledger.alerts.items()):
        if kind is AlertKind.CONFIG_REJECTED:
            moved = step(alert, Condition.CLEAR, at)
            if moved is not None and alert.state.open:
                title, sentence = f"Files accepted: {subject}", "krd runs what they say now."
                said = _said(moved.alert, moved.event, Occasion.RESOLVED, at, title=title, sentence=sentence)
                _tell_everybody(ledger, tx, routes, said, at)
            moves.append(moved)
        elif kind is AlertKind.SOURCE_DOWN and subject not in ledger.okrs.source_owners:
            moves.append(closed(alert, at, "removed from the files"))
    return _kept(tx, moves)


def reloaded(subject: str, changes: Sequence[str]) -> Telling:
    """Write a reload into the audit log, beside everything that follows from accepted files."""

    def tell(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
        detail = {"changes": len(changes), "changed": list(_listed(changes))}
        tx.note_deed(Deed(at=at, actor=ACTOR, action="reload", subject=subject, detail=detail))
        return accepted(ledger, tx, routes, at)

    return tell


def jumped(by: timedelta) -> Telling:
    """Fire `clock_jump`; further jumps before the clock is steady belong to the same episode."""

    def tell(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
        moved = step(ledger.alert(AlertKind.CLOCK_JUMP, CLOCK), Condition.FIRING, at)
        if moved is None:
            return []
        way = "forwards" if by > timedelta(0) else "backwards"
        said = _said(
            moved.alert,
            moved.event,
            Occasion.FIRST,
            at,
            title=f"The clock jumped {way} by {abs(by.total_seconds()):.0f} s",
            sentence=(
                "The machine slept or its clock was set. What was missed is asked for where the source answers the past; "
                "nothing is read twice."
            ),
        )
        _tell_everybody(ledger, tx, routes, said, at)
        return _kept(tx, [moved])

    return tell


def steady(ledger: Ledger, tx: Transaction, _routes: Routes, at: datetime) -> list[Transition]:
    """Resolve `clock_jump`, for the record: that a clock is steady is news to nobody."""
    return _kept(tx, [step(ledger.alert(AlertKind.CLOCK_JUMP, CLOCK), Condition.CLEAR, at)])


def _said(
    alert: Alert,
    event: str,
    occasion: Occasion,
    at: datetime,
    *,
    title: str,
    sentence: str,
    lines: tuple[str, ...] = (),
) -> Announcement:
    return Announcement(
        id=event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.kind.severity,
        occasion=occasion,
        subject=alert.subject,
        team="",
        title=title,
        sentence=sentence,
        at=at,
        lines=lines,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
    )


def _tell_everybody(
    ledger: Ledger, tx: Transaction, routes: Routes, said: Announcement, at: datetime
) -> None:
    names = recipients(ledger.okrs, routes, list(ledger.okrs.teams), said)
    tx.enqueue([(name, said) for name in names], at)


def _kept(tx: Transaction, moves: Sequence[Transition | None]) -> list[Transition]:
    kept = [moved for moved in moves if moved is not None]
    tx.add_transitions(kept)
    return kept


def _listed(texts: Sequence[str]) -> tuple[str, ...]:
    rest = len(texts) - LISTED
    return (*texts[:LISTED], f"… and {rest} more") if rest > 0 else tuple(texts)
