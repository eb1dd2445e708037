"""Turns a change of an alert into words, the same for every notifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.domain.alert import AlertKind, AlertState, Transition
from collector.domain.announcement import Announcement, Occasion, Severity
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, lasting
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.phrases import release

LISTED = 20
"""So many key results are listed by name behind a dead source; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a message about a key result may say beside the verdict."""

    owner: str
    next_sync: datetime | None = None
    severity: Severity | None = None


def occasion_of(transition: Transition) -> Occasion | None:
    """Tell whether a change is to be spoken: a first firing, or a resolve. Everything else stays in the record."""
    match transition.alert.state:
        case AlertState.FIRING if not transition.was.open:
            return Occasion.FIRST
        case AlertState.RESOLVED:
            return Occasion.RESOLVED
        case _:
            return None


def about_key_result(
    key_result: KeyResult,
    evaluation: Evaluation,
    transition: Transition,
    occasion: Occasion,
    context: Context,
) -> Announcement:
    """Word a change of a key result's alert."""
    alert = transition.alert
    headline = _headline(alert.kind, evaluation, occasion)
    if transition.why and occasion is Occasion.RESOLVED:
        headline = f"Closed, {transition.why}"  # not "back": nothing recovered
    lines = [f"{key_result.address} · owner {context.owner}"]
    if alert.kind is AlertKind.GUARDRAIL and occasion is Occasion.FIRST:
        lines = [*(reason for reason in evaluation.reasons if reason.startswith("guardrail ")), *lines]
    if context.next_sync is not None and occasion is Occasion.FIRST:
        lines.append(f"next sync in {lasting(key_result.cycle, context.next_sync - transition.at)}")
    if alert.kind is AlertKind.IMPLAUSIBLE and occasion is Occasion.FIRST and evaluation.held is not None:
        lines.append(f"{evaluation.held.why}; {release(key_result.address)}")
    if evaluation.trouble:
        lines.append(f"last attempt: {evaluation.trouble}")
    return Announcement(
        id=transition.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=context.severity or alert.kind.severity,
        occasion=occasion,
        subject=key_result.address,
        team=key_result.team,
        title=f"{headline}: {key_result.title}",
        sentence=evaluation.sentence,
        at=transition.at,
        lines=tuple(lines),
        owner=context.owner,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        facts={"cycle": key_result.cycle.id, **facts_of(evaluation)},
    )


def _headline(kind: AlertKind, evaluation: Evaluation, occasion: Occasion) -> str:
    if occasion is Occasion.RESOLVED and evaluation.over:
        return f"Over, {WORDS[evaluation.status]}"  # not "back": nothing recovered
    match kind:
        case AlertKind.DRIFT:
            return "Off track" if occasion is Occasion.FIRST else f"Back {WORDS[evaluation.status]}"
        case AlertKind.STALE | AlertKind.SOURCE_DOWN:
            if occasion is not Occasion.FIRST:
                return "Data is back"
            return "No data" if evaluation.health is Health.NEVER else f"Data {evaluation.health.value}"
        case _:
            begins, ends = _HEADLINES[kind]
            return begins if occasion is Occasion.FIRST else ends


_HEADLINES = {
    AlertKind.BREACH: ("Over its limit", "Within its limit again"),
    AlertKind.SLO_BURN: ("Error budget burns too fast", "Error budget burns no faster than it may"),
    AlertKind.GUARDRAIL: ("Guardrail broken", "Guardrail holds again"),
    AlertKind.IMPLAUSIBLE: ("Readings held as implausible", "Readings are plausible again"),
    AlertKind.DEFINITION_CHANGED: ("Definition changed without a reason", "Change of definition explained"),
    AlertKind.REMOVED: ("Removed without a reason", "Back in the files"),
    AlertKind.CONFIG_REJECTED: ("Files rejected", "Files accepted"),
    AlertKind.CLOCK_JUMP: ("Clock jumped", "Clock is steady"),
}
"""What opens a message, and what closes the matter, by kind."""


def about_source(
    transition: Transition,
    occasion: Occasion,
    detail: str,
    behind: Sequence[KeyResult],
    owner: str | None,
    team: str,
) -> Announcement:
    """Word a change of a source's alert: one message, however many key results stand behind it."""
    alert = transition.alert
    names = [key_result.address for key_result in behind[:LISTED]]
    if len(behind) > LISTED:
        names.append(f"… and {len(behind) - LISTED} more")
    down = occasion is Occasion.FIRST
    count = f"{len(behind)} key result{'s' if len(behind) != 1 else ''}"
    sentence = (
        f"{count} behind it cannot be read; their verdicts stay as they were. {detail}"
        if down
        else f"{count} behind it can be read again; what was missed is asked for where the source answers the past."
    )
    return Announcement(
        id=transition.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.kind.severity,
        occasion=occasion,
        subject=alert.subject,
        team=team,
        title=f"Source {alert.subject} is {'down' if down else 'back'}",
        sentence=sentence.strip(),
        at=transition.at,
        lines=tuple(names),
        owner=owner,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        facts={"key_results": len(behind)},
    )


def facts_of(evaluation: Evaluation) -> Mapping[str, Any]:
    """Give the numbers of a verdict by the names of `krd status -o json`."""
    ahead = evaluation.forecast
    return {
        "status": evaluation.status.value,
        "health": evaluation.health.value,
        "day": evaluation.day,
        "days": evaluation.days,
        "baseline": evaluation.baseline,
        "target": evaluation.target,
        "current": evaluation.current,
        "level": evaluation.level,
        "progress": evaluation.progress,
        "expected": evaluation.expected,
        "p_hit": ahead.p_hit if ahead else None,
        "landing": ahead.landing if ahead else None,
        "as_of": evaluation.as_of.isoformat() if evaluation.as_of else None,
    }
