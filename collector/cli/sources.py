"""`krd sources`: what the files read from, and whether it is there."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import FILES, RESULT, epilog, verb

LIST = ("krd sources list", "krd sources list -o json")
CHECK = ("krd sources check              # all of them", "krd sources check prod -o json")


def add_to(app: typer.Typer) -> None:
    """Add the verb with its two."""
    verbs = typer.Typer(
        help="List the sources of the files, or check that they are there.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=epilog((*LIST, *CHECK)),
    )
    verb(verbs, "list", "Sources of the files.", LIST, FILES, RESULT)(list_sources)
    verb(verbs, "check", "Are they there?", CHECK, FILES, RESULT)(check_sources)
    app.add_typer(verbs, short_help="List the sources, or check them.", name="sources")


def list_sources(asked: Asked) -> None:
    """List the sources with their kind, owner and the key results behind them, be it through a guardrail or an operand. Asks
    none of them.
    """
    from collector.cli.source_sheet import list_all

    list_all(asked)


def check_sources(
    asked: Asked,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", show_default=False, help="Only these; else all."),
    ] = None,
) -> None:
    """Ask each source whether it is there, who we are there, and how its clock stands.

    Ends with 4 when one cannot be used.
    """
    from collector.cli.source_sheet import check

    if not check(asked, names or []):
        raise typer.Exit(4)
