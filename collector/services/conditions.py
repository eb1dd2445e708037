"""What each rule says now about a key result: pure looks at its verdict and its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from collector.domain.alert import AlertKind, Condition
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.judgement import patience_of
from collector.domain.okr import KeyResult
from collector.domain.outage import SourceStanding
from collector.domain.progress import PAST
from collector.domain.sample import GapReason
from collector.domain.shape import Reach, Slo
from collector.domain.status import Status
from collector.services.account import Account
from collector.services.detected_conditions import (
    JUDGED,
    early_condition,
    flatline_condition,
    regressed_condition,
    sudden_change_condition,
    unit_change_condition,
)
from collector.services.hold import implausible_condition
from collector.services.ledger import Ledger

Standings = Mapping[str, SourceStanding]
_REFUSED = (GapReason.BAD_QUERY, GapReason.BAD_VALUE, GapReason.CONFIG, GapReason.BACKED_OFF)


def conditions(
    ledger: Ledger, account: Account, standings: Standings, at: datetime
) -> Iterator[tuple[AlertKind, Condition]]:
    """Give what every rule says about a judged account; nothing before its first verdict."""
    evaluation, key_result = account.evaluation, account.key_result
    if evaluation is None:
        return
    yield AlertKind.DRIFT, drift_condition(evaluation)
    yield AlertKind.REGRESSED, regressed_condition(account, evaluation)
    yield AlertKind.BREACH, breach_condition(key_result, evaluation)
    yield AlertKind.SLO_BURN, burn_condition(key_result, evaluation)
    yield AlertKind.GUARDRAIL, guardrail_condition(evaluation)
    ill = any(_ill(ledger, standings, source) for source in _sources(account))
    yield AlertKind.BAD_QUERY, bad_query_condition(account, evaluation, spoken_for=ill)
    bad_query = ledger.alerts.get((AlertKind.BAD_QUERY, key_result.key))
    refused = bad_query is not None and bad_query.state.open
    yield AlertKind.STALE, stale_condition(account, evaluation, at, spoken_for=refused or ill)
    yield AlertKind.IMPLAUSIBLE, implausible_condition(account)
    yield AlertKind.FLATLINE, flatline_condition(account, evaluation)
    yield AlertKind.UNIT_CHANGE, unit_change_condition(account, evaluation)
    yield AlertKind.ACHIEVED_EARLY, early_condition(account, evaluation)
    yield AlertKind.SUDDEN_CHANGE, sudden_change_condition(account, evaluation)
    yield AlertKind.POINT_OF_NO_RETURN, no_return_condition(key_result, evaluation)
    yield AlertKind.DEFINITION_CHANGED, edit_condition(account, at)


def no_return_condition(key_result: KeyResult, evaluation: Evaluation) -> Condition:
    """Tell whether the last day is past from which the target is reached at the best pace ever seen."""
    if evaluation.over or not isinstance(key_result.shape, Reach):
        return Condition.OVER
    if evaluation.health.freezes or evaluation.status not in JUDGED:
        return Condition.UNKNOWN
    past = evaluation.last_reachable is not None and evaluation.last_reachable.endswith(PAST)
    return Condition.FIRING if past else Condition.CLEAR


def drift_condition(evaluation: Evaluation) -> Condition:
    """What the drift machine says; bad data says nothing. What is over has no drift, whatever its verdict."""
    if evaluation.over:
        return Condition.OVER
    if evaluation.health.freezes or evaluation.status not in JUDGED:
        return Condition.UNKNOWN
    return evaluation.drift.condition


def breach_condition(key_result: KeyResult, evaluation: Evaluation) -> Condition:
    """Tell whether more is used than the promise allows; only good data says that it is not."""
    if isinstance(key_result.shape, Reach) or evaluation.over:
        return Condition.OVER
    if evaluation.exceeded or (evaluation.spent is not None and evaluation.spent > 1):
        return Condition.FIRING
    known = evaluation.spent is not None and not evaluation.health.freezes
    return Condition.CLEAR if known else Condition.UNKNOWN


def burn_condition(key_result: KeyResult, evaluation: Evaluation) -> Condition:
    """Tell whether an error budget burns too fast in both windows of a pair."""
    if not isinstance(key_result.shape, Slo) or evaluation.over:
        return Condition.OVER
    said = [burn.over for burn in evaluation.budget.burns] if evaluation.budget else []
    if evaluation.health.freezes or evaluation.status is Status.DRAFT or all(one is None for one in said):
        return Condition.UNKNOWN
    return Condition.FIRING if any(said) else Condition.CLEAR


def guardrail_condition(evaluation: Evaluation) -> Condition:
    """Tell whether what must not get worse did; one that is not measured says nothing."""
    if evaluation.over or not evaluation.guardrails:
        return Condition.OVER
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


def bad_query_condition(account: Account, evaluation: Evaluation, *, spoken_for: bool) -> Condition:
    """Tell whether the source answers, but not this question, and is not ill as a whole; only a fresh reading clears."""
    if evaluation.over:
        return Condition.OVER
    if evaluation.status is Status.DRAFT or account.pending is not None:
        return Condition.UNKNOWN
    if evaluation.health is Health.FRESH:
        return Condition.CLEAR
    refused = any(part.pulse.failing in _REFUSED for part in account.parts)
    fires = evaluation.health is Health.BROKEN and refused and not spoken_for
    return Condition.FIRING if fires else Condition.UNKNOWN


def stale_condition(account: Account, evaluation: Evaluation, at: datetime, *, spoken_for: bool) -> Condition:
    """Tell whether there is no number fit to be judged, unless it is `spoken_for`: by a source that is ill as a whole, or a
    question that it refuses; only a fresh reading clears.
    """
    if evaluation.over:
        return Condition.OVER
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
        case Health.BROKEN if any(part.pulse.failing in _REFUSED for part in account.parts):
            return Condition.UNKNOWN  # that its question is refused is another alert
        case Health.STALE | Health.BROKEN | Health.NEVER:
            return Condition.UNKNOWN if spoken_for else Condition.FIRING


def _sources(account: Account) -> set[str]:
    return {one.binding.source for one in (account, *account.operands.values()) if one.binding.asked}


def _ill(ledger: Ledger, standings: Standings, source: str) -> bool:
    """Tell whether a source as a whole is ill; a krd that asks none of them goes by what is kept."""
    if source in standings:
        return standings[source].ill
    alert = ledger.alert(AlertKind.SOURCE_DOWN, source)
    return alert.state.moving and alert.clear_since is None


def _unasked(account: Account) -> bool:
    """Tell whether it is krd that did not look, or is still looking at what it missed."""
    not_asked = (None, GapReason.MISSED, GapReason.SOURCE_DOWN)
    return account.pulse.failing in not_asked or account.pending is not None


def _waited(account: Account, evaluation: Evaluation, at: datetime) -> bool:
    """A series that was never read is given the time in which it would grow stale."""
    patience = patience_of(account.key_result, account.binding, at)
    return evaluation.frozen_since is not None and at - evaluation.frozen_since > patience.stale
