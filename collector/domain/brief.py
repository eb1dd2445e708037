"""The sheet before the sync: what is off track first, what cannot be discussed apart, what moved since the last sync."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, number, percent
from collector.domain.okr import KeyResult
from collector.domain.phrases import BY_HAND, release, unexplained
from collector.domain.reasons import of_guardrails, waiting
from collector.domain.shape import Total
from collector.domain.status import Status

ORDER = (
    Status.OFF_TRACK,
    Status.AT_RISK,
    Status.ON_TRACK,
    Status.NOT_STARTED,
    Status.MISSED,
    Status.ACHIEVED,
    Status.DRAFT,
    Status.RETIRED,
)
MARKS = {
    Status.OFF_TRACK: "■",
    Status.AT_RISK: "▲",
    Status.ON_TRACK: "●",
    Status.ACHIEVED: "✓",
    Status.MISSED: "✗",
}
UNMEASURED = "◌"


@dataclass(frozen=True, slots=True)
class Row:
    """A key result with its verdict now and at the last sync, where there was one."""

    key_result: KeyResult
    owner: str
    now: Evaluation | None
    before: Evaluation | None = None
    unexplained: str = ""
    """What was edited without a reason: `measure`, `promise`, or both."""
    due: tuple[str, ...] = ()
    """Values that a person still has to enter for the sync, in words."""


class IssueKind(StrEnum):
    """What there is to settle beside the numbers: the I of GRIP (DESIGN §8)."""

    GUARDRAIL = "guardrail"
    HELD = "held"
    VALUE_DUE = "value_due"
    UNEXPLAINED = "definition_changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that somebody has to settle, and how."""

    kind: IssueKind
    address: str
    text: str

    @property
    def line(self) -> str:
        """One line: whom it concerns, and what it is."""
        return f"{self.address}: {self.text}"


@dataclass(frozen=True, slots=True)
class Brief:
    """What a team should know before it meets."""

    team: str
    sync: datetime
    decide: tuple[Row, ...]
    """Off track: needs a decision."""
    watch: tuple[Row, ...]
    """Everything else whose numbers can be discussed."""
    unfit: tuple[Row, ...]
    """Numbers not fit to discuss: stale, broken, never read, or not measured by this version."""
    issues: tuple[Issue, ...] = ()

    @property
    def title(self) -> str:
        """One line: what the meeting is for."""
        if not self.decide and not self.unfit and not self.issues:
            return f"{self.team}: nothing needs a decision, this sync can be cancelled"
        parts = []
        if self.decide:
            parts.append(f"{len(self.decide)} off track")
        if self.unfit:
            parts.append(f"{len(self.unfit)} without fit numbers")
        if self.issues:
            parts.append(f"{len(self.issues)} issue{'s' if len(self.issues) > 1 else ''}")
        return f"{self.team}: {', '.join(parts)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The sheet itself, plain text: off track first, unfit numbers apart, and what is to be settled at the end."""
        lines: list[str] = []
        for heading, rows in (
            ("Needs a decision", self.decide),
            ("Moving", self.watch),
            ("Not fit to discuss (do not trust these numbers)", self.unfit),
        ):
            if rows:
                lines.append(f"{heading}:")
                lines += [f"  {line_of(row)}" for row in rows]
        if self.issues:
            lines += ["Issues:", *(f"  {issue.line}" for issue in self.issues)]
        return tuple(lines)


def write_brief(team: str, sync: datetime, rows: Sequence[Row], gone: Sequence[Issue] = ()) -> Brief:
    """Sort the rows of a team into what to decide, what to watch, and what cannot be discussed; name what is to be settled
    about them, and about key results that are `gone`.
    """
    fit = [row for row in rows if _fit(row.now)]
    fit.sort(key=lambda row: ORDER.index(row.now.status) if row.now else len(ORDER))
    return Brief(
        team=team,
        sync=sync,
        decide=tuple(row for row in fit if row.now and row.now.status is Status.OFF_TRACK),
        watch=tuple(row for row in fit if row.now and row.now.status is not Status.OFF_TRACK),
        unfit=tuple(row for row in rows if not _fit(row.now)),
        issues=(*(issue for row in rows for issue in _issues(row)), *gone),
    )


def _issues(row: Row) -> Iterator[Issue]:
    """Of what is over nothing is to be settled but its definition."""
    key_result, now = row.key_result, row.now
    address = key_result.address
    if now is not None and not now.over and now.status is not Status.DRAFT:
        for text in of_guardrails(key_result, now.guardrails):
            yield Issue(IssueKind.GUARDRAIL, address, text)
        for text in waiting(key_result.cycle, now.held):
            yield Issue(IssueKind.HELD, address, f"{text}; {release(address)}")
    for text in row.due:
        yield Issue(IssueKind.VALUE_DUE, address, text)
    if row.unexplained:
        yield Issue(IssueKind.UNEXPLAINED, address, unexplained(row.unexplained))


def _fit(evaluation: Evaluation | None) -> bool:
    return evaluation is not None and evaluation.trusted


def mark_of(evaluation: Evaluation | None) -> str:
    """Give the sign of a verdict: a shape, so that colour never speaks alone; data that cannot be trusted is hollow."""
    if evaluation is None or not evaluation.trusted:
        return UNMEASURED
    return MARKS.get(evaluation.status, "·")


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
