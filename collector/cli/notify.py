"""`krd notify`: who is told, and whether telling works."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import FILES, RESULT, epilog, verb

LIST = ("krd notify list",)
TEST = ("krd notify test                # through every notifier", "krd notify test ops -o json")


def add_to(app: typer.Typer) -> None:
    """Add the verb with its two."""
    verbs = typer.Typer(
        help="List the notifiers of the files, or send a test through them.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=epilog((*LIST, *TEST)),
    )
    verb(verbs, "list", "Notifiers of the files.", LIST, FILES, RESULT)(list_notifiers)
    verb(verbs, "test", "Send a test.", TEST, FILES, RESULT)(send_tests)
    app.add_typer(verbs, short_help="List the notifiers, or test them.", name="notify")


def list_notifiers(asked: Asked) -> None:
    """List the notifiers with their kind, what they want to hear, and the teams that use them."""
    from collector.cli.notifier_sheet import list_all

    list_all(asked)


def send_tests(
    asked: Asked,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", show_default=False, help="Only these; else all."),
    ] = None,
) -> None:
    """Send a test announcement now and say how it went. Nothing is stored, and nothing is tried twice.

    Ends with 1 when one was not delivered.
    """
    from collector.cli.notifier_sheet import send_test

    if not send_test(asked, names or []):
        raise typer.Exit(1)
