"""`krd explain`: the whole arithmetic of a verdict."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd explain checkout/p95-latency",
    "krd explain p95-latency -o md  # for the minutes of the meeting",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "explain", "The arithmetic of a verdict.", EXAMPLES, STORE, RESULT)(explain)


def explain(
    asked: Asked,
    key_result: Annotated[
        str, typer.Argument(metavar="KEY_RESULT", help="team/key-result, or an end of it that is unique.")
    ],
) -> None:
    """Show today's verdict step by step: the days that entered the level, the baseline with its evidence, operands,
    guardrails, progress or budget with its burn rates, what the pace expects today, how sure a ratio is, the score; the
    forecast with its scale, noise, weekdays, wandering, belief in plan and launches, what the days to come have to bring,
    where it lands and when it is there; coverage, the lines of drift, and the days in a row that keep or change the status.
    """
    from collector.cli.explain_sheet import explain_one

    explain_one(asked, key_result)
