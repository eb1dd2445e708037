"""What lies over an alert at an instant: silences, acknowledgements, quiet hours, and alerts that speak for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Family, Severity
from collector.domain.damping import DAY
from collector.domain.okr import KeyResult
from collector.domain.policy import AlertPolicy
from collector.domain.quiet import Quiet
from collector.domain.silence import Ack, Silence
from collector.domain.speech import Bearing
from collector.ports.catalogue import NotifierEntry
from collector.services.account import Account
from collector.services.ledger import Ledger
from collector.services.overlays import inhibitor, silencing


@dataclass(frozen=True, slots=True)
class About:
    """Whom an alert concerns, and how they want to be told."""

    subject: str
    team: str
    """Empty when it concerns several, or all."""
    teams: tuple[str, ...]
    policy: AlertPolicy
    share: float
    """Of a real day: how long the day of its cycle is."""
    quiets: tuple[Quiet | None, ...]
    """The quiet hours of everybody concerned."""
    commitment: str = ""
    account: Account | None = None
    key_results: tuple[KeyResult, ...] = ()
    group: str = ""
    """What travels with it: alerts of its kind about key results of the same address' team, in the files or gone from them;
    about sources and krd itself all of them. It stays as it is while the alert lives, so that its letters keep their order.
    """


@dataclass(slots=True)
class Bearings:
    """Looks them up in the books."""

    ledger: Ledger
    at: datetime

    def about(self, alert: Alert) -> About | None:
        """Tell whom an alert concerns; nothing when it is news, which nobody is told of."""
        match alert.kind.family:
            case Family.NEWS:
                return None
            case Family.DAEMON:
                return self._everybody(alert)
            case _ if alert.kind is AlertKind.SOURCE_DOWN:
                return self._behind(alert)
            case _:
                return self._key_result(alert)

    def of(self, alert: Alert, about: About, entry: NotifierEntry) -> tuple[Bearing, datetime | None]:
        """Give what lies over an alert for one notifier, and when that may change by time alone."""
        changes: list[datetime] = []
        silenced = self.silence_over(alert, about)
        changes += self._bounds(silenced)
        quiet = None
        if entry.traits.quiet and alert.severity is not Severity.PAGE:
            quiet = self.quiet_until(about)
            if quiet is not None:
                changes.append(quiet)
        bearing = Bearing(
            muted=bool(silenced) or quiet is not None or self.inhibited_by(alert, about) is not None,
            acked=self.ack_of(alert) is not None,
            repeat=max(about.policy.repeat, about.policy.group_interval) * about.share,
        )
        return bearing, min(changes, default=None)

    def silence_over(self, alert: Alert, about: About) -> list[Silence]:
        """Give the silences that keep it quiet; of what concerns several teams, only when each of them has one."""
        address = about.subject if about.group else ""
        found = silencing(self.ledger.silences, alert.kind, about.teams, address, self.at)
        return list(chain.from_iterable(found))

    def quiet_until(self, about: About) -> datetime | None:
        """Give when somebody concerned may be disturbed again; nothing when somebody may be now."""
        ends = [quiet.until(self.at) if quiet is not None else None for quiet in about.quiets]
        return min((end for end in ends if end is not None), default=None) if None not in ends else None

    def inhibited_by(self, alert: Alert, about: About) -> Alert | None:
        """Give the alert that speaks for it, of a source that its key result is read from, in whatever part."""
        if about.account is None:
            return None
        sources = dict.fromkeys(one.binding.source for one in about.account.parts if one.binding.asked)
        down = (self.ledger.alerts.get((AlertKind.SOURCE_DOWN, source)) for source in sources)
        return inhibitor(alert, (one for one in down if one is not None))

    def ack_of(self, alert: Alert) -> Ack | None:
        """Give the acknowledgement that speaks for it."""
        ack = self.ledger.acks.get(alert.fingerprint)
        return ack if ack is not None and ack.holds(alert) else None

    def _bounds(self, silenced: Sequence[Silence]) -> list[datetime]:
        ahead = [one.starts for one in self.ledger.silences if one.starts > self.at]
        return [*(one.ends for one in silenced), *ahead]

    def _key_result(self, alert: Alert) -> About:
        account = self.ledger.of_key(alert.subject)
        if account is None:  # gone from the files
            cycle_id, _, address = alert.subject.partition(":")
            team = address.partition("/")[0]
            known = self.ledger.okrs.teams.get(team)
            policy = known.alerts if known is not None else self.ledger.okrs.alerts
            calendars = self.ledger.okrs.calendars.values()
            cycle = next((one.cycle for one in calendars if one.cycle.id == cycle_id), None)
            share = cycle.wait(DAY) / DAY if cycle is not None else 1.0
            quiet = policy.quiet if share == 1.0 else None
            return About(address, team, (team,), policy, share, (quiet,), group=team)
        return self._concerning((account.key_result,), account)

    def _behind(self, alert: Alert) -> About:
        found = tuple(account.key_result for account in self.ledger.behind(alert.subject))
        if not found:
            return self._everybody(alert)
        return self._concerning(found, None, alert.subject)

    def _concerning(
        self, key_results: tuple[KeyResult, ...], account: Account | None, subject: str = ""
    ) -> About:
        okrs = self.ledger.okrs
        teams = tuple(dict.fromkeys(one.team for one in key_results))
        known = okrs.teams.get(teams[0]) if len(teams) == 1 else None
        policy = known.alerts if known is not None else okrs.alerts
        quiets = {
            (one.team, one.cycle.short): okrs.teams[one.team].alerts.quiet if not one.cycle.short else None
            for one in key_results
            if one.team in okrs.teams
        }
        return About(
            subject=subject or key_results[0].address,
            team=teams[0] if len(teams) == 1 else "",
            teams=teams,
            policy=policy,
            share=min(one.cycle.wait(DAY) / DAY for one in key_results),
            quiets=tuple(quiets.values()) or (None,),
            commitment=account.key_result.commitment.value if account is not None else "",
            account=account,
            key_results=key_results,
            group=account.key_result.address.partition("/")[0] if account is not None else "",
        )

    def _everybody(self, alert: Alert) -> About:
        okrs = self.ledger.okrs
        cycles = {key_result.cycle.id: key_result.cycle for key_result in okrs.key_results.values()}
        share = min((cycle.wait(DAY) / DAY for cycle in cycles.values()), default=1.0)
        quiet = None if share < 1 else okrs.alerts.quiet
        return About(alert.subject, "", tuple(okrs.teams), okrs.alerts, share, (quiet,))
