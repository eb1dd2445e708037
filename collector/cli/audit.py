"""`krd audit`: who changed what by hand, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd audit                      # the newest lines",
    "krd audit checkout/nps --limit 5 -o json",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "audit", "Who changed what by hand.", EXAMPLES, STORE, RESULT)(audit)


def audit(
    asked: Asked,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY_RESULT]",
            show_default=False,
            help="Only what was done to this one; else everything.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many lines.")] = 50,
) -> None:
    """Show the audit log, the newest line first: values recorded and released, baselines taken anew, days read again.

    A line is written in the same transaction as the change it tells of, and never changed or deleted afterwards. A name
    that the files no longer hold, a source, or a file may be asked for as it stands in the log.
    """
    from collector.cli.audit_sheet import show_audit

    show_audit(asked, subject, limit)
