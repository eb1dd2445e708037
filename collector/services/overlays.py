"""The rules of what keeps an alert quiet: silences that people laid over it, and a source that is down and speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Family
from collector.domain.silence import Silence


def silencing(
    silences: Sequence[Silence], kind: AlertKind, teams: Iterable[str], address: str, at: datetime
) -> list[list[Silence]]:
    """Give those that keep an alert quiet at `at`, a list for each team it concerns; none unless each of them has one.

    `address` is that of the key result it is about; empty when it is about none, or several.
    """
    found = [[one for one in silences if one.covers(kind, team, address, at)] for team in teams]
    return found if all(found) else []


def inhibitor(alert: Alert, sources_down: Iterable[Alert]) -> Alert | None:
    """Give the alert that speaks for it, among those of the sources it rests on: one that is down speaks for the data of the
    key results behind it, until it answers again.
    """
    if alert.kind.family is not Family.DATA or alert.kind is AlertKind.SOURCE_DOWN:
        return None
    return next((one for one in sources_down if one.state.open and one.clear_since is None), None)
