"""Tells once more, half-way to the sync, of drift that nobody acknowledged: once a sync, whoever restarts meanwhile."""

from __future__ import annotations

from datetime import datetime

from collector.domain.alert import AlertKind, AlertState
from collector.domain.announcement import Announcement
from collector.domain.moments import Moment, MomentKind, told_instant
from collector.domain.team_message import Words, about_team
from collector.ports.store import Transaction
from collector.services.account import Account
from collector.services.beside_brief import mark_of, speaks_of
from collector.services.ledger import Ledger
from collector.services.post_for_sync import for_sync
from collector.services.recipients import Routes, person, recipients, wants


def escalate(
    ledger: Ledger, tx: Transaction, moment: Moment, routes: Routes, at: datetime
) -> Announcement | None:
    """Put into the outbox, inside `tx`, what a team drifts from without anybody having it in hand, and give it; nothing when
    there is none, when it was done before, or before the brief of that sync is out.

    Whoever acknowledged or silenced an alert has said enough; one that recovers is left to.
    """
    briefed = tx.moment_marked(moment.team, moment.cycle, MomentKind.BRIEF.value, moment.sync)
    if at >= moment.sync or not briefed:
        return None
    drifting = [one for one in ledger.judged if speaks_of(moment, one) and _drifts(ledger, one, at)]
    outcome = "sent" if drifting else "nothing"
    if not tx.mark_moment(moment.team, moment.cycle, moment.kind.value, moment.sync, outcome) or not drifting:
        return None
    said = _announcement(ledger, moment, drifting, at)
    tx.enqueue([for_sync(moment, name, said) for name in _recipients(ledger, moment, routes, said)], at)
    return said


def _drifts(ledger: Ledger, account: Account, at: datetime) -> bool:
    alert = ledger.alerts.get((AlertKind.DRIFT, account.key_result.key))
    return alert is not None and alert.state is AlertState.FIRING and not mark_of(ledger, alert, at)


def _recipients(ledger: Ledger, moment: Moment, routes: Routes, said: Announcement) -> list[str]:
    """Give those that are always told, and those that the team named for this."""
    team = ledger.okrs.teams.get(moment.team)
    named = [name for name in team.escalate if name in routes] if team is not None else []
    usual = recipients(ledger.okrs, routes, [moment.team], said)
    return list(dict.fromkeys([*usual, *(name for name in named if wants(routes[name], said))]))


def _announcement(ledger: Ledger, moment: Moment, drifting: list[Account], at: datetime) -> Announcement:
    team = ledger.okrs.teams.get(moment.team)
    lead = person(ledger.okrs, team.lead) if team is not None and team.lead else None
    count = len(drifting)
    what = f"{count} key result{' is' if count == 1 else 's are'} off track, and nobody has acknowledged it"
    words = Words(
        title=f"{moment.team}: {what}",
        lines=tuple(_line(ledger, account) for account in drifting),
        lead=lead,
        link=ledger.page,
        facts={"key_results": count},
    )
    return about_team(moment, words, at)


def _line(ledger: Ledger, account: Account) -> str:
    key_result = account.key_result
    opened = ledger.alert(AlertKind.DRIFT, key_result.key).opened
    since = f" since {told_instant(key_result.cycle, opened)}" if opened is not None else ""
    sentence = account.evaluation.sentence if account.evaluation is not None else ""
    return (
        f"{key_result.title} ({person(ledger.okrs, key_result.owner)}), off track{since};"
        f" `krd alerts ack {key_result.address}` says that somebody has it in hand. {sentence}"
    )
