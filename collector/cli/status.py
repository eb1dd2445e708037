"""`krd status`: where every key result stands."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd status                     # everything",
    "krd status --team checkout --owner li",
    "krd status -o json | jq '.[] | select(.status == \"off_track\") | .address'",
    "krd status --exit-code         # for CI: 3 when one is behind, 4 when one cannot be told",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "status", "Where every key result stands.", EXAMPLES, STORE, RESULT)(status)


def status(
    asked: Asked,
    cycle: Annotated[
        str | None, typer.Option("--cycle", metavar="ID", show_default=False, help="Only this cycle.")
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", metavar="ID", show_default=False, help="Only this team.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="ID", show_default=False, help="Only this person's.")
    ] = None,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help="End with 4 when the data of one is stale or missing, else with 3 when one is at risk, off track or missed.",
        ),
    ] = False,
) -> None:
    """Show each key result with its last days, its way, progress, forecast, status and the age of its data.

    Everything is judged for this instant from what is stored; no source is asked. ● on track, ▲ at risk, ■ off track,
    ✓ achieved, ✗ missed, ◌ not measured: data that cannot be trusted is never green. ✎ marks what a person enters by hand.

    The active cycle comes first, the closed one last. Below stands what a person has to settle: broken guardrails, held
    readings, edits without a reason, and key results that were removed without one.
    """
    from collector.cli.status_sheet import Wanted, show_status

    code = show_status(asked, Wanted(cycle, team, owner))
    if exit_code and code:
        raise typer.Exit(code)
