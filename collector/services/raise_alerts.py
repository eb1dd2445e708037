"""Moves alerts by what the verdicts say, and puts what is to be said into the outbox, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from collector.domain.alert import AlertKind, AlertState, Condition, Transition, step
from collector.domain.announcement import Announcement, Family
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.judgement import patience_of
from collector.domain.message import Context, about_key_result, about_source, occasion_of
from collector.domain.okr import KeyResult, Okrs
from collector.domain.outage import SourceStanding
from collector.domain.sample import GapReason
from collector.domain.shape import Reach, Slo
from collector.domain.status import Status
from collector.ports.catalogue import NotifierEntry
from collector.ports.store import Transaction
from collector.services.hold import implausible_condition
from collector.services.ledger import Account, Ledger

Routes = Mapping[str, NotifierEntry]
"""Notifiers by name."""
_OPEN = (AlertState.FIRING, AlertState.RECOVERING)


def raise_alerts(
    ledger: Ledger,
    tx: Transaction,
    accounts: Sequence[Account],
    standings: Mapping[str, SourceStanding],
    routes: Routes,
    at: datetime,
) -> list[Transition]:
    """Step the alerts of these accounts and of all sources with a standing; store the changes and one letter a notifier that wants
    it. A source that is down speaks for all key results behind it, which do not speak for themselves.
    """
    transitions: list[Transition] = []
    letters: list[tuple[str, Announcement]] = []
    for source, standing in standings.items():
        moved = step(ledger.alert(AlertKind.SOURCE_DOWN, source), standing.condition, at)
        if moved is not None:
            transitions.append(moved)
            ledger.put_alerts([moved.alert])
            letters += _source_letters(ledger, moved, standing.detail, routes)
    for account in accounts:
        for move in _moves(ledger, account, at):
            transitions.append(move)
            ledger.put_alerts([move.alert])
            letters += _letters(ledger, account, move, routes)
        account.edited = False
    tx.add_transitions(transitions)
    tx.enqueue(letters, at)
    return transitions


def _moves(ledger: Ledger, account: Account, at: datetime) -> Iterable[Transition]:
    evaluation, key = account.evaluation, account.key_result.key
    if evaluation is None:
        return
    for kind, condition in (
        (AlertKind.DRIFT, drift_condition(evaluation)),
        (AlertKind.BREACH, breach_condition(account.key_result, evaluation)),
        (AlertKind.SLO_BURN, burn_condition(account.key_result, evaluation)),
        (AlertKind.GUARDRAIL, guardrail_condition(evaluation)),
        (AlertKind.STALE, stale_condition(ledger, account, evaluation, at)),
        (AlertKind.IMPLAUSIBLE, implausible_condition(account)),
        (AlertKind.DEFINITION_CHANGED, edit_condition(account, at)),
    ):
        if kind.family is Family.VALUE and account.pending is not None and not evaluation.over:
            continue  # what it missed is still being read: a verdict of the past is no news
        if condition is Condition.CLEAR and (kind, key) not in ledger.alerts:
            continue  # nothing to clear: most key results never have most kinds
        moved = step(ledger.alert(kind, key), condition, at)
        if moved is not None and account.edited and kind.family is Family.VALUE:
            moved = replace(moved, why="the promise was changed")
        if moved is not None:
            yield moved


def drift_condition(evaluation: Evaluation) -> Condition:
    """What the drift machine says; bad data says nothing. What is over has no drift, whatever its verdict."""
    if evaluation.over:
        return Condition.CLEAR
    judged = (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK)
    if evaluation.health.freezes or evaluation.status not in judged:
        return Condition.UNKNOWN
    return evaluation.drift.condition


def breach_condition(key_result: KeyResult, evaluation: Evaluation) -> Condition:
    """Tell whether more is used than the promise allows; only good data says that it is not."""
    if isinstance(key_result.shape, Reach) or evaluation.over:
        return Condition.CLEAR
    if evaluation.exceeded or (evaluation.spent is not None and evaluation.spent > 1):
        return Condition.FIRING
    known = evaluation.spent is not None and not evaluation.health.freezes
    return Condition.CLEAR if known else Condition.UNKNOWN


def burn_condition(key_result: KeyResult, evaluation: Evaluation) -> Condition:
    """Tell whether an error budget burns too fast in both windows of a pair."""
    if not isinstance(key_result.shape, Slo) or evaluation.over:
        return Condition.CLEAR
    said = [burn.over for burn in evaluation.budget.burns] if evaluation.budget else []
    if evaluation.health.freezes or evaluation.status is Status.DRAFT or all(one is None for one in said):
        return Condition.UNKNOWN
    return Condition.FIRING if any(said) else Condition.CLEAR


def guardrail_condition(evaluation: Evaluation) -> Condition:
    """Tell whether what must not get worse did; one that is not measured says nothing."""
    if evaluation.over or not evaluation.guardrails:
        return Condition.CLEAR
    if evaluation.status is Status.DRAFT:
        return Condition.UNKNOWN
    measured = [one for one in evaluation.guardrails if not one.health.freezes]
    if any(one.breached for one in measured):
        return Condition.FIRING
    return Condition.CLEAR if len(measured) == len(evaluation.guardrails) else Condition.UNKNOWN


def edit_condition(account: Account, at: datetime) -> Condition:
    """Tell whether the definition was edited in its cycle without a reason."""
    edited = bool(account.enrolment.unexplained) and at >= account.key_result.cycle.starts
    return Condition.FIRING if edited else Condition.CLEAR


def stale_condition(ledger: Ledger, account: Account, evaluation: Evaluation, at: datetime) -> Condition:
    """Stale and broken data speak, unless the source as a whole is known to be down; only a fresh reading clears."""
    if evaluation.over:
        return Condition.CLEAR
    if evaluation.status is Status.DRAFT:
        return Condition.UNKNOWN
    match evaluation.health:
        case Health.FRESH:
            return Condition.CLEAR
        case Health.LATE:
            return Condition.UNKNOWN
        case Health.NEVER if not _waited(account, evaluation, at):
            return Condition.UNKNOWN
        case Health.STALE | Health.NEVER if _unasked(account):
            return Condition.UNKNOWN  # whether the source has it is not known yet
        case Health.STALE | Health.BROKEN | Health.NEVER:
            asked = [one.binding.source for one in (account, *account.operands.values()) if one.binding.asked]
            states = [ledger.alert(AlertKind.SOURCE_DOWN, source).state for source in asked]
            inhibited = any(state in (AlertState.PENDING, *_OPEN) for state in states)
            return Condition.UNKNOWN if inhibited else Condition.FIRING


def _unasked(account: Account) -> bool:
    """Tell whether it is krd that did not look, or is still looking at what it missed."""
    return account.pulse.failing in (None, GapReason.MISSED) or account.pending is not None


def _waited(account: Account, evaluation: Evaluation, at: datetime) -> bool:
    """A series that was never read is given the time in which it would grow stale."""
    patience = patience_of(account.key_result, account.binding, at)
    return evaluation.frozen_since is not None and at - evaluation.frozen_since > patience.stale


def _letters(
    ledger: Ledger, account: Account, transition: Transition, routes: Routes
) -> list[tuple[str, Announcement]]:
    occasion = occasion_of(transition)
    if occasion is None or account.evaluation is None or transition.alert.kind.family is Family.NEWS:
        return []  # news stands in the record and in the brief, and never interrupts
    key_result = account.key_result
    context = Context(
        owner=person(ledger.okrs, key_result.owner),
        next_sync=key_result.calendar.next_sync(transition.at),
    )
    said = about_key_result(key_result, account.evaluation, transition, occasion, context)
    return [(name, said) for name in recipients(ledger.okrs, routes, [key_result.team], said)]


def _source_letters(
    ledger: Ledger, transition: Transition, detail: str, routes: Routes
) -> list[tuple[str, Announcement]]:
    occasion = occasion_of(transition)
    if occasion is None:
        return []
    source = transition.alert.subject
    behind = [account.key_result for account in ledger.behind(source)]
    teams = list(dict.fromkeys(key_result.team for key_result in behind))
    owner = ledger.okrs.source_owners.get(source)
    name = person(ledger.okrs, owner) if owner else None
    said = about_source(transition, occasion, detail, behind, name, teams[0] if len(teams) == 1 else "")
    return [(notifier, said) for notifier in recipients(ledger.okrs, routes, teams, said)]


def person(okrs: Okrs, key: str) -> str:
    """Name a person for people."""
    known = okrs.people.get(key)
    return known.name if known else key


def recipients(okrs: Okrs, routes: Routes, teams: Sequence[str], said: Announcement) -> list[str]:
    """Give the notifiers of these teams that want to hear it, each once, in the order of the files."""
    names = dict.fromkeys(name for team in teams if team in okrs.teams for name in okrs.teams[team].notify)
    return [name for name in names if name in routes and _wants(routes[name], said)]


def _wants(route: NotifierEntry, said: Announcement) -> bool:
    only = route.only
    if only.kinds and said.kind not in only.kinds:
        return False
    if only.families and said.family.value not in only.families:
        return False
    return only.severity is None or said.severity.rank >= only.severity.rank
