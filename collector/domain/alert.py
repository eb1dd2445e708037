"""What an alert is: its kind, its state, what a rule says of it, and each change under a name of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collector.domain.announcement import Announcement, Family, Severity


class AlertKind(StrEnum):
    """What can be wrong. Each kind belongs to one family (DESIGN §8)."""

    DRIFT = "drift"
    REGRESSED = "regressed"
    """It stands worse than where it began."""
    BREACH = "breach"
    """More is used than the promise allows."""
    SLO_BURN = "slo_burn"
    """The error budget burns too fast in both windows of a pair."""
    GUARDRAIL = "guardrail"
    """What must not get worse did."""
    STALE = "stale"
    IMPLAUSIBLE = "implausible"
    """Readings are held."""
    BAD_QUERY = "bad_query"
    """The source answers, but not this question: the definition is wrong, or the answer cannot be taken."""
    SOURCE_DOWN = "source_down"
    FLATLINE = "flatline"
    """A series that used to vary gives the same value day after day."""
    UNIT_CHANGE = "unit_change"
    """The values in use are those of another unit."""
    ACHIEVED_EARLY = "achieved_early"
    """All that was promised is there before the close."""
    SUDDEN_CHANGE = "sudden_change"
    """Its values suddenly have another level."""
    POINT_OF_NO_RETURN = "point_of_no_return"
    """The last day from which the target could be reached is past."""
    DEFINITION_CHANGED = "definition_changed"
    """A definition was edited without saying why."""
    REMOVED = "removed"
    """A key result vanished from the files without being retired."""
    CONFIG_REJECTED = "config_rejected"
    """The files as they are now cannot run; krd goes on with those before."""
    CLOCK_JUMP = "clock_jump"
    """The wall clock moved by itself."""
    SINK_FAILING = "sink_failing"
    """A notifier does not deliver."""

    @property
    def family(self) -> Family:
        """The family by which it is routed (DESIGN §8)."""
        return _FAMILIES[self]

    @property
    def severity(self) -> Severity:
        """How much it may interrupt, unless the files or what it is about say otherwise."""
        if self.family is Family.VALUE or self in (AlertKind.CONFIG_REJECTED, AlertKind.SINK_FAILING):
            return Severity.TICKET
        return Severity.INFO


_FAMILIES = {
    AlertKind.DRIFT: Family.VALUE,
    AlertKind.REGRESSED: Family.VALUE,
    AlertKind.BREACH: Family.VALUE,
    AlertKind.SLO_BURN: Family.VALUE,
    AlertKind.GUARDRAIL: Family.VALUE,
    AlertKind.STALE: Family.DATA,
    AlertKind.IMPLAUSIBLE: Family.DATA,
    AlertKind.BAD_QUERY: Family.DATA,
    AlertKind.SOURCE_DOWN: Family.DATA,
    AlertKind.FLATLINE: Family.DATA,
    AlertKind.UNIT_CHANGE: Family.DATA,
    AlertKind.ACHIEVED_EARLY: Family.NEWS,
    AlertKind.SUDDEN_CHANGE: Family.NEWS,
    AlertKind.POINT_OF_NO_RETURN: Family.NEWS,
    AlertKind.DEFINITION_CHANGED: Family.NEWS,
    AlertKind.REMOVED: Family.NEWS,
    AlertKind.CONFIG_REJECTED: Family.DAEMON,
    AlertKind.CLOCK_JUMP: Family.DAEMON,
    AlertKind.SINK_FAILING: Family.DAEMON,
}


class AlertState(StrEnum):
    """Where an alert stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"

    @property
    def open(self) -> bool:
        """Whether people were told that something is wrong, and not yet that it is over."""
        return self in (AlertState.FIRING, AlertState.RECOVERING)

    @property
    def moving(self) -> bool:
        """Whether something began that has not ended."""
        return self.open or self is AlertState.PENDING


class Condition(StrEnum):
    """What a rule says now about its subject."""

    CLEAR = "clear"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    UNKNOWN = "unknown"
    """Bad or missing data: says nothing, so nothing moves."""
    OVER = "over"
    """Nothing more is expected of the subject: what is open ends at once."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What a rule says, and which reading it rests on."""

    condition: Condition
    slot: datetime | None = None
    """`as_of` of the newest reading behind it. Waiting is counted in readings and in their time, never in looks at the
    clock: a restart or a clock that jumps neither fires nor resolves. Nothing where the instant itself speaks.
    """
    severity: Severity = Severity.INFO
    """How much it may interrupt if it fires."""
    count: int = 0
    """Of a rule that counts by itself: how often in a row it failed, to be kept over a restart."""


@dataclass(frozen=True, slots=True)
class Damping:
    """How much it takes to move an alert, so that what swings round a limit does not flap."""

    fire_after: int = 1
    """Readings in a row that must fire."""
    hold: timedelta = timedelta(0)
    """So long, in the time of the readings, it has to stay clear before it is over."""
    relapse_hold: timedelta = timedelta(0)
    """The same for an episode that began within `relapse` after the end of the last."""
    relapse: timedelta = timedelta(0)


AT_ONCE = Damping()


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert over all its episodes."""

    fingerprint: str
    kind: AlertKind
    subject: str
    """`cycle:team/key-result`, the name of a source, a notifier or a file."""
    state: AlertState = AlertState.INACTIVE
    episode: int = 0
    """Raised by one each time something begins anew after it was over."""
    step: int = 0
    """Number of the last transition within the episode."""
    since: datetime | None = None
    """When it came into its state."""
    severity: Severity = Severity.INFO
    """The highest of the episode: it never falls within one."""
    opened: datetime | None = None
    """When it fired first in this episode."""
    ended: datetime | None = None
    """When its last episode ended."""
    event: str = ""
    """Id of the change that people are told of: that it fired, grew worse, or ended."""
    run: int = 0
    """While pending: readings in a row that fired."""
    slot: datetime | None = None
    """The newest reading that counted."""
    clear_since: datetime | None = None
    """While recovering: the first reading, since the last bad one, that was clear."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of an alert, stored before it is spoken."""

    event: str
    """`evt_…`, equal after any replay."""
    alert: Alert
    """As it stands after the change."""
    was: AlertState
    at: datetime
    why: str = ""
    """Why it moved, when no rule moved it: its subject was removed, renamed, retired, or promises something else."""
    said: Announcement | None = None
    """The change in words, as of its instant."""

    @property
    def began(self) -> bool:
        """Whether something is wrong that was not before."""
        return self.alert.state.open and not self.was.open

    @property
    def worsened(self) -> bool:
        """Whether it grew more severe within its episode."""
        return self.was.open and self.alert.state.open and self.alert.event == self.event

    @property
    def ended(self) -> bool:
        """Whether what was wrong is over."""
        return self.was.open and not self.alert.state.open


def fingerprint_of(kind: AlertKind, subject: str) -> str:
    """Identify an alert: no value, time, title or owner enters, so none of them makes a second one."""
    canonical = json.dumps({"kind": kind.value, "subject": subject}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def event_id(fingerprint: str, episode: int, step: int | str) -> str:
    """Name a transition: the same one has the same name over retries, restarts and replays."""
    return "evt_" + hashlib.sha256(f"{fingerprint}:{episode}:{step}".encode()).hexdigest()[:32]


def quiet(kind: AlertKind, subject: str) -> Alert:
    """Give the alert of a subject that never had one."""
    return Alert(fingerprint=fingerprint_of(kind, subject), kind=kind, subject=subject)
