"""Tells which alerts a reader asked for: one rule for feeds, stream, API and command line, the same as that of the store."""

from __future__ import annotations

from collector.domain.alert import Alert, AlertKind, AlertState
from collector.domain.announcement import Announcement, Family
from collector.ports.store import Wanted

SPOKEN = frozenset({AlertState.FIRING, AlertState.RESOLVED})
"""What a reader of changes wants who names no state; a rise in severity is a change to firing too."""


def concerns(wanted: Wanted, alert: Alert, said: Announcement | None) -> bool:
    """Tell whether an alert is wanted, by what it is and whom its words are for. What has no single team, as a source that
    several read from, is for every team, as it is for notifiers.
    """
    return (
        (not wanted.states or alert.state in wanted.states)
        and (not wanted.kinds or alert.kind in wanted.kinds)
        and (not wanted.families or alert.kind.family in wanted.families)
        and (not wanted.teams or _team(alert, said) in {*wanted.teams, ""})
    )


def _team(alert: Alert, said: Announcement | None) -> str:
    """Give the team that the words are for; else the one in the subject, `cycle:team/key-result`."""
    if said is not None and said.team:
        return said.team
    if alert.kind is AlertKind.SOURCE_DOWN or alert.kind.family is Family.DAEMON:
        return ""
    team, slash, _ = alert.subject.partition(":")[2].partition("/")
    return team if slash else ""
