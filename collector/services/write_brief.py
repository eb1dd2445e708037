"""Writes the brief of a team before its sync: once a moment, never late as if it were fresh."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.brief import Brief, Row, write_brief
from collector.domain.calendar import Calendar
from collector.domain.cycle import Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import lasting
from collector.domain.okr import KeyResult, Okrs
from collector.ports.store import Transaction
from collector.services.evaluate import evaluate_accounts
from collector.services.ledger import Ledger
from collector.services.raise_alerts import Routes, person, recipients

KIND = "brief"


@dataclass(frozen=True, slots=True)
class Moment:
    """A brief that is due for a sync."""

    team: str
    calendar: Calendar
    due: datetime
    sync: datetime


def next_moment(team: str, calendar: Calendar, after: datetime) -> Moment | None:
    """Give the first brief whose sync is later than `after`, be it due already or not."""
    sync = calendar.next_sync(after)
    return None if sync is None else Moment(team, calendar, calendar.brief_before(sync), sync)


def moments_due(okrs: Okrs, at: datetime) -> list[Moment]:
    """Give the briefs whose moment has come and whose sync is still ahead."""
    found = (next_moment(team, calendar, at) for (team, _), calendar in okrs.calendars.items())
    return [
        moment for moment in found if moment is not None and moment.due <= at < moment.calendar.cycle.ends
    ]


def next_due(okrs: Okrs, at: datetime) -> datetime | None:
    """Give when the next brief will be due."""
    dues: list[datetime] = []
    for calendar in okrs.calendars.values():
        for sync in calendar.syncs(at):
            if (due := calendar.brief_before(sync)) > at:
                dues.append(due)
                break
    return min(dues, default=None)


def missed_moments(okrs: Okrs, at: datetime) -> list[Moment]:
    """Give the newest brief of each team whose sync is already over."""
    moments = []
    for (team, _), calendar in okrs.calendars.items():
        sync = calendar.previous_sync(at)
        if sync is None or sync <= calendar.cycle.starts:
            continue
        moment = Moment(team, calendar, calendar.brief_before(sync), sync)
        if moment.due < calendar.cycle.ends:
            moments.append(moment)
    return moments


def brief_of(
    okrs: Okrs,
    team: str,
    calendar: Calendar,
    sync: datetime,
    now: Mapping[str, Evaluation],
    before: Mapping[str, Evaluation],
) -> Brief:
    """Make the brief of a team from verdicts keyed `cycle:address`."""
    rows = [
        Row(key_result, person(okrs, key_result.owner), now.get(key_result.key), before.get(key_result.key))
        for key_result in _of_team(okrs, team, calendar)
    ]
    return write_brief(team, sync, rows)


def send_brief(
    ledger: Ledger, tx: Transaction, moment: Moment, routes: Routes, at: datetime
) -> Announcement | None:
    """Put the brief of a moment into the outbox, inside `tx`, and give it; nothing when it was there before."""
    cycle = moment.calendar.cycle
    if not tx.mark_moment(moment.team, cycle.id, KIND, moment.sync, "sent"):
        return None
    accounts = [
        account
        for account in ledger.judged
        if account.key_result.team == moment.team and account.key_result.cycle.id == cycle.id
    ]
    evaluate_accounts(tx, accounts, at)
    numbers = {account.enrolment.key_result: account.key_result.key for account in accounts}
    now = {account.key_result.key: account.evaluation for account in accounts if account.evaluation}
    last = moment.calendar.previous_sync(at)
    kept = tx.evaluations_at(numbers, last) if last else {}
    before = {numbers[number]: evaluation for number, evaluation in kept.items()}
    brief = brief_of(ledger.okrs, moment.team, moment.calendar, moment.sync, now, before)
    said = announcement_of(brief, cycle, at)
    names = recipients(ledger.okrs, routes, [moment.team], said)
    tx.enqueue([(name, said) for name in names], at)
    return said


def note_missed(tx: Transaction, moments: Iterable[Moment]) -> list[Moment]:
    """Write down the briefs that were not sent before their sync was over; gives the ones not noted before."""
    return [
        moment
        for moment in moments
        if tx.mark_moment(moment.team, moment.calendar.cycle.id, KIND, moment.sync, "missed")
    ]


def announcement_of(brief: Brief, cycle: Cycle, at: datetime) -> Announcement:
    """Word a brief; its id is that of team, cycle and sync, so that a second sending is the same one."""
    digest = hashlib.sha256(f"brief:{brief.team}:{cycle.id}:{brief.sync.isoformat()}".encode()).hexdigest()
    return Announcement(
        id=f"evt_{digest[:32]}",
        kind=KIND,
        family=Family.NEWS,
        severity=Severity.INFO,
        occasion=Occasion.BRIEF,
        subject=brief.team,
        team=brief.team,
        title=brief.title,
        sentence=f"The sync is in {lasting(cycle, brief.sync - at)}, at {brief.sync.isoformat(timespec='minutes')}.",
        at=at,
        lines=brief.lines,
        fingerprint=digest[:32],
    )


def _of_team(okrs: Okrs, team: str, calendar: Calendar) -> list[KeyResult]:
    return [kr for kr in okrs.key_results.values() if kr.team == team and kr.cycle.id == calendar.cycle.id]
