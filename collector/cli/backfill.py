"""`krd backfill`: reads past slots again, because a person wants it."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd backfill checkout/p95-latency                    # every slot that has no number",
    "krd backfill p95-latency --from 2026-11-01 --to 2026-11-03",
    "krd backfill activation refunds --from 2026-11-01 --restate",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "backfill", "Read past slots again.", EXAMPLES, STORE, RESULT)(backfill)


def backfill(
    asked: Asked,
    key_results: Annotated[
        list[str], typer.Argument(metavar="KEY_RESULT...", help="team/key-result, or a unique end of it.")
    ],
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="INSTANT",
            show_default=False,
            help="The first day or instant; else 28 days before the cycle.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="INSTANT", show_default=False, help="The last one; else the newest slot due."
        ),
    ] = None,
    restate: Annotated[
        bool,
        typer.Option(
            "--restate",
            help="Ask for slots that have a number, too; another number takes the old one's place.",
        ),
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", show_default=False, help="Who does it; else the user of this shell."
        ),
    ] = None,
) -> None:
    """Ask the sources about past slots that have no number, and judge the days anew that change by it.

    A key result's guardrails and operands are asked about, too. What is replaced is kept with both times; readings that
    are held or discarded are left to people. Harmless beside `krd run`, and when done twice. A query that cannot be asked
    about the past is refused. Ends with 4 when a source could not be asked to the end, else with 1 when a question was
    refused.
    """
    from collector.cli.backfill_sheet import Wanted, run_backfill

    code = run_backfill(asked, key_results, Wanted(since, until, restate, by))
    if code:
        raise typer.Exit(code)
