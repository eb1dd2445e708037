"""What is said, inside one transaction: alerts, feeds, silences and the outbox, each kept by a module of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collector.crash_points import Point, reached
from collector.domain.alert import Alert, Transition
from collector.domain.announcement import Announcement
from collector.domain.silence import Ack, Silence
from collector.domain.speech import Told
from collector.ports.said import EVERYTHING, Said
from collector.ports.store import (
    Bundle,
    Disabled,
    Early,
    Extent,
    Item,
    Letter,
    LetterState,
    Posting,
    Wanted,
)
from collector.store import acks as ack_rows
from collector.store import alerts as alert_rows
from collector.store import bundles as bundle_rows
from collector.store import disabled as disabled_rows
from collector.store import moments as moment_rows
from collector.store import old_words
from collector.store import outbox as outbox_rows
from collector.store import silences as silence_rows
from collector.store import told as told_rows
from collector.store import transitions as transition_rows
from collector.store.moments import Moment


class SqlSaid(Said):
    """What `collector.ports.said.Said` promises, over one connection with an open transaction."""

    _connection: Connection

    # -- alerts and their changes
    def alerts(self, fingerprints: Collection[str] | None = None) -> Mapping[str, Alert]:
        return alert_rows.standing(self._connection, fingerprints)

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        alert_rows.put(self._connection, alerts)
        reached(Point.ALERTS_PUT)

    def add_transitions(self, transitions: Sequence[Transition]) -> None:
        transition_rows.add(self._connection, transitions)
        reached(Point.TRANSITIONS_ADDED)

    def transitions(self, after: int, limit: int, wanted: Wanted = EVERYTHING) -> list[Item]:
        return transition_rows.following(self._connection, after, limit, wanted)

    def newest(self, limit: int, before: int | None = None, wanted: Wanted = EVERYTHING) -> list[Item]:
        return transition_rows.newest(self._connection, limit, before, wanted)

    def extent(self) -> Extent | None:
        return transition_rows.extent(self._connection)

    def episode(self, fingerprint: str, episode: int) -> list[Item]:
        return transition_rows.episode(self._connection, fingerprint, episode)

    def told(self) -> list[Told]:
        return told_rows.everything(self._connection)

    def put_told(self, told: Sequence[Told]) -> None:
        told_rows.put(self._connection, told)
        reached(Point.TOLD_PUT)

    def standing_words(self, notifier: str) -> list[Announcement]:
        return told_rows.standing_words(self._connection, notifier)

    def forget_notifiers(self, kept: Collection[str], at: datetime, note: str) -> int:
        return told_rows.forget_others(self._connection, kept, at, note)

    # -- what people lay over them
    def acks(self) -> list[Ack]:
        return ack_rows.everything(self._connection)

    def put_ack(self, ack: Ack) -> None:
        ack_rows.put(self._connection, ack)

    def drop_ack(self, fingerprint: str) -> bool:
        return ack_rows.drop(self._connection, fingerprint)

    def silences(self, after: datetime | None = None) -> list[Silence]:
        return silence_rows.ending_after(self._connection, after)

    def add_silence(self, silence: Silence) -> int:
        return silence_rows.add(self._connection, silence)

    def end_silence(self, number: int, at: datetime) -> bool:
        return silence_rows.end(self._connection, number, at)

    # -- the outbox
    def enqueue(self, postings: Sequence[Posting], at: datetime) -> None:
        outbox_rows.enqueue(self._connection, postings, at)
        reached(Point.ENQUEUED)

    def claim(
        self, notifier: str, at: datetime, lease_until: datetime, *, early: Early = Early.NOTHING
    ) -> Bundle | None:
        bundle = bundle_rows.claim(self._connection, notifier, at, lease_until, early=early)
        reached(Point.CLAIMED)
        return bundle

    def settle(
        self,
        bundle: Bundle,
        state: LetterState,
        at: datetime,
        *,
        due: datetime | None,
        note: str,
        broke: bool = False,
    ) -> bool:
        mine = bundle_rows.settle(self._connection, bundle, state, at, due, note, broke=broke)
        reached(Point.SETTLED)
        return mine

    def split(self, bundle: Bundle, at: datetime, *, note: str) -> bool:
        mine = bundle_rows.split(self._connection, bundle, at, note)
        reached(Point.SPLIT)
        return mine

    def hurry(self, notifier: str, at: datetime) -> int:
        hurried = outbox_rows.hurry(self._connection, notifier, at)
        reached(Point.HURRIED)
        return hurried

    def clock_went_back(self, by: timedelta, at: datetime) -> None:
        outbox_rows.clock_went_back(self._connection, by, at)

    def outbox(self) -> Mapping[str, Mapping[LetterState, int]]:
        return outbox_rows.counts(self._connection)

    def letters(
        self, states: Collection[LetterState], notifier: str | None = None, limit: int = 100
    ) -> list[Letter]:
        return outbox_rows.newest(self._connection, states, notifier, limit)

    def revive(self, at: datetime, *, letters: Collection[int] = (), notifier: str | None = None) -> int:
        revived = outbox_rows.revive(self._connection, at, letters, notifier)
        reached(Point.REVIVED)
        return revived

    def next_due(self, notifier: str) -> datetime | None:
        return outbox_rows.next_due(self._connection, notifier)

    def disabled(self) -> Mapping[str, Disabled]:
        return disabled_rows.everything(self._connection)

    def disable(self, disabled: Disabled) -> None:
        disabled_rows.put(self._connection, disabled)
        reached(Point.DISABLED)

    def enable(self, notifier: str) -> bool:
        was_disabled = disabled_rows.drop(self._connection, notifier)
        reached(Point.ENABLED)
        return was_disabled

    def prune_said(self, before: datetime, limit: int) -> int:
        return old_words.prune(self._connection, before, limit)

    # -- moments
    def mark_moment(self, team: str, cycle: str, kind: str, moment: datetime, outcome: str) -> bool:
        marked = moment_rows.mark(self._connection, Moment(team, cycle, kind, moment), outcome)
        reached(Point.MOMENT_MARKED)
        return marked

    def kinds_marked(self, team: str, cycle: str, moment: datetime) -> frozenset[str]:
        return moment_rows.kinds_marked(self._connection, team, cycle, moment)

    def moment_marked(self, team: str, cycle: str, kind: str, moment: datetime) -> bool:
        return moment_rows.marked(self._connection, Moment(team, cycle, kind, moment))
