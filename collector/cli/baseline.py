"""`krd baseline`: where a key result began, and how we know."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd baseline checkout/p95-latency",
    'krd baseline p95-latency --again --why "the week before the start was read again"',
    "krd baseline p95-latency --freeze",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "baseline", "Where a key result began.", EXAMPLES, STORE, RESULT)(baseline)


def baseline(
    asked: Asked,
    key_result: Annotated[
        str, typer.Argument(metavar="KEY_RESULT", help="team/key-result, or an end of it that is unique.")
    ],
    again: Annotated[
        bool, typer.Option("--again", help="Take it anew from the stored days before the cycle.")
    ] = False,
    freeze: Annotated[bool, typer.Option("--freeze", help="Let no late data move it any more.")] = False,
    why: Annotated[
        str | None,
        typer.Option("--why", metavar="TEXT", show_default=False, help="The reason; --again asks for one."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", show_default=False, help="Who does it; else the user of this shell."
        ),
    ] = None,
) -> None:
    """Show the baseline with its kind, its spread, the days it was taken from, and whether late data may still move it.

    A measured baseline freezes by itself once `settle` and `matures` have passed. `--again` takes a frozen one anew from
    what is stored now, and has every day of the cycle judged anew by it; `krd backfill` fills the days first where they
    are missing. No source is asked.
    """
    from collector.cli.baseline_sheet import Wanted, show_baseline

    show_baseline(asked, key_result, Wanted(again, freeze, why, by))
