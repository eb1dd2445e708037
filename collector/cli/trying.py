"""Reads one query live and over the past 28 days, and shows what a key result on it would rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from collector.app import Files
from collector.cli import durations, select
from collector.cli.asked import Asked
from collector.cli.opening import asking, files_of, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.past import DAYS, PastDay, baseline_of, noise_of, read_past
from collector.cli.progress import working
from collector.cli.reasons import code_of
from collector.cli.spark import sparkline
from collector.clock import WallClock
from collector.domain.baseline import Baseline
from collector.domain.calendar import BriefBefore, Calendar, CountedSync
from collector.domain.cycle import CalendarDays, Cycle, CycleState
from collector.domain.explanation import number
from collector.domain.measure import Binding, Query
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, Sample
from collector.domain.shape import Commitment, Measured, Reach, Typed
from collector.domain.span import WEEK, Span
from collector.errors import KrdError, UsageError
from collector.ports.catalogue import SourceEntry
from collector.services.ask import Due, Found
from collector.services.collect import collect


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be tried, as typed."""

    source: str
    query: str
    pick: tuple[str, ...]
    unit: str
    every: str | None
    window: str | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    trial: Trial
    due: Due
    left: Sample | Gap
    past: tuple[PastDay, ...] = ()
    baseline: Baseline | None = None
    noise: float | None = None


def try_it(asked: Asked, trial: Trial) -> int:
    """Read, print, and give the exit code. Raises `UsageError` for what cannot be asked, `KrdError` for a query with a
    mistake that shows without asking.
    """
    at = now()
    files = files_of(asked, at)
    due = _due(files, trial, at)
    with asking(files) as sources, working(asked, f"asking {trial.source}") as say:
        source = sources.open(trial.source)
        found: list[Found] = []
        collect(source, [due], WallClock(), found.extend)
        tried = Tried(trial, due, found[0].left)
        if due.binding.answers_the_past and isinstance(tried.left, Sample):
            say(f"asking {trial.source} about {DAYS} days")
            past = read_past(source, due, at, DAYS, at)
            tried = Tried(
                trial,
                due,
                tried.left,
                tuple(past),
                baseline_of(due, past, Measured(), at),
                noise_of(due, past, at),
            )
    emit(asked, _report(tried))
    # who tries a query wants a number: an empty answer is no success here
    return code_of([tried.left]) or int(isinstance(tried.left, Gap))


def _due(files: Files, trial: Trial, at: datetime) -> Due:
    configuration = files.configuration
    name = select.known("source", trial.source, configuration.sources)
    binding = _binding(files, configuration.sources[name], trial)
    cycles = [calendar.cycle for calendar in configuration.okrs.calendars.values()]
    cycle = next((one for one in cycles if one.state(at) is CycleState.ACTIVE), None) or _this_year(at)
    return Due(
        _nobodys(cycle, binding), binding, 0, at.replace(microsecond=0)
    )  # a try asks about now, not about a slot


def _binding(files: Files, entry: SourceEntry, trial: Trial) -> Binding:
    kind = files.catalogue.connectors[entry.kind]
    mistakes = [f"{one.line}:{one.column}: {one.message}" for one in kind.problems(trial.query)]
    if mistakes:
        raise KrdError("the query has a mistake: " + "\n".join(mistakes))
    every = (
        durations.interval("--every", trial.every) if trial.every else durations.nominal(kind.default_every)
    )
    return Binding(
        source=entry.name,
        form=Query(trial.query),
        every=every,
        window=durations.span("--window", trial.window) if trial.window else every,
        unit=trial.unit,
        pick=dict(_pair(text) for text in trial.pick),
        answers_the_past=kind.answers_the_past(trial.query),
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(f"--pick: is written as label=value, got {text!r}")
    return name, value


def _this_year(at: datetime) -> Cycle:
    return Cycle("year", CalendarDays(ZoneInfo("UTC"), at.date().replace(month=1, day=1)), 365)


def _nobodys(cycle: Cycle, binding: Binding) -> KeyResult:
    """The reading code asks about key results; this one is promised by nobody and kept nowhere."""
    return KeyResult(
        address="try",
        title="",
        objective="",
        team="",
        owner="",
        commitment=Commitment.ASPIRATIONAL,
        cycle=cycle,
        calendar=Calendar(cycle, CountedSync(WEEK), BriefBefore(Span(days=1))),
        shape=Reach(Typed(0.0), 0.0),
        binding=binding,
    )


def _report(tried: Tried) -> Report:
    document = _document(tried)
    columns = (Column("what"), Column("found"))
    return Report(document, [_record(document)], Sheet(columns, [Section(_rows(tried))], header=False))


def _rows(tried: Tried) -> list[list[Cell | str]]:
    unit = f" {tried.trial.unit}" if tried.trial.unit else ""
    left = tried.left
    as_of = tried.due.slot.astimezone(UTC)
    rows: list[list[Cell | str]] = []
    if isinstance(left, Gap):
        rows.append(["value", Cell(f"none: {left.reason.value.replace('_', ' ')}", Tone.BAD)])
        rows.append(["why", left.detail])
    else:
        rows.append(["value", Cell(f"{number(left.value)}{unit}", Tone.TITLE)])
    rows.append(["as of", f"{as_of:%Y-%m-%d %H:%M:%S} UTC"])
    if tried.past:
        found = sum(1 for day in tried.past if day.value is not None)
        rows.append([f"{DAYS} days", sparkline([day.value for day in tried.past])])
        rows.append(["readings", f"{found} of {len(tried.past)} days"])
        rows.append(["baseline", _told_baseline(tried, unit)])
        rows.append(["noise", f"±{number(tried.noise)}{unit}" if tried.noise is not None else "–"])
    elif isinstance(left, Sample):
        rows.append(
            ["past", "not asked: this query cannot answer for a past day (does it use until or as_of?)"]
        )
    rows += [[f"· {name}", str(value)] for name, value in _evidence(left).items()]
    return rows


def _told_baseline(tried: Tried, unit: str) -> str:
    if tried.baseline is None:
        return "none: no reading in the last 7 days"
    spread = f" ±{number(tried.baseline.spread)}" if tried.baseline.spread is not None else ""
    return f"{number(tried.baseline.value)}{spread}{unit}, the median of the last 7 days"


def _evidence(left: Sample | Gap) -> Mapping[str, object]:
    return left.evidence if isinstance(left, Sample) else {}


def _document(tried: Tried) -> dict[str, Any]:
    left = tried.left
    gap = left if isinstance(left, Gap) else None
    return {
        "source": tried.trial.source,
        "query": tried.trial.query,
        "unit": tried.trial.unit,
        "as_of": tried.due.slot.isoformat(),
        "value": left.value if isinstance(left, Sample) else None,
        "reason": gap.reason.value if gap else None,
        "detail": gap.detail if gap else None,
        "evidence": dict(_evidence(left)),
        "answers_the_past": tried.due.binding.answers_the_past,
        "baseline": tried.baseline.document() if tried.baseline else None,
        "noise": tried.noise,
        "past": [{"as_of": day.at.isoformat(), "value": day.value} for day in tried.past],
    }


def _record(document: Mapping[str, Any]) -> dict[str, Any]:
    baseline = document["baseline"]
    flat = {
        name: document[name] for name in ("source", "query", "unit", "as_of", "value", "reason", "detail")
    }
    return flat | {"baseline": baseline["value"] if baseline else None, "noise": document["noise"]}
