"""Turns a change of an alert into words, the same for every notifier and feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.alert import Alert, AlertKind, Transition
from collector.domain.announcement import CLOSED, Announcement, Occasion
from collector.domain.detectors.findings import Findings
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import lasting
from collector.domain.headline import HEADLINES, headline_of
from collector.domain.message_facts import facts_of
from collector.domain.message_findings import finding_of
from collector.domain.okr import KeyResult
from collector.domain.phrases import release

LISTED = 20
"""So many key results are listed by name behind a dead source; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a message about a key result may say beside the verdict."""

    owner: str
    next_sync: datetime | None = None
    link: str = ""
    found: Findings | None = None
    """What the detectors see in its days."""


def occasion_of(transition: Transition) -> Occasion:
    """Tell what a change is to people; what they are not told of is a note for the record."""
    if transition.began:
        return Occasion.FIRST
    if transition.worsened:
        return Occasion.WORSE
    return Occasion.RESOLVED if transition.ended else Occasion.NOTE


def about_change(
    key_result: KeyResult, evaluation: Evaluation, transition: Transition, context: Context
) -> Announcement:
    """Word a change of a key result's alert."""
    occasion = occasion_of(transition)
    said = about_key_result(key_result, evaluation, transition.alert, occasion, transition.at, context)
    if transition.why and occasion is Occasion.RESOLVED:
        # not "back": nothing recovered
        facts = {**said.facts, CLOSED: transition.why}
        said = replace(said, title=f"Closed, {transition.why}: {key_result.title}", facts=facts)
    return replace(said, id=transition.event)


def about_key_result(
    key_result: KeyResult,
    evaluation: Evaluation,
    alert: Alert,
    occasion: Occasion,
    at: datetime,
    context: Context,
) -> Announcement:
    """Word how the alert of a key result stands at `at`; its id is that of the last change people are told of."""
    return Announcement(
        id=alert.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=occasion,
        subject=key_result.address,
        team=key_result.team,
        title=f"{headline_of(alert, evaluation, occasion)}: {key_result.title}",
        sentence=evaluation.sentence,
        at=at,
        lines=tuple(_lines(key_result, evaluation, alert, occasion, at, context)),
        owner=context.owner,
        commitment=key_result.commitment.value,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
        link=context.link,
        facts={"cycle": key_result.cycle.id, **facts_of(evaluation)},
    )


def _lines(
    key_result: KeyResult,
    evaluation: Evaluation,
    alert: Alert,
    occasion: Occasion,
    at: datetime,
    context: Context,
) -> list[str]:
    lines = [f"{key_result.address} · owner {context.owner}"]
    wrong = not occasion.over and occasion is not Occasion.NOTE
    if wrong and (finding := finding_of(key_result, evaluation, alert.kind, context.found)):
        lines = [finding, *lines]
    if alert.kind is AlertKind.GUARDRAIL and wrong:
        lines = [*(reason for reason in evaluation.reasons if reason.startswith("guardrail ")), *lines]
    if context.next_sync is not None and wrong:
        lines.append(f"next sync in {lasting(key_result.cycle, context.next_sync - at)}")
    if alert.kind is AlertKind.IMPLAUSIBLE and wrong and evaluation.held is not None:
        lines.append(f"{evaluation.held.why}; {release(key_result.address)}")
    if evaluation.trouble:
        lines.append(f"last attempt: {evaluation.trouble}")
    return lines


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a source."""

    key_results: Sequence[KeyResult]
    owner: str | None
    detail: str
    """Why it failed last."""
    link: str = ""

    @property
    def team(self) -> str:
        """The team that all of it belongs to; empty when there are several."""
        teams = {key_result.team for key_result in self.key_results}
        return teams.pop() if len(teams) == 1 else ""


def about_source(alert: Alert, occasion: Occasion, event: str, at: datetime, behind: Behind) -> Announcement:
    """Word how the alert of a source stands: one message, however many key results stand behind it."""
    names = [key_result.address for key_result in behind.key_results[:LISTED]]
    if len(behind.key_results) > LISTED:
        names.append(f"… and {len(behind.key_results) - LISTED} more")
    count = f"{len(behind.key_results)} key result{'s' if len(behind.key_results) != 1 else ''}"
    match occasion:
        case Occasion.RESOLVED | Occasion.PASSED:
            title = f"Source {alert.subject} is back"
            sentence = f"{count} behind it can be read again; what was missed is asked for where the source answers the past."
        case Occasion.NOTE:
            title = f"Source {alert.subject}: {alert.state.value}"
            sentence = f"{count} behind it. {behind.detail}"
        case _:
            title = f"Source {alert.subject} is {'still ' if occasion is Occasion.REPEAT else ''}down"
            sentence = f"{count} behind it cannot be read; their verdicts stay as they were. {behind.detail}"
    return Announcement(
        id=event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=occasion,
        subject=alert.subject,
        team=behind.team,
        title=title,
        sentence=sentence.strip(),
        at=at,
        lines=tuple(names),
        owner=behind.owner,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
        link=behind.link,
        facts={"key_results": len(behind.key_results)},
    )


def about_removed(transition: Transition, title: str, team: str) -> Announcement:
    """Word that a key result vanished from the files, or came back."""
    alert = transition.alert
    begins, ends = HEADLINES[AlertKind.REMOVED]
    occasion = occasion_of(transition)
    return Announcement(
        id=transition.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=occasion,
        subject=alert.subject.partition(":")[2],
        team=team,
        title=f"{ends if occasion.over else begins}: {title}",
        sentence="",
        at=transition.at,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
    )


def closing(transition: Transition, before: Announcement | None) -> Announcement:
    """Word the end of an alert whose subject is no more, by what was last said of it."""
    alert = transition.alert
    title = before.title.partition(": ")[2] or before.title if before is not None else alert.subject
    why = transition.why or "over"
    said = Announcement(
        id=transition.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=occasion_of(transition),
        subject=before.subject if before is not None else alert.subject.partition(":")[2] or alert.subject,
        team=before.team if before is not None else "",
        title=f"Closed, {why}: {title}",
        sentence="What was open about it ends here; nothing recovered.",
        at=transition.at,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
        facts={CLOSED: why},
    )
    if before is None:
        return said
    return replace(said, owner=before.owner, commitment=before.commitment, link=before.link)
