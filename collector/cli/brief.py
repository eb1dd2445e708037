"""`krd brief`: the sheet before the next sync."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.brief_forms import BriefOutput
from collector.cli.verb import STORE, verb

EXAMPLES = (
    "krd brief                      # of every team, printed",
    "krd brief checkout -o md       # or html, or slack: as it is sent",
    "krd brief checkout --send      # now, to those who get it; it is not sent again at its moment",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "brief", "The sheet before the next sync.", EXAMPLES, STORE, ("no_color",))(brief)


def brief(
    asked: Asked,
    team: Annotated[
        str | None, typer.Argument(metavar="[TEAM]", show_default=False, help="Only this team; else all.")
    ] = None,
    cycle: Annotated[
        str | None,
        typer.Option(
            "--cycle", metavar="ID", show_default=False, help="Only this cycle; else those that have begun."
        ),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Put it into the outbox and deliver it now, once a sync.")
    ] = False,
    output: Annotated[
        BriefOutput,
        typer.Option("--output", "-o", help="How to print it: html and slack as it is sent, of one team."),
    ] = BriefOutput.TABLE,
) -> None:
    """Print what a team should know before its next sync: what needs a decision, what moved, what cannot be trusted, and
    what is to be settled beside the numbers. The next sync comes first. A cycle that has not begun is a draft: it is told of
    when it is asked for.

    With --send the list tells of each letter whether it was delivered, or what it waits for; ends with 1 unless all were.
    """
    from collector.cli.brief_sending import send_briefs
    from collector.cli.brief_sheet import print_briefs

    if not send:
        print_briefs(asked, team, cycle, output)
    elif not send_briefs(asked, team, cycle, output):
        raise typer.Exit(1)
