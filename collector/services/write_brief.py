"""Writes the brief of a team before its sync: once a moment, never late as if it were fresh."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.brief import Brief, Issue, IssueKind, Row, write_brief
from collector.domain.by_hand import value_due
from collector.domain.calendar import Calendar
from collector.domain.cycle import Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import lasting
from collector.domain.measure import Binding, ByHand
from collector.domain.okr import MAIN, Okrs
from collector.ports.store import Removed, Transaction
from collector.services.ledger import Account, Ledger
from collector.services.raise_alerts import Routes, person, recipients
from collector.services.read_models import Standing, standing_of, told_removed

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
    moment: Moment,
    standings: Sequence[Standing],
    before: Mapping[str, Evaluation],
    removed: Iterable[Removed],
) -> Brief:
    """Make the brief of a moment. `before` are the verdicts at the last sync, by `cycle:address`."""
    cycle = moment.calendar.cycle.id
    rows = [
        Row(
            key_result=one.key_result,
            owner=person(okrs, one.key_result.owner),
            now=one.evaluation,
            before=before.get(one.key_result.key),
            unexplained=one.unexplained,
            due=tuple(_due(okrs, one, moment.sync)),
        )
        for one in standings
        if one.key_result.team == moment.team and one.key_result.cycle.id == cycle
    ]
    return write_brief(moment.team, moment.sync, rows, _gone(removed, moment.team, cycle))


def _due(okrs: Okrs, standing: Standing, sync: datetime) -> Iterator[str]:
    """Name the values that a person has still to enter for a sync."""
    key_result = standing.key_result
    for role, binding in key_result.bindings.items() if key_result.retired is None else ():
        if binding.by_hand and _lacks(standing, role, binding, sync):
            who = person(okrs, binding.form.person if isinstance(binding.form, ByHand) else key_result.owner)
            of = "" if role == MAIN else f" for {role}"
            yield f"a value{of} is due from {who}: `krd record {key_result.address} VALUE --as-of DATE`"


def _lacks(standing: Standing, role: str, binding: Binding, sync: datetime) -> bool:
    due = value_due(binding, standing.key_result.cycle, sync)
    if due is None:
        return False
    current = standing.parts.get(role)
    return current is None or current.slot is None or current.slot <= due[0]


def _gone(removed: Iterable[Removed], team: str, cycle: str) -> list[Issue]:
    return [
        Issue(IssueKind.REMOVED, one.key.removeprefix(f"{cycle}:"), f"{one.title}: {told_removed(one)}")
        for one in removed
        if one.team == team and one.key.startswith(f"{cycle}:")
    ]


def speaks_of(moment: Moment, account: Account) -> bool:
    """Tell whether the brief of a moment is about the key result of an account."""
    key_result = account.key_result
    return key_result.team == moment.team and key_result.cycle.id == moment.calendar.cycle.id


def send_brief(
    ledger: Ledger, tx: Transaction, moment: Moment, routes: Routes, at: datetime
) -> Announcement | None:
    """Put the brief of a moment into the outbox, inside `tx`, and give it; nothing when it was there before.

    It speaks of the verdicts as they are: whatever it is about (see `speaks_of`) is to be judged before, inside `tx`.
    """
    cycle = moment.calendar.cycle
    if not tx.mark_moment(moment.team, cycle.id, KIND, moment.sync, "sent"):
        return None
    accounts = [account for account in ledger.judged if speaks_of(moment, account)]
    numbers = {account.enrolment.key_result: account.key_result.key for account in accounts}
    judged = {account.key_result.key: standing_of(account, account.evaluation) for account in accounts}
    now = [judged.get(key, Standing(one, None)) for key, one in ledger.okrs.key_results.items()]
    last = moment.calendar.previous_sync(at)
    kept = tx.evaluations_at(numbers, last) if last else {}
    before = {numbers[number]: evaluation for number, evaluation in kept.items()}
    gone = [one for one in tx.removed() if one.key not in ledger.okrs.key_results]
    brief = brief_of(ledger.okrs, moment, now, before, gone)
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
