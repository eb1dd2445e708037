"""`krd lint`: every mistake of every file at once, without asking any source."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import FILES, verb

EXAMPLES = (
    "krd lint                       # ./krd.yaml or ./config, and all its key results",
    "krd lint ops/okrs -o json",
    "krd lint -o github             # as annotations in a GitHub workflow",
)


class Form(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "lint", "Check the files offline.", EXAMPLES, FILES)(lint)


def lint(
    asked: Asked,
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", show_default=False, help="krd.yaml or its folder, as with --config."
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--output", "-o", help="How to print the findings.")] = Form.TEXT,
) -> None:
    """Check the files without asking any source: `file:line:column: error CODE: what; what to do`.

    Ends with 3 when there are errors; warnings and notes alone end with 0.
    """
    from collector.app import read_files
    from collector.cli.findings import print_findings
    from collector.clock import WallClock

    settings = asked.settings()
    loaded = read_files(path or settings.config, WallClock().now()).loaded
    print_findings(loaded, form)
    if loaded.errors:
        raise typer.Exit(3)
