"""Sums a backtest up: of what is over, how many alerts were right and how early; of what is open, how many are on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.cli.backtest_document import Case
from collector.cli.output import Cell, Column, Section, Sheet, Tone
from collector.cli.plain import counted
from collector.cli.policies import pair
from collector.domain.explanation import percent
from collector.domain.hindsight import NOTICE, Hindsight, Tally, tally

FEW = 20
"""Key results that are over, below which shares of them say little."""


def summed_up(cases: Sequence[Case]) -> Iterator[Cell | str]:
    """Say it in sentences."""
    if not cases:
        yield "Nothing can be replayed yet."
        return
    found = tally([case.asked for case in cases])
    over = found.missed + found.kept
    if over:
        yield Cell(
            f"Over: {counted(over, 'key result')}, {found.missed} missed, {found.kept} achieved.", Tone.TITLE
        )
        yield from _of_misses(found)
        yield (
            f"A key result had {found.false_alarms or 0.0:.2f} false alarms and {found.flaps or 0.0:.2f} flaps: "
            "alerts on what was achieved, and alerts that came back."
        )
        if over < FEW:
            yield f"Shares of fewer than {FEW} key results say little."
    if found.undecided:
        yield Cell(
            f"Undecided: {counted(found.undecided, 'key result')}, {found.on} with an alert on.", Tone.TITLE
        )
    if found.earliest is None:
        yield "No alert would have fired."
        return
    raised = f"{counted(found.alerts, 'alert')} on {counted(found.alerted, 'key result')}"
    early = f"the first one {found.earliest:.1f} weeks before the close (median)"
    yield f"In all {raised}, {early}, {counted(found.all_flaps, 'flap')}."


def _of_misses(found: Tally) -> Iterator[str]:
    if found.precision is None:
        yield "None of them had an alert."
    else:
        yield f"Precision {percent(found.precision)}: so many of those with an alert were missed."
    if found.missed:
        yield (
            f"Recall {percent(found.recall)}: so many misses were told of with a thirteenth of the cycle left; "
            f"{percent(found.notice)} {NOTICE} weeks before or earlier; median lead {found.lead or 0.0:.1f} weeks."
        )


def compared(cases: Sequence[Case]) -> Sheet:
    """Give a line a pair of lines, the one that was played first."""
    over = any(case.asked.kept is not None for case in cases)
    columns = [
        Column("off / on track"),
        Column("alerts", right=True),
        Column("first alert" if len(cases) == 1 else "key results", right=True),
        Column("weeks before the close", right=True),
        Column("flaps", right=True),
    ]
    if over:
        columns += [
            Column(name, right=True) for name in ("precision", "recall", "median lead", "false alarms")
        ]
    played = [("played", [case.asked for case in cases])]
    played += [("", list(one)) for one in zip(*(case.usual for case in cases), strict=True)]
    return Sheet(columns, [Section([_row(name, those, over=over) for name, those in played])])


def _row(name: str, played: Sequence[Hindsight], *, over: bool) -> list[str]:
    found = tally(played)
    row = [
        _lines(name, played),
        str(found.alerts),
        _first(played[0]) if len(played) == 1 else str(found.alerted),
        f"{found.earliest:.1f}" if found.earliest is not None else "–",
        str(found.all_flaps),
    ]
    if over:
        row += [
            percent(found.precision),
            percent(found.recall),
            _weeks(found.lead),
            _weeks(found.false_alarms, 2),
        ]
    return row


def _lines(name: str, played: Sequence[Hindsight]) -> str:
    pairs = {pair(one.policy) for one in played}
    lines = pairs.pop() if len(pairs) == 1 else "each its own"
    return f"{lines} ({name})" if name else lines


def _first(played: Hindsight) -> str:
    cycle = played.replay.past.key_result.cycle
    return cycle.grid.name(played.alarms[0].raised) if played.alarms else "–"


def _weeks(value: float | None, digits: int = 1) -> str:
    return f"{value:.{digits}f}" if value is not None else "–"
