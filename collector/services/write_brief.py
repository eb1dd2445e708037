"""Writes the brief of a team before its sync: once a moment, never late as if it were fresh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.announcement import Announcement
from collector.domain.brief import Brief, Row, write_brief
from collector.domain.by_hand import value_due
from collector.domain.evaluation import Evaluation
from collector.domain.grip import sections
from collector.domain.measure import Binding, ByHand
from collector.domain.moments import Moment, MomentKind
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.domain.team_message import Words, about_team
from collector.ports.store import Store, Transaction
from collector.services.account import Account
from collector.services.beside_brief import beside_brief, speaks_of
from collector.services.judge import judge_or_keep
from collector.services.ledger import Ledger
from collector.services.post_for_sync import for_sync
from collector.services.recent import load_recent
from collector.services.recipients import Routes, person, recipients
from collector.services.told_before import remember


@dataclass(frozen=True, slots=True)
class Written:
    """A brief with the moment it is for."""

    moment: Moment
    brief: Brief


def send_brief(
    ledger: Ledger, tx: Transaction, moment: Moment, routes: Routes, at: datetime
) -> Announcement | None:
    """Put the brief of a moment into the outbox, inside `tx`, and give it; nothing when it was there before, or
    its sync is over.

    It speaks of the verdicts as they are: whatever it is about (see `speaks_of`) is to be judged before, inside `tx`. One
    that goes out within the last hour leaves nothing to be told of what changed since.
    """
    if at >= moment.sync:
        return None  # stored too late: it is noted as missed
    if not tx.mark_moment(moment.team, moment.cycle, moment.kind.value, moment.sync, "sent"):
        return None
    if at >= moment.last_hour:
        tx.mark_moment(moment.team, moment.cycle, MomentKind.CHANGES.value, moment.sync, "nothing")
    remember(ledger, tx, moment)
    verdicts = {account.key_result.key: account.evaluation for account in ledger.judged}
    said = announcement_of(brief_of(ledger, tx, moment, verdicts, at), moment, at, ledger.page)
    names = recipients(ledger.okrs, routes, [moment.team], said)
    tx.enqueue([for_sync(moment, name, said) for name in names], at)
    return said


def preview(store: Store, okrs: Okrs, moments: Sequence[Moment], at: datetime) -> list[Written]:
    """Write the briefs of moments as they would be sent at `at`, from what is stored. Keeps nothing."""
    ledger = Ledger(okrs)
    with store.read() as tx:
        ledger.load(tx)
        load_recent(tx, ledger.judged, at)
        verdicts: dict[str, Evaluation | None] = {}
        for account in ledger.judged:
            account.evaluation = judge_or_keep(account.key_result, account.history, at)
            verdicts[account.key_result.key] = account.evaluation
        return [Written(one, brief_of(ledger, tx, one, verdicts, at)) for one in moments]


def brief_of(
    ledger: Ledger, tx: Transaction, moment: Moment, verdicts: Mapping[str, Evaluation | None], at: datetime
) -> Brief:
    """Make the brief of a moment of these verdicts, by `cycle:address`, as a difference to those at the last sync."""
    before = _before(ledger, tx, moment, at)
    rows = [
        Row(
            key_result=key_result,
            owner=person(ledger.okrs, key_result.owner),
            now=verdicts.get(key),
            before=before.get(key),
            unexplained=account.enrolment.unexplained if account is not None else "",
            due=tuple(_due(ledger, key_result, account, moment.sync)),
        )
        for key, key_result in ledger.okrs.key_results.items()
        if key_result.team == moment.team and key_result.cycle.id == moment.cycle
        for account in [ledger.of_key(key)]
    ]
    return write_brief(moment.team, moment.sync, rows, beside_brief(ledger, tx, moment, at))


def announcement_of(brief: Brief, moment: Moment, at: datetime, link: str = "") -> Announcement:
    """Word a brief."""
    return about_team(moment, Words(title=brief.title, sections=sections(brief), link=link), at)


def _before(ledger: Ledger, tx: Transaction, moment: Moment, at: datetime) -> dict[str, Evaluation]:
    """Give the verdicts as they were kept last before the last sync, where there was one."""
    last = moment.calendar.previous_sync(at)
    if last is None:
        return {}
    keys = {
        account.enrolment.key_result: account.key_result.key
        for account in ledger.judged
        if speaks_of(moment, account)
    }
    return {keys[number]: kept for number, kept in tx.evaluations_at(keys, last).items()}


def _due(ledger: Ledger, key_result: KeyResult, account: Account | None, sync: datetime) -> Iterator[str]:
    """Name the values that a person has still to enter for a sync."""
    if key_result.retired is not None:
        return
    slots = {part.role: part.current.slot for part in account.parts} if account is not None else {}
    for role, binding in key_result.bindings.items():
        if binding.by_hand and _lacks(slots.get(role), binding, key_result, sync):
            entered_by = binding.form.person if isinstance(binding.form, ByHand) else key_result.owner
            of = "" if role == MAIN else f" for {role}"
            who = person(ledger.okrs, entered_by)
            yield f"a value{of} is due from {who}: `krd record {key_result.address} VALUE --as-of DATE`"


def _lacks(slot: datetime | None, binding: Binding, key_result: KeyResult, sync: datetime) -> bool:
    due = value_due(binding, key_result.cycle, sync)
    return due is not None and (slot is None or slot <= due[0])
