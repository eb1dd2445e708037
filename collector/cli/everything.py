"""Gathers everything that is kept of one key result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.app import App
from collector.cli.rulings import Ruling, rulings
from collector.domain.alert import Alert, AlertKind, fingerprint_of
from collector.domain.measure import Binding
from collector.domain.okr import MAIN, KeyResult
from collector.domain.sample import Gap, Origin, Restatement, Sample
from collector.domain.span import Span
from collector.ports.store import Annotation, Current, Segment, Transaction
from collector.services.read_models import Standing, standings

SHOWN_DAYS = 28
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A series beside the main one: an operand, or a guardrail and what that is computed of."""

    role: str
    binding: Binding
    current: Current

    @property
    def name(self) -> str:
        """Its role, as it is called in the file: `failed`, `guardrail:refunds`, `guardrail:refunds/paid`."""
        return self.role.removeprefix(f"{MAIN}/")


@dataclass(frozen=True, slots=True)
class Everything:
    """What the store keeps of one key result. All of it ascending."""

    standing: Standing
    owner: str
    parts: Sequence[Part] = ()
    newest: Sample | None = None
    """The newest used reading."""
    entered: Sequence[Sample] = ()
    """What a person entered, since 28 days before the cycle."""
    gaps: Sequence[Gap] = ()
    """Of the last 28 days."""
    restatements: Mapping[str, Sequence[Restatement]] = field(default_factory=dict)
    """By the role of the series, since 28 days before the cycle."""
    segments: Sequence[Segment] = ()
    annotations: Sequence[Annotation] = ()
    rulings: Sequence[Ruling] = ()
    """What people decided about its readings."""
    alerts: Sequence[Alert] = ()

    @property
    def restated(self) -> int:
        """How many numbers were replaced."""
        return sum(map(len, self.restatements.values()))


def gather(app: App, key: str, at: datetime) -> Everything:
    """Read what is kept of the key result `key` (`cycle:address`)."""
    okrs = app.configuration.okrs
    standing = next(one for one in standings(app.store, okrs, at) if one.key_result.key == key)
    person = okrs.people.get(standing.key_result.owner)
    owner = person.name if person else standing.key_result.owner
    with app.store.read() as tx:
        return _read(tx, standing, owner, at)


def _read(tx: Transaction, standing: Standing, owner: str, at: datetime) -> Everything:
    key_result, series, number = standing.key_result, standing.series, standing.number
    if series is None or number is None:
        return Everything(standing, owner, alerts=_alerts(tx, key_result))
    cycle = key_result.cycle
    month = Span(days=SHOWN_DAYS)
    before, ahead = cycle.back(cycle.starts, month), max(at, cycle.ends)
    roles = {current.series: role for role, current in standing.parts.items()}
    replaced = tx.restatements(list(roles), before, ahead)
    return Everything(
        standing=standing,
        owner=owner,
        parts=[
            Part(role, binding, standing.parts[role])
            for role, binding in key_result.bindings.items()
            if role != MAIN and role in standing.parts
        ],
        newest=_newest(tx, series, standing.parts[MAIN].slot),
        entered=_entered(tx, series, before, ahead) if _by_hand(key_result) else (),
        gaps=tx.gaps([series], cycle.back(at, month), at)[series],
        restatements={role: found for one, role in roles.items() if (found := replaced[one])},
        segments=tx.segments(number),
        annotations=tx.annotations([number], before, ahead),
        rulings=rulings(tx, key_result),
        alerts=_alerts(tx, key_result),
    )


def _newest(tx: Transaction, series: int, slot: datetime | None) -> Sample | None:
    return next(iter(tx.samples([series], slot - TICK, slot)[series]), None) if slot is not None else None


def _entered(tx: Transaction, series: int, after: datetime, until: datetime) -> list[Sample]:
    kept = tx.samples([series], after, until)[series]
    return [one for one in kept if one.origin in (Origin.BY_HAND, Origin.RESTATED)]


def _by_hand(key_result: KeyResult) -> bool:
    return key_result.binding is not None and key_result.binding.by_hand


def _alerts(tx: Transaction, key_result: KeyResult) -> list[Alert]:
    """Its own, and those of the sources behind it."""
    sources = {binding.source for binding in key_result.bindings.values() if binding.asked}
    subjects = [(kind, key_result.key) for kind in AlertKind]
    subjects += [(AlertKind.SOURCE_DOWN, source) for source in sorted(sources)]
    return list(tx.alerts([fingerprint_of(kind, subject) for kind, subject in subjects]).values())
