"""The sheet before the sync: what is off track first, what cannot be discussed apart, what moved since the last sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, percent
from collector.domain.okr import KeyResult
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

    @property
    def title(self) -> str:
        """One line: what the meeting is for."""
        if not self.decide and not self.unfit:
            return f"{self.team}: nothing needs a decision, this sync can be cancelled"
        parts = []
        if self.decide:
            parts.append(f"{len(self.decide)} off track")
        if self.unfit:
            parts.append(f"{len(self.unfit)} without fit numbers")
        return f"{self.team}: {', '.join(parts)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The sheet itself, plain text: off track first, unfit numbers apart at the end."""
        lines: list[str] = []
        for heading, rows in (
            ("Needs a decision", self.decide),
            ("Moving", self.watch),
            ("Not fit to discuss (do not trust these numbers)", self.unfit),
        ):
            if rows:
                lines.append(f"{heading}:")
                lines += [f"  {line_of(row)}" for row in rows]
        return tuple(lines)


def write_brief(team: str, sync: datetime, rows: Sequence[Row]) -> Brief:
    """Sort the rows of a team into what to decide, what to watch, and what cannot be discussed."""
    fit = [row for row in rows if _fit(row.now)]
    fit.sort(key=lambda row: ORDER.index(row.now.status) if row.now else len(ORDER))
    return Brief(
        team=team,
        sync=sync,
        decide=tuple(row for row in fit if row.now and row.now.status is Status.OFF_TRACK),
        watch=tuple(row for row in fit if row.now and row.now.status is not Status.OFF_TRACK),
        unfit=tuple(row for row in rows if not _fit(row.now)),
    )


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
    moved = _moved(row)
    return (
        f"{mark_of(row.now)} {row.key_result.title} ({row.owner}): "
        f"{WORDS[row.now.status]}{moved}. {row.now.sentence}"
    )


def _moved(row: Row) -> str:
    now, before = row.now, row.before
    if now is None or before is None:
        return ""
    if before.status is not now.status:
        return f", was {WORDS[before.status]} at the last sync"
    if before.progress is not None and now.progress is not None:
        was, is_ = percent(before.progress), percent(now.progress)
        return f", {was} → {is_} since the last sync" if was != is_ else ""
    return ""
