"""Tells an hour before the sync what changed since the brief, and nothing else; nothing at all when nothing did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Announcement, Section
from collector.domain.explanation import WORDS
from collector.domain.moments import Moment, MomentKind
from collector.domain.phrases import release
from collector.domain.reasons import waiting
from collector.domain.team_message import Words, about_team
from collector.ports.store import Transaction
from collector.services.account import Account
from collector.services.beside_brief import alerts_of, mark_of, named, speaks_of
from collector.services.ledger import Ledger
from collector.services.post_for_sync import for_sync
from collector.services.recipients import Routes, person, recipients
from collector.services.told_before import Facts, alert_told, end_untold, held_told, status_told, told_in


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is another than the brief told, in words."""

    statuses: tuple[str, ...]
    alerts: tuple[str, ...]
    held: tuple[str, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """A part for each sort that there is."""
        parts = (
            Section("Status", self.statuses),
            Section("Alerts", self.alerts),
            Section("Held values", self.held),
        )
        return tuple(part for part in parts if part.lines)

    @property
    def title(self) -> str:
        """How much of each."""
        counted = (
            (len(self.statuses), "status", "statuses"),
            (len(self.alerts), "alert", "alerts"),
            (len(self.held), "held value", "held values"),
        )
        return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counted if count)


def tell_changes(
    ledger: Ledger, tx: Transaction, moment: Moment, routes: Routes, at: datetime
) -> Announcement | None:
    """Put into the outbox, inside `tx`, what is another for a team than its brief told, and give it; nothing when nothing is,
    when it was done before, or before the brief of that sync is out.
    """
    briefed = tx.moment_marked(moment.team, moment.cycle, MomentKind.BRIEF.value, moment.sync)
    if at >= moment.sync or not briefed:
        return None
    changes = _changes(ledger, told_in(tx, moment), moment, at)
    outcome = "sent" if changes.sections else "nothing"
    marked = tx.mark_moment(moment.team, moment.cycle, moment.kind.value, moment.sync, outcome)
    if not marked or not changes.sections:
        return None
    title = f"{moment.team}: changed since the brief: {changes.title}"
    said = about_team(moment, Words(title=title, sections=changes.sections, link=ledger.page), at)
    names = recipients(ledger.okrs, routes, [moment.team], said)
    tx.enqueue([for_sync(moment, name, said) for name in names], at)
    return said


def _changes(ledger: Ledger, told: Facts, moment: Moment, at: datetime) -> _Changes:
    accounts = [account for account in ledger.judged if speaks_of(moment, account)]
    statuses = {
        account.key_result.key: line
        for account in accounts
        if (line := _status(ledger, told, account)) is not None
    }
    spoken = {(AlertKind.DRIFT, key) for key in statuses}
    alerts = [one for one in alerts_of(ledger, moment) if (one.kind, one.subject) not in spoken]
    return _Changes(
        statuses=tuple(statuses.values()),
        alerts=tuple(line for one in alerts for line in _alert(ledger, told, one, at)),
        held=tuple(line for one in accounts for part in one.parts for line in _held(told, part)),
    )


def _status(ledger: Ledger, told: Facts, account: Account) -> str | None:
    verdict = account.evaluation
    if verdict is None:
        return None
    was = status_told(told, account)
    if was is verdict.status:
        return None
    before = f"was {WORDS[was]}" if was is not None else "was not in the brief"
    key_result = account.key_result
    who = person(ledger.okrs, key_result.owner)
    return f"{key_result.title} ({who}): {WORDS[verdict.status]}, {before}. {verdict.sentence}"


def _alert(ledger: Ledger, told: Facts, alert: Alert, at: datetime) -> Iterator[str]:
    if alert.state.open and not alert_told(told, alert):
        mark = mark_of(ledger, alert, at)
        yield f"new: {named(ledger, alert)}{f' ({mark})' if mark else ''}"
    elif end_untold(told, alert):
        yield f"over: {named(ledger, alert)}"


def _held(facts: Facts, account: Account) -> Iterator[str]:
    key_result = account.key_result
    told = held_told(facts, account)
    if account.holding and not told:
        for text in waiting(key_result.cycle, account.strange):
            yield f"{key_result.address}: {text}; {release(key_result.address)}"
    elif told and not account.holding:
        yield f"{key_result.address}: nothing is held any more; what was held is used, or discarded"
