"""Reads the subject of an alert, by one rule for the store and all who look: `cycle:team/key-result`, or else a bare name, of
a source, a notifier or a file.
"""

from __future__ import annotations

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Announcement, Family


def about(alert: Alert) -> str:
    """Give what an alert is about, as it is typed: an address, or the name of a source, a notifier or a file."""
    return alert.subject.partition(":")[2] or alert.subject


def of_key_result(alert: Alert, said: Announcement) -> bool:
    """Tell whether the subject is a key result in a cycle: its words name it without the cycle."""
    return alert.subject.endswith(f":{said.subject}")


def team_of(alert: Alert, said: Announcement | None) -> str:
    """Give the team that the words are for; else the one in the subject. Empty for what has no single team."""
    if said is not None and said.team:
        return said.team
    if alert.kind is AlertKind.SOURCE_DOWN or alert.kind.family is Family.DAEMON:
        return ""
    team, slash, _ = alert.subject.partition(":")[2].partition("/")
    return team if slash else ""
