"""The table of a backtest: a line a key result, P drawn as far as there is room."""

from __future__ import annotations

from collections.abc import Sequence

from collector.cli.backtest_document import Case
from collector.cli.canvas import Columns
from collector.cli.marks import sign
from collector.cli.output import Cell, Column, Section, Sheet, Tone
from collector.cli.spark import sparkline
from collector.domain.explanation import WORDS
from collector.domain.status import Status

P_OVER = "P over the days"
COLUMNS = (
    Column(""),
    Column("key result"),
    Column(P_OVER),
    Column("P", right=True),
    Column("alerts", right=True),
    Column("first"),
    Column("lead", right=True),
    Column("flaps", right=True),
    Column("now"),
)
_FEWEST, _MOST = 10, 92
_BETWEEN = 2


def sheet_of(cases: Sequence[Case], width: int) -> Sheet:
    """Give a line a key result. Its lead are the weeks from the first alert to the miss, or to the close where there is none."""
    rows = [_row(case, several=_several(cases)) for case in cases]
    place = [column.name for column in COLUMNS].index(P_OVER)
    taken = sum(
        max(len(column.name), *(len(_text(row[at])) for row in rows)) + _BETWEEN
        for at, column in enumerate(COLUMNS)
        if at != place
    )
    room = width - taken
    if room < _FEWEST:
        columns = (*COLUMNS[:place], *COLUMNS[place + 1 :])
        return Sheet(columns, [Section([[*row[:place], *row[place + 1 :]] for row in rows])])
    for case, row in zip(cases, rows, strict=True):
        row[place] = _spark(case, min(room, _MOST))
    return Sheet(COLUMNS, [Section(rows)])


def _several(cases: Sequence[Case]) -> bool:
    return len({case.replayed.key_result.cycle.id for case in cases}) > 1


def _row(case: Case, *, several: bool) -> list[Cell | str]:
    key_result, verdict, played = case.replayed.key_result, case.replayed.verdict, case.asked
    first = played.alarms[0] if played.alarms else None
    ps = [one.p_hit for one in played.days if one.p_hit is not None]
    weeks = played.before_miss(first) if first and played.kept is False else None
    weeks = played.before_close(first) if first and weeks is None else weeks
    return [
        sign(verdict),
        key_result.key if several else key_result.address,
        "",
        f"{ps[-1]:.2f}" if ps else "–",
        str(len(played.alarms)) if played.alarms else "none",
        key_result.cycle.grid.name(first.raised) if first else "",
        f"{weeks:.1f} w" if weeks is not None else "",
        str(played.flaps) if played.alarms else "",
        _word(case),
    ]


def _word(case: Case) -> Cell:
    status = case.replayed.verdict.status
    if case.asked.kept is not None or status is Status.RETIRED:
        return Cell(WORDS[status])
    if case.asked.on:
        return Cell("alert on", Tone.BAD)
    return Cell("no alert", Tone.FAINT)


def _spark(case: Case, room: int) -> str:
    """Draw P from 0 to 1, so that rows can be compared; a gap where nothing was foreseen."""
    played = case.asked
    columns = Columns.fitting(max(len(played.days), 1), room)
    if columns.width > len(played.days):
        columns = Columns(len(played.days), len(played.days))
    values = columns.spread({one.day: one.p_hit for one in played.days if one.p_hit is not None})
    return sparkline([0.0, 1.0, *values])[2:]


def _text(cell: Cell | str) -> str:
    return cell.text if isinstance(cell, Cell) else cell
