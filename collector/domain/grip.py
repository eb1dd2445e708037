"""A brief in words: Goal confidence and Plan ahead are left open for owners, Results and Issues are filled in (DESIGN §8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.domain.alert import AlertKind
from collector.domain.announcement import Section
from collector.domain.brief import OF_ISSUES, OF_NUMBERS, UNMEASURED, Brief, IssueKind, Row, mark_of
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, number, percent
from collector.domain.okr import KeyResult
from collector.domain.phrases import BY_HAND
from collector.domain.shape import Total

CONFIDENCE = "Goal confidence (0-10, the owner's word)"
RESULTS = "Results progress"
ISSUES = "Issues"
PLAN = "Plan ahead"


def sections(brief: Brief) -> tuple[Section, ...]:
    """Give the four parts of a brief, each with its lines; one that has nothing to say is left out."""
    parts = (
        Section(CONFIDENCE, tuple(_confidence(brief))),
        Section(f"{RESULTS} {brief.since}", tuple(map(line_of, (*brief.decide, *brief.watch)))),
        Section(ISSUES, tuple(_issues(brief))),
        Section(PLAN, tuple(_plan(brief))),
    )
    return tuple(part for part in parts if part.lines)


def lines(brief: Brief) -> tuple[str, ...]:
    """Give the same as plain lines, what is under a heading indented."""
    return tuple(
        line for part in sections(brief) for line in (f"{part.heading}:", *(f"  {one}" for one in part.lines))
    )


def _confidence(brief: Brief) -> Iterator[str]:
    """A line for each key result that is still pursued. Nothing is computed here: confidence is a person's word (law 7)."""
    for row in _pursued(brief):
        yield f"{row.key_result.title} ({row.owner}): confidence __ /10"


def _issues(brief: Brief) -> Iterator[str]:
    for row in brief.decide:
        reachable = f", last reachable {row.now.last_reachable}" if row.now and row.now.last_reachable else ""
        text = f"to decide: {row.key_result.title} ({row.owner}) is off track{reachable}"
        yield _marked(brief, text, row.key_result.address, OF_NUMBERS)
    for row in brief.unfit:
        yield _marked(brief, f"not fit to discuss: {line_of(row)}", row.key_result.address, OF_NUMBERS)
    for issue in brief.issues:
        if issue.kind is not IssueKind.VALUE_DUE:
            yield _marked(brief, issue.line, issue.address, OF_ISSUES[issue.kind])
    for alert in brief.other_alerts:
        yield f"{alert.text} ({alert.mark})" if alert.mark else alert.text


def _plan(brief: Brief) -> Iterator[str]:
    for owner in dict.fromkeys(row.owner for row in _pursued(brief)):
        yield f"{owner}: next __"
    yield from (issue.line for issue in brief.issues if issue.kind is IssueKind.VALUE_DUE)
    yield from brief.plan


def _pursued(brief: Brief) -> Iterator[Row]:
    for row in (*brief.decide, *brief.watch, *brief.unfit):
        if row.key_result.retired is None and (row.now is None or not row.now.over):
            yield row


def _marked(brief: Brief, text: str, address: str, kinds: Sequence[AlertKind]) -> str:
    mark = brief.mark(address, kinds)
    return f"{text} ({mark})" if mark else text


def line_of(row: Row) -> str:
    """Write one key result in one line."""
    if row.now is None:
        why = row.key_result.not_run or "not measured yet"
        return f"{UNMEASURED} {row.key_result.title} ({row.owner}): {why}"
    by_hand = f", {BY_HAND} by hand" if row.now.by_hand else ""
    moved = "".join(f", {part}" for part in _moved(row.key_result, row.now, row.before))
    return (
        f"{mark_of(row.now)} {row.key_result.title} ({row.owner}{by_hand}): "
        f"{WORDS[row.now.status]}{moved}. {row.now.sentence}"
    )


def _moved(key_result: KeyResult, now: Evaluation, before: Evaluation | None) -> Iterator[str]:
    """Say what is another since the last sync: the status, and the number it is judged by."""
    if before is None:
        return
    if before.status is not now.status:
        yield f"was {WORDS[before.status]} at the last sync"
    was, is_, of = _numbers(key_result, now, before)
    if was != is_:
        yield f"{was} → {is_}{of} since the last sync"


def _numbers(key_result: KeyResult, now: Evaluation, before: Evaluation) -> tuple[str, str, str]:
    """Give the number then and now, and what it is a number of; both empty when one is not known."""
    if _counted(now) and _counted(before):
        if isinstance(key_result.shape, Total) or now.spent is None or before.spent is None:
            return number(_used(before)), number(_used(now)), " used"
        # not clamped: how far past its budget it is, is the news
        return f"{before.spent * 100:.0f} %", f"{now.spent * 100:.0f} %", " of the budget"
    if before.progress is not None and now.progress is not None:
        return percent(before.progress), percent(now.progress), ""
    return "", "", ""


def _counted(evaluation: Evaluation) -> bool:
    return evaluation.spent is not None or evaluation.exceeded


def _used(evaluation: Evaluation) -> float | None:
    return evaluation.budget.used if evaluation.budget is not None else evaluation.level
