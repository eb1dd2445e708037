"""`krd backtest`: which drift alerts would have fired, when, and how early."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd backtest                   # everything that is kept, each by its own policy",
    "krd backtest checkout/p95-latency --off-track .10 --on-track .40",
    "krd backtest p95-latency --compare --svg p95.svg",
    "krd backtest --cycle 2026-Q3 --rows days -o csv > p.csv",
)


class Rows(StrEnum):
    """What a row is where rows are written."""

    KEY_RESULTS = "key-results"
    ALERTS = "alerts"
    DAYS = "days"


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "backtest", "Which drift alerts would have fired.", EXAMPLES, STORE, RESULT)(backtest)


def backtest(
    asked: Asked,
    key_results: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY_RESULT]...",
            show_default=False,
            help="team/key-result, or an end of it that is unique; else all. Named ones are drawn.",
        ),
    ] = None,
    *,
    cycle: Annotated[
        str | None, typer.Option("--cycle", metavar="ID", show_default=False, help="Only this cycle.")
    ] = None,
    off_track: Annotated[
        str | None,
        typer.Option("--off-track", metavar="P", show_default=False, help="P(hit) below it is a low day."),
    ] = None,
    on_track: Annotated[
        str | None,
        typer.Option("--on-track", metavar="P", show_default=False, help="P(hit) from it on is a high day."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="N", show_default=False, help="Low days in a row that raise drift."),
    ] = None,
    back: Annotated[
        int | None,
        typer.Option("--back", metavar="N", show_default=False, help="High days in a row that end it."),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Play the usual lines beside it, from .05/.35 to .30/.60.")
    ] = False,
    rows: Annotated[
        Rows | None,
        typer.Option("--rows", show_default=False, help="What a row of jsonl or csv is; else a key result."),
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option(
            "--svg", metavar="FILE", show_default=False, help="Draw the one key result into this file, too."
        ),
    ] = None,
) -> None:
    """Replay the stored days, each as if it had just closed: P(hit) over time, the drift alerts that would have been raised
    and ended, how many weeks before the close, and how often they came back.

    What is not given is as in each key result's own policy (`drift:` in krd.yaml). No source is asked and nothing is changed. Of key
    results whose cycle is over it sums up how many alerts were right, how many misses were told of a week before the close
    and how early; the others are counted apart.

    It cannot know everything: late and restated numbers are in from the start, definitions and baselines are today's, and
    outages, guardrails and held readings are not replayed.
    """
    from collector.cli.backtest_sheet import Wanted, run_backtest
    from collector.cli.policies import Lines, chance

    lines = Lines(chance("--off-track", off_track), chance("--on-track", on_track), days, back)
    run_backtest(asked, Wanted(tuple(key_results or ()), cycle, lines, compare, rows, svg))
