"""`krd once`: one pass over what is due, and out."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd once                       # from cron or CI; harmless beside krd run",
    "krd once checkout/p95-latency -o json",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "once", "One pass, and out.", EXAMPLES, STORE, RESULT)(once)


def once(
    asked: Asked,
    key_results: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY_RESULT]...", show_default=False, help="Only these; else all of them."),
    ] = None,
) -> None:
    """Read the newest slot of each key result, heal what was missed, judge, send what is to be said, and end.

    A slot that is recorded already is not recorded again. Ends with 4 when a source could not be reached, else with 1
    when a question was refused.
    """
    from collector.cli.one_pass import run_pass

    code = run_pass(asked, key_results or [])
    if code:
        raise typer.Exit(code)
