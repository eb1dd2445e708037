"""What people say about alerts: that they have one in hand, or that a team or key result is to be silent for a while."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from collector.domain.alert import Alert, AlertKind
from collector.domain.cycle import CycleState
from collector.domain.okr import Okrs
from collector.domain.silence import LONGEST_SILENCE, Ack, Silence
from collector.errors import KrdError, UsageError
from collector.ports.store import Deed, Store
from collector.ports.subject import about

CHANGE_OF_CLOCKS = timedelta(hours=1)
"""Thirty days of the calendar may be so much longer."""
LONGEST_TEXT = 2000
"""Letters of a note or a reason: it stands beside an alert."""
SHORTEST_FINGERPRINT = 8
"""So many letters of a fingerprint tell one alert from all others there will ever be."""


def acknowledge(store: Store, alerts: Iterable[Alert], author: str, note: str, at: datetime) -> list[Ack]:
    """Acknowledge open alerts in their present episode and severity; gives what was acknowledged. One that ended meanwhile
    is left alone. Raises `UsageError` for a note that is too long, and `StoreError`.
    """
    said = _text("a note", note)
    made = []
    with store.write() as tx:
        standing = tx.alerts([alert.fingerprint for alert in alerts])
        for alert in standing.values():
            if not alert.state.open:
                continue
            ack = Ack(alert.fingerprint, alert.episode, alert.severity, at, author, said)
            tx.put_ack(ack)
            detail = {"kind": alert.kind.value, "episode": alert.episode, "note": said}
            tx.note_deed(Deed(at, author, "ack", alert.subject, detail))
            made.append(ack)
    return made


def take_back(store: Store, alerts: Iterable[Alert], author: str, at: datetime) -> list[Alert]:
    """Take acknowledgements back; gives the alerts that had one which still spoke for them. Raises `StoreError`."""
    freed = []
    with store.write() as tx:
        acks = {ack.fingerprint: ack for ack in tx.acks()}
        for alert in tx.alerts([alert.fingerprint for alert in alerts]).values():
            ack = acks.get(alert.fingerprint)
            if ack is None or not ack.holds(alert) or not tx.drop_ack(alert.fingerprint):
                continue
            detail = {"kind": alert.kind.value, "episode": alert.episode, "was": ack.author}
            tx.note_deed(Deed(at, author, "unack", alert.subject, detail))
            freed.append(alert)
    return freed


def silence(store: Store, okrs: Okrs, wanted: Silence, at: datetime) -> Silence:
    """Keep a silence, and give it with its number. Raises `UsageError` when it names nothing, has no end ahead, ends too
    late or says no reason, and `StoreError`.
    """
    worded = replace(wanted, reason=_text("a reason", wanted.reason))
    _check(okrs, worded, at)
    with store.write() as tx:
        made = replace(worded, id=tx.add_silence(worded))
        detail = {
            "silence": made.id,
            "until": made.ends.isoformat(),
            "kind": made.kind.value if made.kind else "",
            "reason": made.reason,
        }
        tx.note_deed(Deed(at, made.author, "silence", _subject(okrs, made, at), detail))
    return made


def unsilence(store: Store, okrs: Okrs, number: int, author: str, at: datetime) -> Silence:
    """End a silence now, and give it. Raises `KrdError` when none of that number lasts, and `StoreError`."""
    with store.write() as tx:
        found = next((one for one in tx.silences(at) if one.id == number), None)
        if found is None or not tx.end_silence(number, at):
            raise KrdError(
                f"there is no silence {number} that lasts: `krd alerts list --silences` shows them"
            )
        detail = {"silence": number, "until": found.ends.isoformat()}
        tx.note_deed(Deed(at, author, "unsilence", _subject(okrs, found, at), detail))
    return replace(found, ends=at)


def matching(alerts: Sequence[Alert], name: str, kind: AlertKind | None = None) -> list[Alert]:
    """Give the alerts that a person means by a name: a key result's address with or without its cycle, a source, a
    notifier; else a fingerprint or its first letters (eight at least); else the last part of an address.

    Raises `UsageError` when that may be several key results.
    """
    asked = [alert for alert in alerts if kind in (None, alert.kind)]
    for means in (_names, _begins, _ends):
        found = [alert for alert in asked if means(alert, name)]
        addresses = sorted({about(alert) for alert in found})
        if len(addresses) > 1:
            raise UsageError(f"{name!r} may be {' or '.join(addresses)}: write more of it")
        if found:
            return found
    return []


def _names(alert: Alert, name: str) -> bool:
    return name in (alert.subject, about(alert))


def _begins(alert: Alert, name: str) -> bool:
    return len(name) >= SHORTEST_FINGERPRINT and alert.fingerprint.startswith(name)


def _ends(alert: Alert, name: str) -> bool:
    return bool(name) and about(alert).endswith(f"/{name}")


def _subject(okrs: Okrs, silence: Silence, at: datetime) -> str:
    """Name what is silent as the audit log knows it: a key result of the cycle that is active."""
    keys = [one for one in okrs.key_results.values() if one.address == silence.key_result]
    active = [one for one in keys if one.cycle.state(at) is CycleState.ACTIVE]
    return (active or keys)[-1].key if keys else silence.key_result or silence.team


def _text(what: str, text: str) -> str:
    said = " ".join(text.split())
    if len(said) > LONGEST_TEXT:
        raise UsageError(
            f"{what} has at most {LONGEST_TEXT} letters, this one has {len(said)}: say it shorter"
        )
    return said


def _check(okrs: Okrs, wanted: Silence, at: datetime) -> None:
    if wanted.team not in okrs.teams:
        raise UsageError(f"there is no team {wanted.team!r}: the teams are {', '.join(okrs.teams)}")
    known = {(one.team, one.address) for one in okrs.key_results.values()}
    if wanted.key_result and (wanted.team, wanted.key_result) not in known:
        raise UsageError(
            f"team {wanted.team} has no key result {wanted.key_result!r}: `krd status` lists them"
        )
    if wanted.ends <= max(at, wanted.starts):
        raise UsageError("the silence ends before it begins: say an end that is ahead")
    if wanted.ends - wanted.starts > LONGEST_SILENCE + CHANGE_OF_CLOCKS:
        raise UsageError(
            f"a silence lasts at most {LONGEST_SILENCE.days} days: say an earlier end, and renew it if need be"
        )
    if not wanted.reason or not wanted.author.strip():
        raise UsageError("a silence names its author and its reason: others will ask")
