"""Shows where the key results stand: the cycle that is active first, by objective, and below what is to be settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.marks import age, drawn, promised, sign, way, word
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.plain import plain
from collector.cli.remarks import remarks_of
from collector.cli.width import fitted
from collector.domain.brief import UNMEASURED
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import ago, number, percent
from collector.domain.okr import KeyResult, Okrs
from collector.domain.phrases import cycle_rank, settlings, share, span_of
from collector.domain.shape import Keep, Slo
from collector.domain.status import Status
from collector.errors import ConfigRejected, SourceUnavailable
from collector.ports.store import Removed
from collector.services.read_models import (
    Look,
    Standing,
    look,
    removed_document,
    status_document,
    told_removed,
)

COLUMNS = (
    Column(""),
    Column("key result"),
    Column("last days"),
    Column("level", right=True),
    Column("way"),
    Column("progress", right=True),
    Column("expected", right=True),
    Column("P(hit)", right=True),
    Column("status"),
    Column("data"),
)
BEHIND = ConfigRejected.exit_code
_FLAT = (
    "address", "cycle", "team", "objective", "title", "owner", "commitment", "unit", "status", "health", "day", "days",
    "baseline", "target", "current", "level", "progress", "expected", "weeks_ahead", "spent", "exceeded", "score",
    "first_score", "needed_per_week", "last_reachable", "coverage", "by_hand", "as_of", "attempted", "succeeded", "trouble",
    "unexplained", "sentence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which key results to show; nothing means all."""

    cycle: str | None = None
    team: str | None = None
    owner: str | None = None

    def checked(self, okrs: Okrs) -> Wanted:
        """Give itself. Raises `UsageError` for a name that the files do not hold."""
        if self.cycle is not None:
            select.known("cycle", self.cycle, {one.cycle.id for one in okrs.calendars.values()})
        if self.team is not None:
            select.known("team", self.team, okrs.teams)
        if self.owner is not None:
            select.known("person", self.owner, okrs.people)
        return self

    def holds(self, key_result: KeyResult) -> bool:
        """Tell whether it is to be shown."""
        return self._fits(key_result.cycle.id, key_result.team, key_result.owner)

    def holds_gone(self, gone: Removed) -> bool:
        """Tell whether one that is gone is to be shown; whose it was is not known any more."""
        return self._fits(gone.key.partition(":")[0], gone.team, "")

    def _fits(self, cycle: str, team: str, owner: str) -> bool:
        pairs = ((self.cycle, cycle), (self.team, team), (self.owner, owner))
        return all(wanted is None or wanted == has for wanted, has in pairs)


def show_status(asked: Asked, wanted: Wanted) -> int:
    """Print, and give what `--exit-code` ends with."""
    at = now()
    with kept(asked) as app:
        okrs = app.configuration.okrs
        wanted.checked(okrs)
        seen = look(app.store, okrs, at)
    shown = Look(
        [one for one in seen.standings if wanted.holds(one.key_result)],
        [one for one in seen.removed if wanted.holds_gone(one)],
    )
    documents = [
        *(status_document(one.key_result, one.evaluation, one.unexplained) for one in shown.standings),
        *map(removed_document, shown.removed),
    ]
    emit(asked, Report(documents, [_record(one) for one in documents], _sheet(okrs, shown, at)))
    return code_of(shown.standings)


def code_of(shown: Sequence[Standing]) -> int:
    """Sum up for a script: data that cannot be trusted outweighs a bad verdict, since it may hide one."""
    measured = [one for one in shown if not one.key_result.not_run]
    if any(_untrusted(one.evaluation) for one in measured):
        return SourceUnavailable.exit_code
    behind = (Status.AT_RISK, Status.OFF_TRACK, Status.MISSED)
    verdicts = [one.evaluation.status for one in measured if one.evaluation is not None]
    return BEHIND if any(status in behind for status in verdicts) else 0


def _untrusted(evaluation: Evaluation | None) -> bool:
    return evaluation is None or not evaluation.trusted


