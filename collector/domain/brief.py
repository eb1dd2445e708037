"""What a team should know before its sync: what needs a decision, what moved, what cannot be trusted, what is to be settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from collector.domain.alert import AlertKind
from collector.domain.evaluation import Evaluation
from collector.domain.okr import KeyResult
from collector.domain.phrases import release, unexplained
from collector.domain.reasons import of_guardrails, waiting
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
class OpenAlert:
    """Something that is wrong now, and what people laid over it."""

    kind: AlertKind
    address: str
    """Of a key result, or the name of a source."""
    text: str
    """What it is, about what, and since when."""
    mark: str = ""
    """That it is acknowledged or silenced, by whom."""


SINCE_THE_START = "since the start"


@dataclass(frozen=True, slots=True)
class Beside:
    """What a team is told beside the verdicts on its key results."""

    gone: tuple[Issue, ...] = ()
    """Key results that vanished from the files."""
    alerts: tuple[OpenAlert, ...] = ()
    plan: tuple[str, ...] = ()
    """What is known to come, in words."""
    since: str = SINCE_THE_START
    """What the numbers are compared with."""


NOTHING_BESIDE = Beside()


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
    alerts: tuple[OpenAlert, ...] = ()
    """All that are open."""
    plan: tuple[str, ...] = ()
    since: str = SINCE_THE_START

    @property
    def title(self) -> str:
        """One line: what the meeting is for."""
        settle = sum(issue.kind is not IssueKind.VALUE_DUE for issue in self.issues)
        settle += sum(alert.kind not in TO_KNOW for alert in self.other_alerts)
        counted = (
            (len(self.decide), "off track"),
            (len(self.unfit), "without fit numbers"),
            (settle, "issue" if settle == 1 else "issues"),
        )
        parts = [f"{count} {what}" for count, what in counted if count]
        if not parts:
            return f"{self.team}: nothing needs a decision, this sync can be cancelled"
        return f"{self.team}: {', '.join(parts)}"

    @property
    def other_alerts(self) -> tuple[OpenAlert, ...]:
        """The open alerts that nothing else in it speaks of."""
        spoken = {
            (kind, row.key_result.address) for row in (*self.decide, *self.unfit) for kind in OF_NUMBERS
        }
        spoken |= {(kind, issue.address) for issue in self.issues for kind in OF_ISSUES[issue.kind]}
        return tuple(alert for alert in self.alerts if (alert.kind, alert.address) not in spoken)

    def mark(self, address: str, kinds: Sequence[AlertKind]) -> str:
        """Say what people laid over the alerts of these kinds about a key result."""
        found = [one.mark for one in self.alerts if one.address == address and one.kind in kinds and one.mark]
        return "; ".join(dict.fromkeys(found))


OF_NUMBERS = (AlertKind.DRIFT, AlertKind.STALE, AlertKind.BAD_QUERY)
"""Alerts that are told with the numbers themselves."""
TO_KNOW = (AlertKind.ACHIEVED_EARLY, AlertKind.SUDDEN_CHANGE)
"""Alerts that one should know of, and of which nothing is to be settled."""
OF_ISSUES = {
    IssueKind.GUARDRAIL: (AlertKind.GUARDRAIL,),
    IssueKind.HELD: (AlertKind.IMPLAUSIBLE,),
    IssueKind.VALUE_DUE: (),
    IssueKind.UNEXPLAINED: (AlertKind.DEFINITION_CHANGED,),
    IssueKind.REMOVED: (AlertKind.REMOVED,),
}
"""Alerts that are told as an issue, by its kind."""


def write_brief(team: str, sync: datetime, rows: Sequence[Row], beside: Beside = NOTHING_BESIDE) -> Brief:
    """Sort the rows of a team into what to decide, what to watch, and what cannot be discussed; name what is to be settled
    about them, and beside them.
    """
    fit = [row for row in rows if _fit(row.now)]
    fit.sort(key=lambda row: ORDER.index(row.now.status) if row.now else len(ORDER))
    return Brief(
        team=team,
        sync=sync,
        decide=tuple(row for row in fit if row.now and row.now.status is Status.OFF_TRACK),
        watch=tuple(row for row in fit if row.now and row.now.status is not Status.OFF_TRACK),
        unfit=tuple(row for row in rows if not _fit(row.now)),
        issues=(*(issue for row in rows for issue in _issues(row)), *beside.gone),
        alerts=beside.alerts,
        plan=beside.plan,
        since=beside.since,
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
