"""Shows one key result with everything that is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from collector.app import App
from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.marks import SHOWN_DAYS, drawn, measured, sign, way, word
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.domain.alert import Alert, AlertKind, fingerprint_of
from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import ago, number
from collector.domain.sample import Gap, Sample
from collector.domain.span import Span
from collector.services.read_models import Standing, standings, status_document

SHOWN_GAPS = 5


@dataclass(frozen=True, slots=True)
class Everything:
    """What the store keeps of one key result."""

    standing: Standing
    newest: Sample | None
    gaps: Sequence[Gap]
    """Newest last."""
    alerts: Sequence[Alert]
    owner: str


def show_one(asked: Asked, wanted: str) -> None:
    """Print everything of the key result that `wanted` names."""
    at = now()
    with kept(asked) as app:
        everything = gather(app, select.key_result(app.configuration.okrs, wanted, at).key, at)
    document = _document(everything)
    columns = (Column("what"), Column("found"))
    sections = [Section(rows, title) for title, rows in _rows(everything) if rows]
    sheet = Sheet(columns, sections, above=_heading(everything), header=False)
    emit(asked, Report(document, [status_document(*_verdict(everything))], sheet))


def gather(app: App, key: str, at: datetime) -> Everything:
    """Read what is kept of the key result `key` (`cycle:address`)."""
    okrs = app.configuration.okrs
    standing = next(one for one in standings(app.store, okrs, at) if one.key_result.key == key)
    key_result = standing.key_result
    newest: Sample | None = None
    gaps: Sequence[Gap] = ()
    with app.store.read() as tx:
        if standing.series is not None:
            since = key_result.cycle.back(at, Span(days=SHOWN_DAYS))
            slot = tx.currents([standing.series])[standing.series].slot
            if slot is not None:
                just_before = slot - timedelta(microseconds=1)
                newest = next(iter(tx.samples([standing.series], just_before, slot)[standing.series]), None)
            gaps = tx.gaps([standing.series], since, at)[standing.series]
        subjects = [(AlertKind.DRIFT, key), (AlertKind.STALE, key)]
        if key_result.binding is not None:
            subjects.append((AlertKind.SOURCE_DOWN, key_result.binding.source))
        known = tx.alerts([fingerprint_of(kind, subject) for kind, subject in subjects])
    person = okrs.people.get(key_result.owner)
    return Everything(
        standing, newest, gaps, list(known.values()), person.name if person else key_result.owner
    )


def _verdict(everything: Everything) -> tuple[Any, Evaluation | None]:
    return everything.standing.key_result, everything.standing.evaluation


def _heading(everything: Everything) -> list[Cell | str]:
    standing = everything.standing
    status = word(standing)
    lines: list[Cell | str] = [
        Cell(f"{sign(standing.evaluation).text} {standing.key_result.title}", Tone.TITLE),
        Cell(status.text, status.tone),
    ]
    sentence = standing.evaluation.sentence if standing.evaluation else standing.key_result.not_run
    return [*lines, sentence] if sentence else lines


def _rows(everything: Everything) -> list[tuple[str, list[list[Cell | str]]]]:
    return [
        ("Promise", _promise(everything)),
        ("Measure", _measure(everything)),
        ("Data", _data(everything)),
        ("Evidence of the newest reading", _evidence(everything.newest)),
        ("Gaps", _gaps(everything.gaps)),
        ("Alerts", _alerts(everything.alerts)),
    ]


def _promise(everything: Everything) -> list[list[Cell | str]]:
    standing = everything.standing
    key_result, verdict = standing.key_result, standing.evaluation
    rows: list[list[Cell | str]] = [
        ["address", key_result.key],
        ["written at", key_result.place],
        ["owner", everything.owner],
        ["commitment", key_result.commitment.value],
    ]
    if verdict is not None:
        rows.append(["way", way(key_result, verdict.baseline, verdict.target)])
    if standing.baseline is not None:
        rows.append(["baseline", told_baseline(standing.baseline, key_result.unit)])
    return rows


def _measure(everything: Everything) -> list[list[Cell | str]]:
    binding = everything.standing.key_result.binding
    if binding is None:
        return []
    rows: list[list[Cell | str]] = [["source", binding.source], ["every", str(binding.every)]]
    names = ("query",) if len(binding.texts) == 1 else ("numerator", "denominator")
    for name, text in zip(names, binding.texts, strict=True):
        first, *others = text.strip().split("\n")
        rows.append([name, first])
        rows += [["", line] for line in others]
    rows += [["pick", f"{label}={value}"] for label, value in binding.pick.items()]
    return rows


def _data(everything: Everything) -> list[list[Cell | str]]:
    standing = everything.standing
    verdict = standing.evaluation
    if verdict is None:
        return []
    unit = standing.key_result.unit
    rows: list[list[Cell | str]] = [
        ["health", verdict.health.value],
        ["current", measured(verdict.current, unit)],
        ["level", measured(verdict.level, unit)],
        ["attempted", _told(verdict.attempted, verdict.at)],
        ["succeeded", _told(verdict.succeeded, verdict.at)],
        ["data as of", _told(verdict.as_of, verdict.at)],
        [f"last {SHOWN_DAYS} days", drawn(standing) or "nothing yet"],
    ]
    return [*rows, ["trouble", Cell(verdict.trouble, Tone.BAD)]] if verdict.trouble else rows


def _evidence(newest: Sample | None) -> list[list[Cell | str]]:
    if newest is None:
        return []
    rows: list[list[Cell | str]] = [["value", number(newest.value)], ["origin", newest.origin.value]]
    if newest.num is not None:
        rows.append(["parts", f"{number(newest.num)} / {number(newest.den)}"])
    rows += [[name, str(value)] for name, value in newest.evidence.items()]
    return rows


def _gaps(gaps: Sequence[Gap]) -> list[list[Cell | str]]:
    rows: list[list[Cell | str]] = [
        [f"{gap.slot.astimezone(UTC):%Y-%m-%d %H:%M:%S}", f"{gap.reason.value}: {gap.detail}"]
        for gap in reversed(gaps[-SHOWN_GAPS:])
    ]
    more = len(gaps) - SHOWN_GAPS
    return [*rows, ["", f"… and {more} more in the last {SHOWN_DAYS} days"]] if more > 0 else rows


def _alerts(alerts: Sequence[Alert]) -> list[list[Cell | str]]:
    return [
        [alert.kind.value, f"{alert.state.value} since {_stamp(alert.since)}, episode {alert.episode}"]
        for alert in alerts
    ]


def told_baseline(baseline: Baseline, unit: str) -> str:
    """Say a baseline with whose word it is, its spread, and whether it may still move."""
    spread = f" ±{number(baseline.spread)}" if baseline.spread is not None else ""
    return f"{measured(baseline.value, unit)}{spread}, {origin_of(baseline)}"


def origin_of(baseline: Baseline) -> str:
    """Say whose word a baseline is, and whether it may still move."""
    match baseline.kind:
        case BaselineKind.TYPED:
            return "the author's word"
        case BaselineKind.MEASURED:
            still = "; late data may still move it" if baseline.provisional else ""
            return f"the median of the days before the cycle{still}"
        case BaselineKind.FIRST_READING:
            return "the first reading: the source gave nothing about the time before"
        case BaselineKind.LAST_CYCLE:
            still = "; that cycle is not closed yet" if baseline.provisional else ""
            return f"what the cycle {baseline.evidence.get('cycle', '')} closed with{still}"
        case never:
            assert_never(never)


def _told(moment: datetime | None, at: datetime) -> str:
    return f"{_stamp(moment)} ({ago(at - moment)} ago)" if moment is not None else "never"


def _stamp(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment is not None else "–"


def _document(everything: Everything) -> Mapping[str, Any]:
    standing, newest = everything.standing, everything.newest
    key_result = standing.key_result
    binding = key_result.binding
    return {
        **status_document(key_result, standing.evaluation),
        "place": key_result.place,
        "measure": {
            "source": binding.source,
            "texts": list(binding.texts),
            "every": str(binding.every),
            "pick": dict(binding.pick),
        }
        if binding is not None
        else None,
        "baseline_evidence": standing.baseline.document() if standing.baseline else None,
        "newest": {
            "slot": newest.slot.isoformat(),
            "value": newest.value,
            "num": newest.num,
            "den": newest.den,
            "origin": newest.origin.value,
            "evidence": dict(newest.evidence),
        }
        if newest
        else None,
        "days_kept": [
            {
                "day": day.day,
                "value": day.value,
                "n": day.n,
                "low": day.low,
                "high": day.high,
                "last": day.last,
            }
            for day in standing.days[-SHOWN_DAYS:]
        ],
        "gaps": [
            {"slot": gap.slot.isoformat(), "reason": gap.reason.value, "detail": gap.detail}
            for gap in everything.gaps
        ],
        "alerts": [
            {
                "kind": alert.kind.value,
                "state": alert.state.value,
                "episode": alert.episode,
                "since": alert.since.isoformat() if alert.since else None,
            }
            for alert in everything.alerts
        ],
    }
