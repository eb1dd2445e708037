"""Tells which alerts a reader asked for: one rule for feeds, stream, API and command line, the same as that of the store."""

from __future__ import annotations

from collector.domain.alert import Alert, AlertState
from collector.domain.announcement import Announcement
from collector.ports.store import Wanted
from collector.ports.subject import team_of

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
        and (not wanted.teams or team_of(alert, said) in {*wanted.teams, ""})
    )
