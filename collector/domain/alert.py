"""The life of an alert: a pure state machine on given time. Only a good value moves it towards resolved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from collector.domain.announcement import Family, Severity


class AlertKind(StrEnum):
    """What can be wrong. Each kind belongs to one family (DESIGN §8)."""

    DRIFT = "drift"
    BREACH = "breach"
    """More is used than the promise allows."""
    SLO_BURN = "slo_burn"
    """The error budget burns too fast in both windows of a pair."""
    GUARDRAIL = "guardrail"
    """What must not get worse did."""
    STALE = "stale"
    IMPLAUSIBLE = "implausible"
    """Readings are held."""
    SOURCE_DOWN = "source_down"
    DEFINITION_CHANGED = "definition_changed"
    """A definition was edited without saying why."""
    REMOVED = "removed"
    """A key result vanished from the files without being retired."""
    CONFIG_REJECTED = "config_rejected"
    """The files as they are now cannot run; krd goes on with those before."""
    CLOCK_JUMP = "clock_jump"
    """The wall clock moved by itself."""

    @property
    def family(self) -> Family:
        """The family by which it is routed (DESIGN §8)."""
        match self:
            case AlertKind.DRIFT | AlertKind.BREACH | AlertKind.SLO_BURN | AlertKind.GUARDRAIL:
                return Family.VALUE
            case AlertKind.STALE | AlertKind.IMPLAUSIBLE | AlertKind.SOURCE_DOWN:
                return Family.DATA
            case AlertKind.DEFINITION_CHANGED | AlertKind.REMOVED:
                return Family.NEWS
            case AlertKind.CONFIG_REJECTED | AlertKind.CLOCK_JUMP:
                return Family.DAEMON
            case _:
                assert_never(self)

    @property
    def severity(self) -> Severity:
        """How much it may interrupt."""
        if self.family is Family.VALUE or self is AlertKind.CONFIG_REJECTED:
            return Severity.TICKET
        return Severity.INFO


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


class Condition(StrEnum):
    """What a rule says now about its subject."""

    CLEAR = "clear"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    UNKNOWN = "unknown"
    """Bad or missing data: says nothing, so nothing moves."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert over all its episodes."""

    fingerprint: str
    kind: AlertKind
    subject: str
    """`cycle:team/key-result`, or the name of a source."""
    state: AlertState = AlertState.INACTIVE
    episode: int = 0
    """Raised by one each time it leaves inactive or resolved."""
    step: int = 0
    """Number of the last transition within the episode."""
    since: datetime | None = None
    """When it came into its state."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of an alert's state, stored before it is spoken."""

    event: str
    """`evt_…`, equal after any replay."""
    alert: Alert
    """As it stands after the change."""
    was: AlertState
    at: datetime
    why: str = ""
    """Why it moved, when no rule moved it: its subject was removed, renamed or retired."""


def fingerprint_of(kind: AlertKind, subject: str) -> str:
    """Identify an alert: no value, time, title or owner enters, so none of them makes a second one."""
    canonical = json.dumps({"kind": kind.value, "subject": subject}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def event_id(fingerprint: str, episode: int, step: int) -> str:
    """Name a transition: the same one has the same name over retries, restarts and replays."""
    return "evt_" + hashlib.sha256(f"{fingerprint}:{episode}:{step}".encode()).hexdigest()[:32]


def quiet(kind: AlertKind, subject: str) -> Alert:
    """Give the alert of a subject that never had one."""
    return Alert(fingerprint=fingerprint_of(kind, subject), kind=kind, subject=subject)


def step(alert: Alert, condition: Condition, at: datetime) -> Transition | None:
    """Move `alert` by what its rule says now; nothing when it stays where it is."""
    target = _target(alert.state, condition)
    if target is alert.state:
        return None
    begins = not alert.state.open and alert.state is not AlertState.PENDING
    episode = alert.episode + 1 if begins else alert.episode
    number = 1 if begins else alert.step + 1
    moved = replace(alert, state=target, episode=episode, step=number, since=at)
    return Transition(event=event_id(alert.fingerprint, episode, number), alert=moved, was=alert.state, at=at)


def closed(alert: Alert, at: datetime, why: str) -> Transition | None:
    """Close an alert whose subject is no more, with the reason; nothing when nobody was told of it."""
    moved = step(alert, Condition.CLEAR, at)
    return replace(moved, why=why) if moved is not None else None


def _target(state: AlertState, condition: Condition) -> AlertState:
    match condition:
        case Condition.UNKNOWN:
            return state
        case Condition.CLEAR:
            return _cleared(state)
        case Condition.PENDING:
            return state if state.open else AlertState.PENDING
        case Condition.FIRING:
            return AlertState.FIRING
        case Condition.RECOVERING:
            return AlertState.RECOVERING if state.open else state
        case _:
            assert_never(condition)


def _cleared(state: AlertState) -> AlertState:
    match state:
        case AlertState.FIRING | AlertState.RECOVERING:
            return AlertState.RESOLVED
        case AlertState.PENDING:
            return AlertState.INACTIVE
        case AlertState.INACTIVE | AlertState.RESOLVED:
            return state
        case _:
            assert_never(state)
