"""`krd show`: everything known of one key result."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd show checkout/p95-latency",
    "krd show p95-latency -o json   # an end of the address is enough when it is the only one",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "show", "Everything of one key result.", EXAMPLES, STORE, RESULT)(show)


def show(
    asked: Asked,
    key_result: Annotated[
        str, typer.Argument(metavar="KEY_RESULT", help="team/key-result, or an end of it that is unique.")
    ],
) -> None:
    """Show where it is written, what is asked, its verdict, evidence, baseline, last days, guardrails, operands, what is
    held, earlier measures with their frozen verdicts, edits, values by hand, replaced numbers, annotations, gaps, alerts,
    and three times: when it was last attempted, when that last succeeded, and what time its data stands for. Of one that
    the files no longer hold: what is known of it.
    """
    from collector.cli.show_sheet import show_one

    show_one(asked, key_result)
