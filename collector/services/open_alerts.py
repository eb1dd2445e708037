"""What is wrong now, with its words and what lies over it: for pages, the API and `krd alerts list`."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Announcement, Occasion
from collector.domain.okr import Okrs
from collector.domain.silence import Ack, Silence
from collector.ports.board import OpenAlert
from collector.ports.store import Extent, Store, Transaction
from collector.ports.subject import of_key_result
from collector.services.overlays import inhibitor, silencing


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What was open when changes up to `extent` were kept."""

    extent: Extent | None
    alerts: tuple[Alert, ...]
    said: Mapping[str, Announcement]
    """By fingerprint."""


class OpenAlerts:
    """Reads them from the store; what no change has touched since is not read again. Thread-safe."""

    def __init__(self, store: Store, okrs: Okrs) -> None:
        self._store, self._okrs = store, okrs
        self._lock = threading.Lock()
        self._wrong: _Wrong | None = None

    def look(self, at: datetime) -> list[OpenAlert]:
        """Give what is open at `at`, the most severe first and then the oldest. Raises `StoreError`."""
        with self._lock, self._store.read() as tx:
            wrong = self._wrong = _read(tx, self._wrong, at)
            acks = {ack.fingerprint: ack for ack in tx.acks()} if wrong.alerts else {}
            silences = tx.silences(after=at) if wrong.alerts else []
        overlays = _Overlays(self._okrs, wrong.alerts, acks, silences, at)
        return [overlays.over(alert, wrong.said[alert.fingerprint]) for alert in wrong.alerts]


def silences_over(okrs: Okrs, one: OpenAlert, silences: Sequence[Silence], at: datetime) -> list[Silence]:
    """Give those among `silences` that keep an alert quiet at `at`, by the rule that `OpenAlert.silence` is chosen by."""
    overlays = _Overlays(okrs, (), {}, silences, at)
    return list(chain.from_iterable(overlays.silencing(one.alert, one.said)))


def _read(tx: Transaction, before: _Wrong | None, at: datetime) -> _Wrong:
    extent = tx.extent()
    if before is not None and before.extent == extent:
        return before
    known = {(one.fingerprint, one.episode, one.step): one for one in before.alerts} if before else {}
    alerts = sorted((one for one in tx.alerts().values() if one.state.open), key=_order)
    said = {}
    for alert in alerts:
        place = (alert.fingerprint, alert.episode, alert.step)
        kept = before.said[alert.fingerprint] if before is not None and place in known else None
        said[alert.fingerprint] = kept or _words(tx, alert, at)
    return _Wrong(extent, tuple(alerts), said)


def _order(alert: Alert) -> tuple[int, float, str]:
    opened = alert.opened or alert.since
    return -alert.severity.rank, opened.timestamp() if opened else 0.0, alert.subject


def _words(tx: Transaction, alert: Alert, at: datetime) -> Announcement:
    changes = [item.transition for item in tx.episode(alert.fingerprint, alert.episode)]
    if changes and changes[-1].said is not None:
        return changes[-1].said
    return Announcement(
        id=alert.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=Occasion.FIRST,
        subject=alert.subject.rpartition(":")[2],
        team="",
        title=f"{alert.kind.value}: {alert.subject}",
        sentence="How it began is not kept.",
        at=alert.since or alert.opened or at,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
    )


@dataclass(frozen=True, slots=True)
class _Overlays:
    """What lies over alerts at an instant."""

    okrs: Okrs
    alerts: Sequence[Alert]
    acks: Mapping[str, Ack]
    silences: Sequence[Silence]
    at: datetime

    def over(self, alert: Alert, said: Announcement) -> OpenAlert:
        ack = self.acks.get(alert.fingerprint)
        return OpenAlert(
            alert=alert,
            said=said,
            ack=ack if ack is not None and ack.holds(alert) else None,
            silence=self._silence(alert, said),
            inhibitor=self._inhibitor(alert),
        )

    def silencing(self, alert: Alert, said: Announcement) -> list[list[Silence]]:
        """Give the silences that keep an alert quiet, a list for each team it concerns."""
        if not self.silences:
            return []
        address = said.subject if of_key_result(alert, said) else ""
        return silencing(self.silences, alert.kind, self._teams(alert, said), address, self.at)

    def _silence(self, alert: Alert, said: Announcement) -> Silence | None:
        longest = [max(of_team, key=_end) for of_team in self.silencing(alert, said)]
        return min(longest, key=_end, default=None)

    def _teams(self, alert: Alert, said: Announcement) -> Iterable[str]:
        if said.team:
            return (said.team,)
        if alert.kind is not AlertKind.SOURCE_DOWN:
            return self.okrs.teams
        behind = (
            one.team
            for one in self.okrs.key_results.values()
            if alert.subject in _sources(self.okrs, one.key)
        )
        return dict.fromkeys(behind)

    def _inhibitor(self, alert: Alert) -> Alert | None:
        sources = _sources(self.okrs, alert.subject)
        down = (one for one in self.alerts if one.kind is AlertKind.SOURCE_DOWN and one.subject in sources)
        return inhibitor(alert, down)


def _sources(okrs: Okrs, key: str) -> frozenset[str]:
    """Name the sources that a key result is read from, in whatever part."""
    known = okrs.key_results.get(key)
    return frozenset(one.source for one in known.bindings.values() if one.asked) if known else frozenset()


def _end(silence: Silence) -> datetime:
    return silence.ends
