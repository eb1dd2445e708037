"""`krd plan`: what the files would do, asked live and written nowhere."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd plan                       # every binding, live and read-only",
    "krd plan --offline             # what the files change, without asking any source",
    "krd plan -c config -o md       # a comment for the pull request that changes the files",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "plan", "Ask every binding live; write nothing.", EXAMPLES, STORE, RESULT)(plan)


def plan(
    asked: Asked,
    offline: Annotated[
        bool, typer.Option("--offline", help="Compare definitions and verdicts only; ask no source.")
    ] = False,
) -> None:
    """Ask every binding live; show values, baselines, targets, and what is new, changed, renamed or gone against the store,
    with the verdicts before and after the change. A measure that changes is another series, so the verdict after it is
    not known until it is read (`not_known` in JSON).

    Nothing is written: neither to a source nor to the store. Without a store everything is new. Ends with 1 when a
    question failed; an answer with nothing in it is shown, and is no failure.
    """
    from collector.cli.plan_sheet import print_plan

    if not print_plan(asked, offline=offline):
        raise typer.Exit(1)
