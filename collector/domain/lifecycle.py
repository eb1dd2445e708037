"""The life of an alert: a pure state machine on given time. Only a good value moves it towards resolved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from collector.domain.alert import (
    AT_ONCE,
    Alert,
    AlertState,
    Condition,
    Damping,
    Signal,
    Transition,
    event_id,
)
from collector.domain.announcement import Severity


@dataclass(frozen=True, slots=True)
class Step:
    """What a signal does to an alert: where it stands now, and the change when it is one that counts."""

    alert: Alert
    transition: Transition | None = None


def step(alert: Alert, signal: Signal, at: datetime, damping: Damping = AT_ONCE) -> Step:
    """Move `alert` by what its rule says now.

    Firing takes `fire_after` readings in a row, ending takes readings that stay clear for the hold; bad data changes
    nothing, not even a counter. A change of state is a transition, and so is a higher severity while it is open.
    """
    match signal.condition:
        case Condition.UNKNOWN:
            return Step(alert)
        case Condition.OVER:
            return _moved(alert, _ended(alert.state), at)
        case Condition.PENDING:
            return _pending(alert, signal, at)
        case Condition.FIRING:
            return _fired(alert, signal, at, damping)
        case Condition.RECOVERING:
            return _moved(alert, AlertState.RECOVERING if alert.state.open else alert.state, at)
        case Condition.CLEAR:
            return _cleared(alert, signal, at, damping)
        case _:
            assert_never(signal.condition)


def closed(alert: Alert, at: datetime, why: str) -> Transition | None:
    """Close an alert whose subject is no more, with the reason; nothing when it was not open or pending."""
    moved = _moved(alert, _ended(alert.state), at).transition
    return replace(moved, why=why) if moved is not None else None


def _pending(alert: Alert, signal: Signal, at: datetime) -> Step:
    if alert.state.open:
        return Step(replace(alert, clear_since=None))  # what fails again is not clear
    return _moved(replace(alert, run=signal.count), AlertState.PENDING, at)


def _fired(alert: Alert, signal: Signal, at: datetime, damping: Damping) -> Step:
    if alert.state.open:
        return _moved(replace(alert, clear_since=None), AlertState.FIRING, at, signal.severity)
    fresh = signal.slot is None or alert.slot is None or signal.slot > alert.slot
    run = (alert.run if alert.state is AlertState.PENDING else 0) + fresh
    newest = max((slot for slot in (alert.slot, signal.slot) if slot is not None), default=None)
    counted = replace(alert, run=run, slot=newest)
    target = AlertState.FIRING if run >= damping.fire_after else AlertState.PENDING
    return _moved(counted, target, at, signal.severity)


def _cleared(alert: Alert, signal: Signal, at: datetime, damping: Damping) -> Step:
    if not alert.state.open:
        return _moved(alert, _ended(alert.state), at)
    now = signal.slot or at
    since = alert.clear_since or now
    if now - since >= _hold(alert, damping):
        return _moved(alert, AlertState.RESOLVED, at)
    return _moved(replace(alert, clear_since=since), AlertState.RECOVERING, at)


def _hold(alert: Alert, damping: Damping) -> timedelta:
    relapsed = (
        alert.ended is not None and alert.opened is not None and alert.opened - alert.ended <= damping.relapse
    )
    return max(damping.hold, damping.relapse_hold) if relapsed else damping.hold


def _ended(state: AlertState) -> AlertState:
    match state:
        case AlertState.FIRING | AlertState.RECOVERING:
            return AlertState.RESOLVED
        case AlertState.PENDING:
            return AlertState.INACTIVE
        case AlertState.INACTIVE | AlertState.RESOLVED:
            return state
        case _:
            assert_never(state)


def _moved(alert: Alert, target: AlertState, at: datetime, severity: Severity | None = None) -> Step:
    """Bring an alert into a state, and count the change if it is one."""
    open_before = alert.state.open
    worse = (
        severity is not None and target.open and severity.rank > alert.severity.rank if open_before else False
    )
    if target is alert.state and not worse:
        return Step(alert)
    begins = (
        alert.episode == 0 or alert.state is AlertState.RESOLVED
    )  # what never fired goes on where it left
    episode = alert.episode + 1 if begins else alert.episode
    number = 1 if begins else alert.step + 1
    event = event_id(alert.fingerprint, episode, number)
    moved = replace(
        alert,
        state=target,
        episode=episode,
        step=number,
        since=at if target is not alert.state else alert.since,
        run=alert.run if target is AlertState.PENDING else 0,
        clear_since=alert.clear_since if target is AlertState.RECOVERING else None,
    )
    if target.open and not open_before:
        moved = replace(moved, opened=at, severity=severity or alert.kind.severity, event=event)
    elif worse and severity is not None:
        moved = replace(moved, severity=severity, event=event)
    elif open_before and not target.open:
        moved = replace(moved, ended=at, event=event)
    return Step(moved, Transition(event=event, alert=moved, was=alert.state, at=at))
