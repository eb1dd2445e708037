"""Which alerts are meant on the command line: the filters, and the names of single ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.app import App
from collector.cli import select
from collector.domain.alert import Alert, AlertKind, AlertState
from collector.domain.announcement import Family
from collector.errors import KrdError
from collector.ports.store import Wanted
from collector.ports.subject import about
from collector.services.acknowledge import matching

_LISTED = 8


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as typed; nothing means everything."""

    teams: tuple[str, ...]
    families: tuple[Family, ...]
    kinds: tuple[AlertKind, ...]
    states: tuple[AlertState, ...]

    @classmethod
    def of(
        cls,
        teams: Sequence[str] | None,
        families: Sequence[Family] | None,
        kinds: Sequence[AlertKind] | None,
        states: Sequence[AlertState] | None,
    ) -> Filters:
        """Make them of options that may not have been given."""
        return cls(tuple(teams or ()), tuple(families or ()), tuple(kinds or ()), tuple(states or ()))

    def checked(self, app: App) -> Wanted:
        """Give them for the store. Raises `UsageError` for a team that is not in the files."""
        teams = [select.known("team", team, app.configuration.okrs.teams) for team in self.teams]
        return Wanted(
            frozenset(teams), frozenset(self.families), frozenset(self.kinds), frozenset(self.states)
        )

    @property
    def all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.teams or self.families or self.kinds or self.states)


def standing(app: App) -> list[Alert]:
    """Give every alert there ever was, as it stands. Raises `StoreError`."""
    with app.store.read() as tx:
        return list(tx.alerts().values())


def named_open(alerts: Sequence[Alert], names: Sequence[str], kind: AlertKind | None) -> list[Alert]:
    """Give the open alerts that are named, each once. Raises `KrdError` that tells what is open for a name of none."""
    there = [alert for alert in alerts if alert.state.open]
    found: dict[str, Alert] = {}
    for name in names:
        meant = matching(there, name, kind)
        if not meant:
            what = f"{kind.value} alert of {name!r}" if kind is not None else f"alert of {name!r}"
            raise KrdError(f"no {what} is open; {told_open(there)}")
        found |= {alert.fingerprint: alert for alert in meant}
    return list(found.values())


def told_open(alerts: Sequence[Alert]) -> str:
    """Say what is open, in one line."""
    there = sorted((alert for alert in alerts if alert.state.open), key=_order)
    names = [f"{alert.kind.value} {about(alert)}" for alert in there]
    if not names:
        return "nothing is open"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"open {'is' if len(names) == 1 else 'are'} {', '.join(names[:_LISTED])}{more}"


def _order(alert: Alert) -> tuple[int, float, str]:
    """Put the most severe first, then the oldest, as the list does."""
    opened = alert.opened.timestamp() if alert.opened is not None else 0.0
    return -alert.severity.rank, opened, alert.subject


def short(alert: Alert) -> str:
    """Give the letters that name an alert."""
    return alert.fingerprint[:8]
