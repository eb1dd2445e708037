"""Shows where the key results stand, by cycle and objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.marks import drawn, promised, sign, way, word
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, emit
from collector.cli.plain import plain
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import ago, number, percent
from collector.domain.okr import KeyResult, Okrs
from collector.domain.status import Status
from collector.errors import ConfigRejected, SourceUnavailable
from collector.services.read_models import Standing, standings, status_document

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
    "baseline", "target", "current", "level", "progress", "expected", "weeks_ahead", "spent", "needed_per_week",
    "last_reachable", "coverage", "as_of", "attempted", "succeeded", "trouble", "sentence",
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
        pairs = (
            (self.cycle, key_result.cycle.id),
            (self.team, key_result.team),
            (self.owner, key_result.owner),
        )
        return all(wanted is None or wanted == has for wanted, has in pairs)


def show_status(asked: Asked, wanted: Wanted) -> int:
    """Print, and give what `--exit-code` ends with."""
    with kept(asked) as app:
        okrs = app.configuration.okrs
        wanted.checked(okrs)
        shown = [one for one in standings(app.store, okrs, now()) if wanted.holds(one.key_result)]
    documents = [status_document(one.key_result, one.evaluation) for one in shown]
    emit(asked, Report(documents, [_record(one) for one in documents], _sheet(okrs, shown)))
    return code_of(shown)


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
    forecast = document["forecast"]
    ahead = forecast if isinstance(forecast, dict) else {}
    return {name: document[name] for name in _FLAT} | {
        "p_hit": ahead.get("p_hit"),
        "landing": ahead.get("landing"),
    }


def _sheet(okrs: Okrs, shown: Sequence[Standing]) -> Sheet:
    groups: dict[tuple[str, str], list[Standing]] = {}
    for one in shown:
        groups.setdefault((one.key_result.cycle.id, one.key_result.objective), []).append(one)
    sections = [Section([_row(one) for one in rows], _title(okrs, rows)) for rows in groups.values()]
    return Sheet(COLUMNS, sections, below=[] if shown else ["no key result fits"])


def _title(okrs: Okrs, rows: Sequence[Standing]) -> str:
    first = rows[0].key_result
    objective = okrs.objectives.get(f"{first.cycle.id}:{first.objective}")
    verdict = next((one.evaluation for one in rows if one.evaluation is not None), None)
    day = f", day {verdict.day} of {verdict.days}" if verdict is not None else ""
    title = plain(objective.title) if objective else first.objective
    return f"{first.cycle.id} · {first.team}: {title}{day}"


def _row(one: Standing) -> list[Cell | str]:
    key_result, verdict = one.key_result, one.evaluation
    name = key_result.address.rpartition("/")[2]
    if verdict is None:
        why = key_result.not_run or ""
        blank = ["–", way(key_result, *promised(key_result)), "–", "–", "–"]
        return [sign(None), name, "", *blank, word(one), why]
    baseline, target = promised(key_result)
    ahead = verdict.forecast
    used = verdict.progress if verdict.progress is not None else verdict.spent
    return [
        sign(verdict),
        name,
        drawn(one),
        number(verdict.level if verdict.level is not None else verdict.current),
        way(
            key_result,
            verdict.baseline if verdict.baseline is not None else baseline,
            verdict.target or target,
        ),
        "exceeded" if verdict.exceeded else percent(used),
        percent(verdict.expected),
        f"{ahead.p_hit:.2f}" if ahead else "–",
        word(one),
        age(verdict),
    ]


def age(verdict: Evaluation) -> str:
    """Say how old the data is, and how it is when that is not fresh: `14 s`, `stale, 2 h`."""
    if verdict.as_of is None:
        return verdict.health.value
    old = ago(verdict.at - verdict.as_of)
    return old if verdict.health.value == "fresh" else f"{verdict.health.value}, {old}"
