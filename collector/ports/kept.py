"""What a store gives and takes beside the domain's own things: rows with a meaning of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from collector.domain.alert import AlertKind, AlertState, Transition
from collector.domain.announcement import Announcement, Family
from collector.domain.evaluation import Evaluation
from collector.domain.promise import Promise


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Where a key result of the files stands in the store."""

    key_result: int
    series: int
    """Its main series, in the segment that fits its measure."""
    segment: int
    roles: Mapping[str, int] = field(default_factory=dict)
    """Every series it has now, by role: the main one, guardrails, and what either is computed of."""
    measure_changed: bool = False
    """Its measure is another one than before: this enrolment began a new segment."""
    promise_changed: bool = False
    renamed_from: str = ""
    """`cycle:address` under which it was kept until now; its history came along."""
    unexplained: str = ""
    """What its newest change changed (`measure`, `promise`, or both), when the file gives no reason for it."""
    first_promise: Promise | None = None
    """The promise as first made in this cycle, when it was another one than now."""


@dataclass(frozen=True, slots=True)
class Current:
    """The newest facts of one series, one row that every recording touches."""

    series: int
    attempted: datetime | None = None
    """When it was last asked for, successfully or not."""
    succeeded: datetime | None = None
    """When it last gave a reading."""
    covered: datetime | None = None
    """The last slot that has an outcome, sample or gap, live."""
    slot: datetime | None = None
    """Slot of the newest used sample."""
    as_of: datetime | None = None
    """`as_of` of the newest used sample."""
    value: float | None = None
    num: float | None = None
    den: float | None = None
    first_slot: datetime | None = None
    """Slot of the oldest used sample."""
    first_value: float | None = None
    failing: str | None = None
    """`GapReason` of the newest outcome when it was a gap."""
    detail: str = ""
    heal_since: datetime | None = None
    """Slots later than this and not later than `heal_until` are still to be asked for in the past."""
    heal_until: datetime | None = None
    restated: datetime | None = None
    """When its late rows were last looked for (`settle`)."""
    settled: datetime | None = None
    """Slots up to this one are final: their rows have settled."""
    held: int = 0
    """How many of its newest readings are held as implausible, in a row."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a key result under one measure."""

    number: int
    series: int
    began: datetime | None
    ended: datetime | None
    """Nothing while it is the present one."""
    verdict: Evaluation | None
    """The last evaluation under this measure, frozen when it ended."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A key result that vanished from the files without having been retired."""

    key: str
    """`cycle:address`."""
    title: str
    team: str
    since: datetime
    evaluation: Evaluation | None
    """The last verdict there was."""


@dataclass(frozen=True, slots=True)
class Strand:
    """One series of a key result: what a role measured in one segment."""

    role: str
    segment: int
    series: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A key result as the store holds it, whether or not the files still do."""

    key: str
    """`cycle:address`."""
    key_result: int
    removed: datetime | None
    """Since when the files no longer hold it."""
    document: Mapping[str, Any]
    """Its newest definition (`KeyResult.document`)."""
    strands: tuple[Strand, ...]
    """Every series it ever had, those of its own value first, each role by its segments."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where pruning came to: samples are walked first, then gaps, each by slot and series."""

    slot: datetime | None = None
    series: int = 0
    gaps: bool = False


@dataclass(frozen=True, slots=True)
class Pruned:
    """What one portion of pruning did."""

    gone: int
    """Rows that were deleted."""
    reached: Place | None
    """Where to go on; nothing at the end."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something a person wants to be seen beside the numbers."""

    key_result: int
    at: datetime
    """The instant it is about."""
    text: str
    author: str
    recorded_at: datetime
    id: int = 0


@dataclass(frozen=True, slots=True)
class Deed:
    """Who changed what by hand, and when: a line of the audit log."""

    at: datetime
    actor: str
    action: str
    """`record`, `release`, `discard`, `annotate`, `baseline`, `backfill`, `reload`, …"""
    subject: str = ""
    """`cycle:address`, a source, or a file."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


class LetterState(StrEnum):
    """Where a message to one notifier stands."""

    DUE = "due"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Posting:
    """An announcement for one notifier, to be put into the outbox."""

    notifier: str
    announcement: Announcement
    group: str = ""
    """Letters of one notifier and group travel together and in their order; empty: alone."""
    wait: timedelta = timedelta(0)
    """So long it waits for others of its group."""
    interval: timedelta = timedelta(0)
    """At least so long after the last message of its group it goes out."""
    expires: datetime | None = None
    """After this it is not sent any more. What expires keeps its place in its group, and is a message of its own."""


class Early(StrEnum):
    """What may be sent before it is due."""

    NOTHING = "nothing"
    UNTRIED = "untried"
    """What only waits for others to travel with."""
    ANYTHING = "anything"
    """What waits for another try, too."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One announcement for one notifier, as the outbox keeps it."""

    id: int
    notifier: str
    state: LetterState
    attempts: int
    """How often it was claimed."""
    enqueued: datetime
    due: datetime
    announcement: Announcement
    note: str = ""
    """How the last sending failed."""
    settled: datetime | None = None
    """When sending was last settled, well or badly."""
    bundle: str = ""
    """Id of the message that it travels in; empty until it is first claimed."""
    first_tried: datetime | None = None
    """When it was first claimed."""
    broke: int = 0
    """How often the notifier failed with it, against its promise."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Letters claimed together, to be sent as one message. `epoch` fences: only the newest claim may settle it."""

    id: str
    """The message's id: the same letters travel under it again after a failure or a crash. A letter alone has its
    announcement's own.
    """
    notifier: str
    epoch: int
    letters: tuple[Letter, ...]
    """In the order in which they were put into the outbox; at least one."""

    @property
    def attempts(self) -> int:
        """How often it was claimed, this time included."""
        return max(letter.attempts for letter in self.letters)

    @property
    def enqueued(self) -> datetime:
        """When the oldest of it was put into the outbox."""
        return min(letter.enqueued for letter in self.letters)

    @property
    def first_tried(self) -> datetime:
        """When the first of it was first claimed: a time in which nobody tried is no failure of the other side."""
        return min((one.first_tried for one in self.letters if one.first_tried), default=self.enqueued)

    @property
    def broke(self) -> int:
        """How often the notifier failed with it, against its promise, before this time."""
        return max(letter.broke for letter in self.letters)


@dataclass(frozen=True, slots=True)
class Disabled:
    """A notifier whose address exists no more: nothing is sent until its configuration changes or a person says so."""

    notifier: str
    digest: str
    """Of the configuration that was disabled."""
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Item:
    """A change of an alert as the feeds give it."""

    seq: int
    """The cursor: ascending, never given twice."""
    transition: Transition
    """Its `said` is there: changes of before that was kept have words made of what is known."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes a reader of a feed wants; an empty field means everything."""

    teams: frozenset[str] = frozenset()
    """What concerns no single team is for every one of them."""
    families: frozenset[Family] = frozenset()
    kinds: frozenset[AlertKind] = frozenset()
    states: frozenset[AlertState] = frozenset()
    subjects: frozenset[str] = frozenset()
    """As alerts name them: `cycle:team/key-result`, a source, a notifier."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which sequence numbers are still kept; nothing when no change ever was."""

    oldest: int
    newest: int
