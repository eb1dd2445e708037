"""Prints what a backtest found: the key results that were named drawn, all of them in a table, and what it comes to."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from collector.cli import policies, select
from collector.cli.asked import Asked, Output
from collector.cli.backtest import Rows
from collector.cli.backtest_chart import NARROWEST, drawn
from collector.cli.backtest_document import CANNOT, Case, document, records
from collector.cli.backtest_summary import compared, summed_up
from collector.cli.backtest_svg import as_svg
from collector.cli.backtest_table import sheet_of
from collector.cli.marks import sign
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Report, Section, Sheet, Tone, emit, markdown, table
from collector.cli.plain import counted, for_markdown
from collector.cli.policies import Lines
from collector.domain.hindsight import USUAL, Alarm, Hindsight
from collector.domain.okr import KeyResult, Okrs
from collector.errors import UsageError
from collector.services.backtest import LeftOut, Replayed, backtest

ELSEWHERE = 80
"""Columns of a chart that goes into a file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be replayed by which lines, as typed."""

    names: tuple[str, ...]
    cycle: str | None
    lines: Lines
    compare: bool
    rows: Rows | None
    svg: Path | None


def run_backtest(asked: Asked, wanted: Wanted) -> None:
    """Replay, and print. Raises `UsageError` for lines that cannot be, a name that is not there, and where nothing can be
    replayed.
    """
    wanted.lines.checked()
    if wanted.rows is not None and asked.output not in (Output.JSONL, Output.CSV):
        raise UsageError("--rows goes with -o jsonl and -o csv")
    at = now()
    with kept(asked) as app:
        chosen = _chosen(app.configuration.okrs, wanted, at)
        by = {one.key: wanted.lines.of(one) for one in chosen}
        found = list(backtest(app.store, app.configuration.okrs, chosen, at))
    cases = [
        _case(one, one.by(by[one.key_result.key]), compare=wanted.compare)
        for one in found
        if isinstance(one, Replayed)
    ]
    left_out = [one for one in found if isinstance(one, LeftOut)]
    if not cases and not any(one.waits for one in left_out):
        raise UsageError(_nothing(left_out))
    if wanted.svg is not None and cases:
        _draw(cases, wanted.svg)
    emit(asked, _report(cases, left_out, wanted, at))


def _chosen(okrs: Okrs, wanted: Wanted, at: datetime) -> list[KeyResult]:
    if wanted.cycle is not None:
        select.known("cycle", wanted.cycle, {one.cycle.id for one in okrs.key_results.values()})
        some = {key: one for key, one in okrs.key_results.items() if one.cycle.id == wanted.cycle}
        okrs = replace(okrs, key_results=some)
    if wanted.names:
        return select.key_results(okrs, wanted.names, at)
    return list(okrs.key_results.values())


def _case(replayed: Replayed, played: Hindsight, *, compare: bool) -> Case:
    usual = (
        replace(played.policy, off_track=one.off_track, on_track=one.on_track)
        for one in (USUAL if compare else ())
    )
    return Case(replayed, played, tuple(map(replayed.by, usual)))


def _nothing(left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return "there is nothing to replay: the files hold no key result"
    told = "; ".join(f"{one.key_result.address}: {one.why}" for one in left_out)
    return f"there is nothing to replay: {told}"


def _draw(cases: Sequence[Case], file: Path) -> None:
    if len(cases) != 1:
        raise UsageError(f"--svg draws one key result, and these are {len(cases)}: name one")
    try:
        file.write_text(as_svg(cases[0].asked), "utf-8")
    except OSError as error:
        raise UsageError(f"--svg: {file} cannot be written: {error.strerror}") from None


def _report(cases: Sequence[Case], left_out: Sequence[LeftOut], wanted: Wanted, at: datetime) -> Report:
    width = shutil.get_terminal_size((ELSEWHERE, 24)).columns
    named = cases if wanted.names else ()
    whole = sheet_of(cases, width) if cases else Sheet((), [])
    beside = compared(cases) if wanted.compare and cases else None
    below = [*summed_up(cases), *_left_out(left_out), *(Cell(one, Tone.FAINT) for one in CANNOT)]
    above = [
        line for case in named for line in (*_wrapped(_title(case), width), "", *drawn(case.asked, width), "")
    ]
    usual = ["", *_plainly(beside)] if beside is not None else []
    shown = replace(whole, above=above, below=[*usual, "", *_wrapped(below, width)])
    return Report(
        document(cases, left_out, at),
        records(cases, wanted.rows or Rows.KEY_RESULTS),
        shown,
        _markdown(named, whole, beside, below),
    )


def _title(case: Case) -> list[Cell | str]:
    key_result, played = case.replayed.key_result, case.asked
    span = f"{len(played.days)} of {counted(key_result.days, 'day')} replayed"
    return [
        Cell(f"{sign(case.replayed.verdict).text} {key_result.title}", Tone.TITLE),
        f"{key_result.key}, {key_result.commitment.value}, {span}",
        f"Drift is {policies.told(played.policy)}.",
        *(f"Alert {number}: {_alarm(played, one)}." for number, one in enumerate(played.alarms, start=1)),
    ]


def _alarm(played: Hindsight, alarm: Alarm) -> str:
    grid, days = played.replay.past.key_result.cycle.grid, played.replay.past.key_result.days
    told = f"raised with {grid.name(alarm.raised)}, day {alarm.raised + 1} of {days}, {played.before_close(alarm):.1f} weeks before the close"
    before = played.before_miss(alarm)
    if before is not None and played.lost is not None:
        told += f" and {abs(before):.1f} weeks {'before' if before >= 0 else 'after'} its budget was lost"
    if alarm.ended is not None:
        return f"{told}; ended with {grid.name(alarm.ended)}"
    return f"{told}; {'still on' if played.kept is None else 'on to the end'}"


def _plainly(sheet: Sheet) -> list[str]:
    """Lay out a table that stands below another one."""
    rows = [[column.name for column in sheet.columns], *sheet.sections[0].rows]
    return table(replace(sheet, sections=[Section(rows)], header=False)).splitlines()


def _wrapped(lines: Sequence[Cell | str], width: int) -> list[Cell | str]:
    """Break lines that are too long for the terminal."""
    made: list[Cell | str] = []
    for line in lines:
        text, tone = (line.text, line.tone) if isinstance(line, Cell) else (line, None)
        made += [Cell(part, tone) for part in textwrap.wrap(text, max(width, NARROWEST))]
    return made


def _left_out(left_out: Sequence[LeftOut]) -> list[str]:
    return [f"Not replayed: {one.key_result.key}: {one.why}." for one in left_out]


def _markdown(named: Sequence[Case], whole: Sheet, beside: Sheet | None, below: Sequence[Cell | str]) -> str:
    blocks = []
    for case in named:
        title, *facts = (line.text if isinstance(line, Cell) else line for line in _title(case))
        lines = [line.text if isinstance(line, Cell) else line for line in drawn(case.asked, ELSEWHERE)]
        chart = "\n".join(lines)
        blocks.append(
            f"### {for_markdown(title)}\n\n{for_markdown(' '.join(facts))}\n\n```text\n{chart}\n```\n"
        )
    blocks.append(markdown(whole))
    if beside is not None:
        blocks.append(markdown(beside))
    blocks.append(
        "\n\n".join(for_markdown(one.text if isinstance(one, Cell) else one) for one in below) + "\n"
    )
    return "\n".join(blocks)
