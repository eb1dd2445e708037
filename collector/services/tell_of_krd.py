"""Tells of krd itself: files that cannot run, and a clock that jumped. Stored with the letters, inside one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.domain.alert import Alert, AlertKind, Condition, Signal, Transition
from collector.domain.announcement import Announcement, Occasion
from collector.domain.lifecycle import closed, step
from collector.domain.message import closing, occasion_of
from collector.ports.store import Deed, Posting, Transaction
from collector.services.bearing import Bearings
from collector.services.ledger import Ledger
from collector.services.recipients import Routes

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
    """Fire `config_rejected`; another rejection while it is open is said as well, once."""

    def tell(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
        count = len(rejection.errors)
        title = f"Files rejected: {rejection.subject}"
        sentence = (
            f"{count} mistake{'s' if count != 1 else ''}; krd goes on with the files as they were before."
        )
        alert = ledger.alert(AlertKind.CONFIG_REJECTED, rejection.subject)
        moved = step(alert, _fires(ledger, AlertKind.CONFIG_REJECTED), at).transition
        if moved is not None:
            said = _said(moved, title=title, sentence=sentence, lines=_listed(rejection.errors))
            return _kept(tx, [replace(moved, said=said)])
        canonical = f"{alert.fingerprint}:{alert.episode}:{alert.step + 1}:{rejection.digest}"
        event = "evt_" + hashlib.sha256(canonical.encode()).hexdigest()[:32]
        anew = replace(alert, step=alert.step + 1, event=event)
        again = Transition(event=event, alert=anew, was=alert.state, at=at)
        said = replace(
            _said(again, title=title, sentence=sentence, lines=_listed(rejection.errors)),
            occasion=Occasion.FIRST,
        )
        groups = {
            True: f"{alert.kind.value}:",
            False: alert.fingerprint,
        }  # as its other letters, and after them
        names = _hearing(ledger, routes, alert, at)
        tx.enqueue([Posting(name, said, groups[routes[name].traits.groups]) for name in names], at)
        return _kept(tx, [replace(again, said=said)])

    return tell


def _hearing(ledger: Ledger, routes: Routes, alert: Alert, at: datetime) -> list[str]:
    """Give who was told that it began and may be disturbed now; the others will hear the newest words of it."""
    bearings = Bearings(ledger, at)
    about = bearings.about(alert)
    believing = [
        name
        for (name, of), told in ledger.told.items()
        if of == alert.fingerprint and told.open and name in routes
    ]
    if about is None:
        return []
    return [name for name in believing if not bearings.of(alert, about, routes[name])[0].muted]


def accepted(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
    """Resolve every `config_rejected`, and close what was open about sources and notifiers that the files no longer name.

    Such a notifier believes nothing any more, and its letters are not sent: should the files name it again, it is a new one.
    """
    tx.forget_notifiers(routes, at, "the notifier is no longer in the files")
    ledger.told = {key: told for key, told in ledger.told.items() if told.notifier in routes}
    moves: list[Transition] = []
    for (kind, subject), alert in list(ledger.alerts.items()):
        if kind is AlertKind.CONFIG_REJECTED:
            moved = step(alert, _CLEAR, at).transition
            if moved is not None:
                said = _said(
                    moved, title=f"Files accepted: {subject}", sentence="krd runs what they say now."
                )
                moves.append(replace(moved, said=said))
            continue
        named = {AlertKind.SOURCE_DOWN: ledger.okrs.source_owners, AlertKind.SINK_FAILING: routes}.get(kind)
        if named is not None and subject not in named:
            moves += _closed(tx, alert, at)
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

    def tell(ledger: Ledger, tx: Transaction, _routes: Routes, at: datetime) -> list[Transition]:
        if by < timedelta(0):
            tx.clock_went_back(-by, at)
        alert = ledger.alert(AlertKind.CLOCK_JUMP, CLOCK)
        moved = step(alert, _fires(ledger, AlertKind.CLOCK_JUMP), at).transition
        if moved is None:
            return []
        way = "forwards" if by > timedelta(0) else "backwards"
        said = _said(
            moved,
            title=f"The clock jumped {way} by {abs(by.total_seconds()):.0f} s",
            sentence=(
                "The machine slept or its clock was set. What was missed is asked for where the source answers the past; "
                "nothing is read twice."
            ),
        )
        return _kept(tx, [replace(moved, said=said)])

    return tell


def steady(ledger: Ledger, tx: Transaction, _routes: Routes, at: datetime) -> list[Transition]:
    """Resolve `clock_jump`."""
    moved = step(ledger.alert(AlertKind.CLOCK_JUMP, CLOCK), _CLEAR, at).transition
    if moved is None:
        return []
    said = _said(moved, title="The clock is steady", sentence="It has not jumped for an hour.")
    return _kept(tx, [replace(moved, said=said)])


def failing(notifier: str, since: datetime, why: str) -> Telling:
    """Fire `sink_failing` for a notifier: the others are told."""

    def tell(ledger: Ledger, tx: Transaction, _routes: Routes, at: datetime) -> list[Transition]:
        alert = ledger.alert(AlertKind.SINK_FAILING, notifier)
        stepped = step(alert, _fires(ledger, AlertKind.SINK_FAILING), at)
        ledger.put_alerts([stepped.alert])
        if stepped.transition is None:
            return []
        said = _said(
            stepped.transition,
            title=f"Notifier {notifier} does not deliver",
            sentence=f"Since {since.isoformat(timespec='minutes')}: {why}",
            lines=("krd alerts outbox shows what waits and what was given up",),
        )
        return _kept(tx, [replace(stepped.transition, said=said)])

    return tell


def delivering(notifier: str) -> Telling:
    """Resolve `sink_failing` for a notifier."""

    def tell(ledger: Ledger, tx: Transaction, _routes: Routes, at: datetime) -> list[Transition]:
        alert = ledger.alert(AlertKind.SINK_FAILING, notifier)
        if not alert.state.moving:
            return []
        moved = step(alert, _CLEAR, at).transition
        if moved is None:
            return []
        said = _said(
            moved, title=f"Notifier {notifier} delivers again", sentence="What waited is on its way."
        )
        return _kept(tx, [replace(moved, said=said)])

    return tell


_CLEAR = Signal(Condition.CLEAR)


def _fires(ledger: Ledger, kind: AlertKind) -> Signal:
    return Signal(Condition.FIRING, severity=ledger.okrs.alerts.severity(kind))


def _closed(tx: Transaction, alert: Alert, at: datetime) -> list[Transition]:
    moved = closed(alert, at, "removed from the files")
    if moved is None:
        return []
    changes = tx.episode(alert.fingerprint, alert.episode)
    return [replace(moved, said=closing(moved, changes[-1].transition.said if changes else None))]


def _said(transition: Transition, *, title: str, sentence: str, lines: tuple[str, ...] = ()) -> Announcement:
    alert = transition.alert
    return Announcement(
        id=transition.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=occasion_of(transition),
        subject=alert.subject,
        team="",
        title=title,
        sentence=sentence,
        at=transition.at,
        lines=lines,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
    )


def _kept(tx: Transaction, moves: Sequence[Transition]) -> list[Transition]:
    tx.add_transitions(moves)
    return list(moves)


def _listed(texts: Sequence[str]) -> tuple[str, ...]:
    rest = len(texts) - LISTED
    return (*texts[:LISTED], f"… and {rest} more") if rest > 0 else tuple(texts)
