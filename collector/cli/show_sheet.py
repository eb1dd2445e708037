"""Shows one key result with everything that is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from collector.cli.asked import Asked
from collector.cli.everything import SHOWN_DAYS, Everything, gather
from collector.cli.forecast_rows import forecast
from collector.cli.history_rows import Rows, history, stamp, told
from collector.cli.marks import drawn, measured, promised, sign, way, word
from collector.cli.measure_rows import guardrails, measure, named, parts, texts
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.recorded import find, held
from collector.cli.removed_sheet import gone_report
from collector.cli.show_document import document_of
from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.explanation import number
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult
from collector.domain.phrases import BY_HAND, level_of, release, scores, used_of
from collector.domain.reasons import no_last_close
from collector.domain.sample import Origin, Sample
from collector.domain.shape import LastCycle, Reach, Total
from collector.services.read_models import status_document


def show_one(asked: Asked, wanted: str) -> None:
    """Print everything of the key result that `wanted` names."""
    at = now()
    with kept(asked) as app:
        okrs = app.configuration.okrs
        known = held(app.store, okrs)
        key = find(okrs, known, wanted, at)
        if key not in okrs.key_results:
            emit(asked, gone_report(app, known[key], at))
            return
        everything = gather(app, key, at)
    standing = everything.standing
    record = status_document(standing.key_result, standing.evaluation, standing.unexplained)
    columns = (Column("what"), Column("found"))
    sections = [Section(rows, title) for title, rows in _rows(everything) if rows]
    sheet = Sheet(columns, sections, above=_heading(everything), header=False)
    emit(asked, Report(document_of(everything), [record], sheet))


def _heading(everything: Everything) -> list[Cell | str]:
    standing = everything.standing
    status = word(standing)
    lines: list[Cell | str] = [
        Cell(f"{sign(standing.evaluation).text} {standing.key_result.title}", Tone.TITLE),
        Cell(status.text, status.tone),
    ]
    sentence = standing.evaluation.sentence if standing.evaluation else standing.key_result.not_run
    return [*lines, sentence] if sentence else lines


def _rows(everything: Everything) -> Iterator[tuple[str, Rows]]:
    standing = everything.standing
    yield "Promise", _promise(everything)
    yield "Forecast", forecast(standing.key_result, standing.evaluation)
    yield "Measure", measure(standing.key_result)
    yield "Guardrails", guardrails(standing.key_result, standing.evaluation)
    yield "Other series", parts(everything)
    yield "Data", _data(everything)
    yield "Held", _held(everything)
    yield "Evidence of the newest reading", _evidence(everything.newest, standing.key_result.binding)
    yield from history(everything)


def _promise(everything: Everything) -> Rows:
    standing = everything.standing
    key_result, verdict = standing.key_result, standing.evaluation
    baseline, target = promised(key_result)
    if verdict is not None:
        baseline = verdict.baseline if verdict.baseline is not None else baseline
        target = verdict.target if verdict.target is not None else target
    rows: Rows = [
        ["address", key_result.key],
        ["written at", key_result.place],
        ["owner", everything.owner],
        ["commitment", key_result.commitment.value],
        ["way", way(key_result, baseline, target)],
    ]
    if standing.baseline is not None:
        rows.append(["baseline", told_baseline(standing.baseline, key_result.unit)])
    if verdict is None:
        return rows
    if verdict.budget is not None:
        rows.append(["used", used_of(key_result.shape, verdict)])
    if verdict.score is not None:
        rows.append(["score" if verdict.over else "score so far", scores(verdict)])
    rows += [["because", reason] for reason in verdict.reasons]
    return rows


def _data(everything: Everything) -> Rows:
    standing = everything.standing
    verdict = standing.evaluation
    if verdict is None:
        return []
    by_hand = f", {BY_HAND} by hand" if verdict.by_hand else ""
    rows: Rows = [
        ["health", verdict.health.value + (", waits for the load" if standing.waiting else "")],
        ["current", measured(verdict.current, standing.key_result.unit) + by_hand],
        ["level", level_of(standing.key_result, verdict.level)],
        ["attempted", told(verdict.attempted, verdict.at)],
        ["succeeded", told(verdict.succeeded, verdict.at)],
        ["data as of", told(verdict.as_of, verdict.at)],
        [f"last {SHOWN_DAYS} days", drawn(standing) or "nothing yet"],
    ]
    return [*rows, ["trouble", Cell(verdict.trouble, Tone.BAD)]] if verdict.trouble else rows


def _held(everything: Everything) -> Rows:
    """What is held of its main series, and how a person decides about it."""
    key_result, verdict = everything.standing.key_result, everything.standing.evaluation
    if verdict is None or verdict.held is None:
        return []
    held = verdict.held
    return [
        ["readings", str(held.count)],
        ["newest", Cell(f"{measured(held.value, key_result.unit)} of {stamp(held.slot)}", Tone.WORRY)],
        ["why", held.why],
        ["decide", release(key_result.address)],
    ]


def _evidence(newest: Sample | None, binding: Binding | None) -> Rows:
    if newest is None:
        return []
    by_hand = newest.origin is Origin.BY_HAND
    rows: Rows = [
        ["value", number(newest.value)],
        ["origin", f"{BY_HAND} by hand" if by_hand else newest.origin.value],
    ]
    asks = tuple(texts(binding)) if binding is not None else ()
    if newest.num is not None:
        of = " / ".join(asks) or "parts"
        rows.append([of, f"{number(newest.num)} / {number(newest.den)}"])
    return rows + [
        [named(name, newest.evidence, asks), str(value)] for name, value in newest.evidence.items()
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


def why_no_baseline(key_result: KeyResult) -> str:
    """Say why there is no baseline, in the words of the verdict."""
    shape = key_result.shape
    if isinstance(shape, Reach | Total) and isinstance(shape.start, LastCycle):
        return no_last_close(key_result)
    if isinstance(shape, Reach):
        return "not known yet: it is taken from the days before the cycle, once they were read"
    return "none: this promise is judged without one"