def _record(document: dict[str, object]) -> dict[str, object]:
    forecast, held, removed = document["forecast"], document["held"], document["removed"]
    ahead = forecast if isinstance(forecast, dict) else {}
    (likely_low, likely_high), (wide_low, wide_high) = (
        ahead.get(name, (None, None)) for name in ("likely", "wide")
    )
    return {name: document[name] for name in _FLAT} | {
        **{name: ahead.get(name) for name in ("p_hit", "p_full", "p_most", "landing")},
        "likely_low": likely_low,
        "likely_high": likely_high,
        "wide_low": wide_low,
        "wide_high": wide_high,
        "crosses": ahead.get("crosses"),
        "held": held["count"] if isinstance(held, dict) else None,
        "removed_since": removed["since"] if isinstance(removed, dict) else None,
    }


def _sheet(okrs: Okrs, shown: Look, at: datetime) -> Sheet:
    late = settlings(okrs.key_results.values())
    rows = sorted(shown.standings, key=lambda one: _rank(one, late, at))
    sections: list[Section] = []
    for cycle, of_cycle in groupby(rows, key=lambda one: one.key_result.cycle.id):
        standings = list(of_cycle)
        span = span_of(standings[0].key_result.cycle, at, late[cycle])
        sections.append(Section([], f"{cycle}, {span}"))
        sections += _objectives(okrs, standings)
    if shown.removed:
        sections.append(Section([_gone(one, at) for one in shown.removed], "Removed without a reason"))
    several = len({one.key_result.cycle.id for one in rows}) > 1
    below = [
        f"{one.key_result.key if several else one.key_result.address}: {remark}"
        for one in rows
        for remark in remarks_of(one)
    ]
    below += [f"{one.key}: {told_removed(one)}" for one in shown.removed]
    if not sections:
        below = ["no key result fits"]
    return fitted(Sheet(COLUMNS, sections, below=["", *below] if sections and below else below))


def _rank(one: Standing, late: dict[str, timedelta], at: datetime) -> tuple[int, datetime, str]:
    """Cycles of the same state by their start; within one the order of the files stays."""
    cycle = one.key_result.cycle
    return cycle_rank(cycle, at, late[cycle.id]), cycle.starts, cycle.id


def _objectives(okrs: Okrs, standings: Sequence[Standing]) -> list[Section]:
    groups: dict[str, list[Standing]] = {}
    for one in standings:
        groups.setdefault(one.key_result.objective, []).append(one)
    return [
        Section([_row(one) for one in rows], _title(okrs, rows[0].key_result)) for rows in groups.values()
    ]


def _title(okrs: Okrs, first: KeyResult) -> str:
    objective = okrs.objectives.get(f"{first.cycle.id}:{first.objective}")
    return f"{first.team}: {plain(objective.title) if objective else first.objective}"


def _row(one: Standing) -> list[Cell | str]:
    key_result, verdict = one.key_result, one.evaluation
    name = key_result.address.rpartition("/")[2]
    if verdict is None:
        blank = ["–", way(key_result, *promised(key_result)), "–", "–", "–"]
        return [sign(None), name, "", *blank, word(one), key_result.not_run or age(one)]
    baseline, target = promised(key_result)
    ahead = verdict.forecast
    return [
        sign(verdict),
        name,
        drawn(one),
        _level(key_result, verdict),
        way(
            key_result,
            verdict.baseline if verdict.baseline is not None else baseline,
            verdict.target if verdict.target is not None else target,
        ),
        _gone_by(verdict),
        percent(verdict.expected if verdict.status is not Status.DRAFT else None),
        f"{ahead.p_hit:.2f}" if ahead else "–",
        word(one),
        age(one),
    ]


def _level(key_result: KeyResult, verdict: Evaluation) -> str:
    if isinstance(key_result.shape, Keep | Slo):
        return share(verdict.level)
    return number(verdict.level if verdict.level is not None else verdict.current)


def _gone_by(verdict: Evaluation) -> str:
    """Progress is shown clamped; how far past its budget something is, is not hidden. A draft has gone no way."""
    if verdict.status is Status.DRAFT:
        return "–"
    if verdict.spent is not None:
        return f"{verdict.spent * 100:.0f} %"
    return "exceeded" if verdict.exceeded else percent(verdict.progress)


def _gone(one: Removed, at: datetime) -> list[Cell | str]:
    """Hollow, whatever it was: nobody measures it any more."""
    name = one.key.rpartition("/")[2]
    blank = ["–"] * 5
    return [
        Cell(UNMEASURED, Tone.FAINT),
        name,
        "",
        *blank,
        Cell("removed", Tone.FAINT),
        f"gone {ago(at - one.since)}",
    ]
