"""`krd test`: plays quarters that are written as text, and compares what krd says with what stands beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, verb

EXAMPLES = (
    "krd test scenarios/checkout.yaml",
    "krd test scenarios             # every *.yaml of a folder",
    "krd test scenarios -o json",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "test", "Play scenarios against definitions.", EXAMPLES, RESULT)(rehearse)


def rehearse(
    asked: Asked,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", show_default=False, help="Files of scenarios, or folders."),
    ],
) -> None:
    """Play the scenarios of each file against the definitions in or beside it: no source is asked, nothing is kept.

    Ends with 1 when krd says something else than expected, with 3 when a file has a mistake.
    """
    from collector.cli.rehearse_sheet import play_files

    asked.log(asked.settings(), ordinary="error")
    if not play_files(asked, files):
        raise typer.Exit(1)
