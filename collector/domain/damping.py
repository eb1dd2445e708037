"""How much it takes to move each kind of alert."""

from __future__ import annotations

from datetime import timedelta

from collector.domain.alert import AT_ONCE, AlertKind, Damping
from collector.domain.announcement import Family
from collector.domain.okr import KeyResult

READINGS = 2
DAY = timedelta(days=1)
RELAPSE_HOLD = timedelta(hours=6)


def damping_of(kind: AlertKind, key_result: KeyResult) -> Damping:
    """Give how much it takes to move an alert about a key result.

    Drift is damped by its own machine of days. What else compares a value with a limit stays open until a day of readings,
    two at least, was clear: a value that swings round its limit makes one episode. Data alerts end with the first good
    reading, but take six hours of them when they come back within a day.
    """
    cycle = key_result.cycle
    if kind in (AlertKind.IMPLAUSIBLE, AlertKind.FLATLINE, AlertKind.UNIT_CHANGE):
        return AT_ONCE  # two readings, a person, or days that closed have confirmed it already
    if kind.family is Family.DATA:
        return data_damping(cycle.wait(DAY) / DAY)
    if kind not in (AlertKind.BREACH, AlertKind.SLO_BURN, AlertKind.GUARDRAIL) or key_result.binding is None:
        return AT_ONCE
    if kind is AlertKind.GUARDRAIL and not key_result.guardrails:
        return AT_ONCE
    guards = kind is AlertKind.GUARDRAIL
    read = [guard.binding for guard in key_result.guardrails] if guards else [key_result.binding]
    every = max(binding.cadence(cycle).nominal(cycle.starts) for binding in read)
    return Damping(fire_after=READINGS if guards else 1, hold=max(cycle.wait(DAY), READINGS * every))


def data_damping(share: float = 1.0) -> Damping:
    """Give the damping of an alert about data; `share` is that of a real day where the cycle has shorter ones."""
    return Damping(relapse_hold=RELAPSE_HOLD * share, relapse=DAY * share)
