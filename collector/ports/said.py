"""The part of the store's promise that is about what people are told: alerts, feeds, silences and the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from collector.domain.alert import Alert, Transition
from collector.domain.announcement import Announcement
from collector.domain.silence import Ack, Silence
from collector.domain.speech import Told
from collector.ports.kept import (
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

EVERYTHING = Wanted()
"""What a reader wants who says nothing."""


class Said(Protocol):
    """What can be asked and changed of it inside one transaction. Times are aware, UTC."""

    def alerts(self, fingerprints: Collection[str] | None = None) -> Mapping[str, Alert]:
        """Give alerts by fingerprint: the named ones that exist, or all of them."""

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        """Keep alerts as they stand, where no change is worth telling: what they count while they wait."""

    def add_transitions(self, transitions: Sequence[Transition]) -> None:
        """Keep the changes in order with their words, and the alerts as they stand after them."""

    def transitions(self, after: int, limit: int, wanted: Wanted = EVERYTHING) -> list[Item]:
        """Give wanted changes with a sequence number above `after`, ascending."""

    def newest(self, limit: int, before: int | None = None, wanted: Wanted = EVERYTHING) -> list[Item]:
        """Give wanted changes with a sequence number below `before`, the newest first."""

    def extent(self) -> Extent | None:
        """Tell which changes are still kept: a reader that stands before `oldest - 1` or past `newest` has missed some, or has
        a number of another store. `oldest` is past `newest` when none is left.
        """

    def episode(self, fingerprint: str, episode: int) -> list[Item]:
        """Give the changes of one episode of an alert, ascending."""

    def told(self) -> list[Told]:
        """Give what every notifier was told last of every alert."""

    def put_told(self, told: Sequence[Told]) -> None:
        """Replace what notifiers were told."""

    def standing_words(self, notifier: str) -> list[Announcement]:
        """Give, of each alert that a notifier was told of and not yet that it is over, how its episode was last said to begin
        or to grow worse.
        """

    def forget_notifiers(self, kept: Collection[str], at: datetime, note: str) -> int:
        """Forget what notifiers other than `kept` were told, and let their waiting letters die; gives how many those are."""

    def acks(self) -> list[Ack]:
        """Give the newest acknowledgement of every alert that ever had one."""

    def put_ack(self, ack: Ack) -> None:
        """Replace the acknowledgement of an alert."""

    def drop_ack(self, fingerprint: str) -> bool:
        """Take an acknowledgement back; False when there is none."""

    def silences(self, after: datetime | None = None) -> list[Silence]:
        """Give the silences that end after an instant, or all of them, in the order they were made."""

    def add_silence(self, silence: Silence) -> int:
        """Keep a silence, and give its number."""

    def end_silence(self, number: int, at: datetime) -> bool:
        """End a silence that still lasts at `at`; False when none of that number does."""

    def enqueue(self, postings: Sequence[Posting], at: datetime) -> None:
        """Put announcements in the outbox, one a notifier; one that is there already (same notifier and id) stays. A posting
        with a group is due after its wait, and not before the group's last message is `interval` old.
        """

    def claim(
        self, notifier: str, at: datetime, lease_until: datetime, *, early: Early = Early.NOTHING
    ) -> Bundle | None:
        """Take what is to be sent next by a notifier, and lease it: the letters of the group whose head is due first, one that
        pages before all others, with all that wait in it, or the bundle again that its head belongs to. Nothing when none is
        due at `at`; what `early` names is taken before it is due, but not before its group's interval is over. What has
        expired is dead.
        """

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
        """Write down how sending went; `due` is the next try while it stays `DUE`, and `broke` counts a failure of the notifier
        itself. Gives False, and changes nothing, when the bundle was claimed again since.
        """

    def split(self, bundle: Bundle, at: datetime, *, note: str) -> bool:
        """Make two bundles of one with several letters, due at `at`: its older half and the newer one. False as `settle`."""

    def hurry(self, notifier: str, at: datetime) -> int:
        """Make due at `at` whatever waits for another try; gives how many letters that are."""

    def clock_went_back(self, by: timedelta, at: datetime) -> None:
        """Let what waits, with every notifier, for an instant more than an hour after `at` wait for one that is `by` sooner:
        it was reckoned by a clock that has been set back by so much.
        """

    def outbox(self) -> Mapping[str, Mapping[LetterState, int]]:
        """Count letters by notifier and state."""

    def letters(
        self, states: Collection[LetterState], notifier: str | None = None, limit: int = 100
    ) -> list[Letter]:
        """Give letters in these states, the newest first."""

    def revive(self, at: datetime, *, letters: Collection[int] = (), notifier: str | None = None) -> int:
        """Make dead letters due at `at`, as if they were new: the named ones, or all of a notifier; gives how many. What a
        later letter of the same conversation has overtaken stays dead.
        """

    def next_due(self, notifier: str) -> datetime | None:
        """Give when the next letter of `notifier` is due, leases included; nothing when there is none."""

    def disabled(self) -> Mapping[str, Disabled]:
        """Give the notifiers that are not to send, by name."""

    def disable(self, disabled: Disabled) -> None:
        """Let a notifier send no more."""

    def enable(self, notifier: str) -> bool:
        """Let a notifier send again; False when it was not disabled."""

    def prune_said(self, before: datetime, limit: int) -> int:
        """Delete at most `limit` changes and letters that were settled before an instant, oldest first; gives how many. What
        is due or dead, and what an open alert rests on, stays.
        """

    def mark_moment(self, team: str, cycle: str, kind: str, moment: datetime, outcome: str) -> bool:
        """Write down that a moment (a brief) was handled (`sent`, `missed`); False when it was before. One that was missed may
        still be handled otherwise: only a clock that was put right brings its time back.
        """

    def kinds_marked(self, team: str, cycle: str, moment: datetime) -> frozenset[str]:
        """Give the kinds of all moments of a team in a cycle that were handled for one instant."""

    def moment_marked(self, team: str, cycle: str, kind: str, moment: datetime) -> bool:
        """Tell whether the moment was handled."""
