"""Makes of `alerts:` how a team is told: its own keys go before those of the file, and the usual ones come last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from collector.configuration.documents.alerts import Alerts, QuietHours
from collector.configuration.findings import Findings
from collector.configuration.parse import WrittenKrd
from collector.configuration.yaml_tree import Loc
from collector.domain.alert import AlertKind
from collector.domain.announcement import Severity
from collector.domain.lint.finding import Place
from collector.domain.policy import AlertPolicy
from collector.domain.quiet import Quiet
from collector.domain.span import Span

T = TypeVar("T")

_USUAL = AlertPolicy()
_MIDNIGHT = time(0)
_UNSAID = QuietHours()


@dataclass(frozen=True, slots=True)
class _Layer:
    """`alerts` as it stands at one place of the file."""

    loc: Loc
    alerts: Alerts

    @property
    def quiet(self) -> bool | None:
        """Whether it says that there is quiet at all."""
        return None if self.alerts.quiet is None else bool(self.alerts.quiet)

    @property
    def hours(self) -> QuietHours:
        return self.alerts.quiet if isinstance(self.alerts.quiet, QuietHours) else _UNSAID

    def way(self, *keys: tuple[str, object]) -> Loc | None:
        """Give the way to the first of these keys that has a value."""
        return next(((*self.loc, *key.split(".")) for key, value in keys if value is not None), None)


def policy_of_file(krd: WrittenKrd, findings: Findings) -> AlertPolicy:
    """Make how is told what concerns no single team."""
    return _policy(krd, _layers(("alerts",), krd.model.alerts), krd.model.timezone, findings)


def policy_of_team(krd: WrittenKrd, team: str, findings: Findings) -> AlertPolicy:
    """Make how a team of `krd.yaml` is told."""
    own = krd.model.teams[team]
    layers = [*_layers(("teams", team, "alerts"), own.alerts), *_layers(("alerts",), krd.model.alerts)]
    return _policy(krd, layers, own.timezone or krd.model.timezone, findings)


def _layers(loc: Loc, alerts: Alerts | None) -> list[_Layer]:
    return [] if alerts is None else [_Layer(loc, alerts)]


def _policy(krd: WrittenKrd, layers: list[_Layer], zone: ZoneInfo, findings: Findings) -> AlertPolicy:
    """The nearest layer comes first; what cannot be is reported and replaced."""
    severities: dict[AlertKind, Severity] = {}
    for layer in reversed(layers):
        severities |= layer.alerts.severity
    interval = _nearest(layers, lambda layer: layer.alerts.group_interval, _USUAL.group_interval)
    return AlertPolicy(
        group_wait=_nearest(layers, lambda layer: layer.alerts.group_wait, _USUAL.group_wait),
        group_interval=interval,
        repeat=_repeat(krd, layers, interval, findings),
        quiet=_quiet(krd, layers, zone, findings),
        severities=severities,
    )


def _nearest(layers: list[_Layer], key: Callable[[_Layer], T | None], usual: T) -> T:
    return next((said for layer in layers if (said := key(layer)) is not None), usual)


def _repeat(krd: WrittenKrd, layers: list[_Layer], interval: timedelta, findings: Findings) -> timedelta:
    repeat = _nearest(layers, lambda layer: layer.alerts.repeat, _USUAL.repeat)
    if repeat >= interval:
        return repeat
    ways = (
        layer.way(("repeat", layer.alerts.repeat), ("group_interval", layer.alerts.group_interval))
        for layer in layers
    )
    what = (
        f"alerts would be said again after {Span(real=repeat)}, but messages of a group come at least "
        f"{Span(real=interval)} apart"
    )
    findings.error(
        "KRD607", _blamed(krd, ways), what, "write a longer `repeat`, or a shorter `group_interval`"
    )
    return interval


def _quiet(krd: WrittenKrd, layers: list[_Layer], zone: ZoneInfo, findings: Findings) -> Quiet | None:
    if not _nearest(layers, lambda layer: layer.quiet, usual=True):
        return None
    usual = Quiet(zone, holidays=frozenset[date](krd.model.holidays))
    begins = _nearest(layers, lambda layer: layer.hours.from_, usual.begins)
    ends = _nearest(layers, lambda layer: layer.hours.until, usual.ends)
    if begins < ends and begins != _MIDNIGHT:
        ways = (
            layer.way(("quiet.from", layer.hours.from_), ("quiet.until", layer.hours.until))
            for layer in layers
        )
        what = f"quiet hours from {begins:%H:%M} until {ends:%H:%M} end on the day on which they begin"
        todo = 'write a `from` later than `until`, or "00:00"; or the same hour at both, for days off alone'
        findings.error("KRD606", _blamed(krd, ways), what, todo)
        return usual
    days_off = _nearest(layers, lambda layer: layer.hours.days_off, usual.days_off)
    return Quiet(zone, begins, ends, usual.holidays, days_off)


def _blamed(krd: WrittenKrd, ways: Iterable[Loc | None]) -> Place:
    """Find what stands nearest to the team: what is usual is never to blame alone."""
    return krd.file.place(next(way for way in ways if way is not None))
