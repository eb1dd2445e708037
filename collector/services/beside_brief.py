"""Gathers what a brief tells beside the verdicts: open alerts with what people laid over them, what vanished, what is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Occasion
from collector.domain.brief import SINCE_THE_START, Beside, Issue, IssueKind, OpenAlert
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.headline import NAMES, headline_of
from collector.domain.moments import Moment, told_instant
from collector.ports.store import Removed, Transaction
from collector.services.account import Account
from collector.services.bearing import Bearings
from collector.services.ledger import Ledger
from collector.services.read_models import told_removed
from collector.services.recipients import person


def speaks_of(moment: Moment, account: Account) -> bool:
    """Tell whether what is said at a moment is about the key result of an account."""
    key_result = account.key_result
    return key_result.team == moment.team and key_result.cycle.id == moment.cycle


def beside_brief(ledger: Ledger, tx: Transaction, moment: Moment, at: datetime) -> Beside:
    """Give what a team is told at `at` beside the verdicts on its key results."""
    cycle, last = moment.calendar.cycle, moment.calendar.previous_sync(at)
    alerts = sorted(open_alerts(ledger, moment), key=lambda one: (-one.severity.rank, one.opened or at))
    return Beside(
        gone=tuple(_gone(ledger, tx.removed(), moment)),
        alerts=tuple(_told(ledger, one, cycle, at) for one in alerts),
        plan=tuple(_plan(ledger, moment, at)),
        since=f"since the sync on {told_instant(cycle, last)}" if last is not None else SINCE_THE_START,
    )


def alerts_of(ledger: Ledger, moment: Moment) -> list[Alert]:
    """Give every alert about the key results that a moment is about, and about the sources they are read from."""
    accounts = [account for account in ledger.judged if speaks_of(moment, account)]
    sources = {part.binding.source for account in accounts for part in account.parts if part.binding.asked}
    subjects = [(kind, account.key_result.key) for account in accounts for kind in AlertKind]
    subjects += [(AlertKind.SOURCE_DOWN, source) for source in sorted(sources)]
    return [alert for one in subjects if (alert := ledger.alerts.get(one)) is not None]


def open_alerts(ledger: Ledger, moment: Moment) -> list[Alert]:
    """Give those of them that are open."""
    return [alert for alert in alerts_of(ledger, moment) if alert.state.open]


def named(ledger: Ledger, alert: Alert) -> str:
    """Name in a few words what is wrong, or was: the kind, and the title of the key result or the source."""
    account = ledger.of_key(alert.subject)
    if account is None:
        return f"{NAMES[alert.kind]}: {alert.subject}"
    return (
        f"{NAMES[alert.kind]}: {account.key_result.title} ({person(ledger.okrs, account.key_result.owner)})"
    )


def mark_of(ledger: Ledger, alert: Alert, at: datetime) -> str:
    """Say that somebody acknowledged an alert, or silenced it; empty when nobody did."""
    bearings = Bearings(ledger, at)
    about = bearings.about(alert)
    marks = []
    ack = bearings.ack_of(alert)
    if ack is not None:
        marks.append(f"acknowledged by {_signed(ack.author, ack.note)}")
    silences = bearings.silence_over(alert, about) if about is not None else []
    if silences:
        last = max(silences, key=lambda one: one.ends)
        marks.append(f"silenced until {last.ends:%Y-%m-%d} by {_signed(last.author, last.reason)}")
    return "; ".join(marks)


def _signed(author: str, why: str) -> str:
    return f"{author}: {why}" if why else author


def _told(ledger: Ledger, alert: Alert, cycle: Cycle, at: datetime) -> OpenAlert:
    account = ledger.of_key(alert.subject)
    since = f", since {told_instant(cycle, alert.opened)}" if alert.opened is not None else ""
    if account is None or account.evaluation is None:
        address, text = alert.subject, named(ledger, alert)
    else:
        key_result = account.key_result
        address = key_result.address
        headline = headline_of(alert, account.evaluation, Occasion.FIRST)
        text = f"{headline}: {key_result.title} ({person(ledger.okrs, key_result.owner)})"
    return OpenAlert(alert.kind, address, text + since, mark_of(ledger, alert, at))


def _gone(ledger: Ledger, removed: Iterable[Removed], moment: Moment) -> Iterator[Issue]:
    begins = f"{moment.cycle}:"
    for one in removed:
        if one.team == moment.team and one.key.startswith(begins) and one.key not in ledger.okrs.key_results:
            yield Issue(IssueKind.REMOVED, one.key.removeprefix(begins), f"{one.title}: {told_removed(one)}")


def _plan(ledger: Ledger, moment: Moment, at: datetime) -> Iterator[str]:
    """What is known to come until the sync after this one, and when that is."""
    following = moment.calendar.next_sync(moment.sync)
    cycle = moment.calendar.cycle
    if isinstance(cycle.grid, CalendarDays):
        first = at.astimezone(cycle.grid.zone).date()
        last = (following or cycle.ends).astimezone(cycle.grid.zone).date()
        for key_result in ledger.okrs.key_results.values():
            if key_result.team != moment.team or key_result.cycle.id != moment.cycle:
                continue
            for launch in key_result.launches:
                if first <= launch.on <= last:
                    yield f"{key_result.address}: launch on {launch.on}, expected to move it by {launch.expect:g} % of the way"
    if following is not None:
        yield f"the sync after this one: {told_instant(cycle, following)}"
