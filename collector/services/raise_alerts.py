"""Moves alerts by what the verdicts say, and keeps each change with its words, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from collector.domain.alert import Alert, AlertKind, AlertState, Condition, Signal, Transition
from collector.domain.announcement import Announcement, Family, Severity
from collector.domain.damping import DAY, damping_of, data_damping
from collector.domain.lifecycle import closed, step
from collector.domain.message import Behind, Context, about_change, about_source, occasion_of
from collector.domain.okr import KeyResult
from collector.domain.outage import SourceStanding
from collector.ports.store import Transaction
from collector.services.account import Account
from collector.services.conditions import conditions
from collector.services.detect import detect
from collector.services.ledger import Ledger
from collector.services.recipients import person
from collector.services.severities import Severities


def raise_alerts(
    ledger: Ledger,
    tx: Transaction,
    accounts: Sequence[Account],
    standings: Mapping[str, SourceStanding],
    at: datetime,
) -> list[Transition]:
    """Step the alerts of these accounts and of all sources with a standing; store what changed, and give the changes. A
    source that is down speaks for all key results behind it, which do not speak for themselves.
    """
    transitions: list[Transition] = []
    counted: list[Alert] = []
    severities = Severities(ledger.okrs, at)
    detect(accounts)
    for source, standing in standings.items():
        transitions += _source_steps(ledger, source, standing, severities, counted)
    for account in accounts:
        transitions += _steps(ledger, account, standings, severities, counted)
        if account.evaluation is not None:
            account.edited = ""
    if counted:
        tx.put_alerts(counted)
    if transitions:
        tx.add_transitions(transitions)
    return transitions


def _source_steps(
    ledger: Ledger, source: str, standing: SourceStanding, severities: Severities, counted: list[Alert]
) -> Iterator[Transition]:
    alert = ledger.alert(AlertKind.SOURCE_DOWN, source)
    if standing.condition in (Condition.UNKNOWN, Condition.CLEAR) and not alert.state.moving:
        return  # nothing to clear, as of most sources at most times
    accounts = ledger.behind(source)
    counted_out = alert.state is AlertState.PENDING and standing.successes > 0 and not standing.ill
    signal = Signal(
        # a row of failures that one good round broke off begins anew, over a restart too
        Condition.PENDING if counted_out and standing.condition is Condition.UNKNOWN else standing.condition,
        severity=max((severities.of(AlertKind.SOURCE_DOWN, one.key_result) for one in accounts),
                     key=lambda one: one.rank, default=Severity.INFO),
        count=standing.failures,
    )  # fmt: skip
    share = min((one.key_result.cycle.wait(DAY) / DAY for one in accounts), default=1.0)
    stepped = step(alert, signal, severities.at, data_damping(share))
    if stepped.transition is not None:
        said = source_words(ledger, stepped.transition, standing.detail)
        yield replace(stepped.transition, said=said)
    elif stepped.alert != alert:
        counted.append(stepped.alert)
    ledger.put_alerts([stepped.alert])


def _steps(
    ledger: Ledger,
    account: Account,
    standings: Mapping[str, SourceStanding],
    severities: Severities,
    counted: list[Alert],
) -> Iterator[Transition]:
    key_result, evaluation, at = account.key_result, account.evaluation, severities.at
    if evaluation is None:
        return
    if account.edited:
        yield from _closed_by_edit(ledger, account, at)
    for kind, condition in conditions(ledger, account, standings, at):
        if kind.family is Family.VALUE and account.pending is not None and not evaluation.over:
            continue  # what it missed is still being read: a verdict of the past is no news
        if condition in _STILL and (kind, key_result.key) not in ledger.alerts:
            continue  # nothing to clear: most key results never have most kinds
        alert = ledger.alert(kind, key_result.key)
        damping = damping_of(kind, key_result)
        waits = condition is not _FIRING or damping.fire_after > 1  # else one look is enough, at any reading
        slot = _newest(account, kind, condition) if waits else None
        signal = Signal(condition, slot, severities.of(kind, key_result))
        stepped = step(alert, signal, at, damping)
        ledger.put_alerts([stepped.alert])
        if stepped.transition is not None:
            yield replace(stepped.transition, said=words(ledger, account, stepped.transition))
        elif stepped.alert != alert:
            counted.append(stepped.alert)


def _newest(account: Account, kind: AlertKind, condition: Condition) -> datetime | None:
    """Give the newest reading that a rule rests on: of guardrails that fire, the newest of those that are broken."""
    if kind is not AlertKind.GUARDRAIL or account.evaluation is None:
        return account.current.as_of
    broken = {one.id for one in account.evaluation.guardrails if one.breached and not one.health.freezes}
    roles = {
        one.role for one in account.key_result.guardrails if condition is not _FIRING or one.id in broken
    }
    read = [one.current.as_of for one in account.guardrails if one.role in roles]
    return max((as_of for as_of in read if as_of is not None), default=None)


_FIRING = Condition.FIRING
_STILL = (Condition.CLEAR, Condition.OVER, Condition.UNKNOWN, Condition.RECOVERING)


def _closed_by_edit(ledger: Ledger, account: Account, at: datetime) -> Iterator[Transition]:
    """What fired by another promise is closed for that reason; if the new one is missed as well, it fires anew."""
    for kind in AlertKind:
        alert = ledger.alerts.get((kind, account.key_result.key))
        if kind.family is not Family.VALUE or alert is None or not alert.state.open:
            continue
        if (moved := closed(alert, at, account.edited)) is not None:
            ledger.put_alerts([moved.alert])
            yield replace(moved, said=words(ledger, account, moved))


def words(ledger: Ledger, account: Account, transition: Transition) -> Announcement | None:
    """Word a change of a key result's alert; nothing before its first verdict."""
    if account.evaluation is None:
        return None
    return about_change(
        account.key_result,
        account.evaluation,
        transition,
        context_of(ledger, account.key_result, transition.at),
    )


def context_of(ledger: Ledger, key_result: KeyResult, at: datetime) -> Context:
    """Give what a message about a key result says beside its verdict."""
    account = ledger.of_key(key_result.key)
    return Context(
        owner=person(ledger.okrs, key_result.owner),
        next_sync=key_result.calendar.next_sync(at),
        link=ledger.page,
        found=account.found if account is not None else None,
    )


def source_words(ledger: Ledger, transition: Transition, detail: str) -> Announcement:
    """Word a change of a source's alert."""
    behind = behind_of(ledger, transition.alert.subject, detail)
    return about_source(transition.alert, occasion_of(transition), transition.event, transition.at, behind)


def behind_of(ledger: Ledger, source: str, detail: str) -> Behind:
    """Give what stands behind a source, and who looks after it."""
    owner = ledger.okrs.source_owners.get(source)
    return Behind(
        [account.key_result for account in ledger.behind(source)],
        person(ledger.okrs, owner) if owner else None,
        detail,
        ledger.page,
    )
