"""Who is told: the notifiers of teams that want to hear it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collector.domain.alert import AlertKind
from collector.domain.announcement import Announcement, Occasion
from collector.domain.okr import Okrs
from collector.ports.catalogue import NotifierEntry

Routes = Mapping[str, NotifierEntry]
"""Notifiers by name."""
_ALERTS = frozenset(kind.value for kind in AlertKind)


def person(okrs: Okrs, key: str) -> str:
    """Name a person for people."""
    known = okrs.people.get(key)
    return known.name if known else key


def recipients(okrs: Okrs, routes: Routes, teams: Iterable[str], said: Announcement) -> list[str]:
    """Give the notifiers of these teams that want to hear it, each once, in the order of the files."""
    names = dict.fromkeys(name for team in teams if team in okrs.teams for name in okrs.teams[team].notify)
    return [name for name in names if name in routes and wants(routes[name], said)]


def wants(route: NotifierEntry, said: Announcement) -> bool:
    """Tell whether a notifier wants to hear it. A notifier is never told that it is itself the one that fails."""
    only = route.only
    if route.traits.alerts_only and said.kind not in _ALERTS and said.occasion is not Occasion.TEST:
        return False
    if said.kind == AlertKind.SINK_FAILING and said.subject == route.name:
        return False
    if only.kinds and said.kind not in only.kinds:
        return False
    if only.families and said.family.value not in only.families:
        return False
    if only.teams and said.team and said.team not in only.teams:
        return False
    if only.commitments and said.commitment and said.commitment not in only.commitments:
        return False
    return only.severity is None or said.severity.rank >= only.severity.rank
