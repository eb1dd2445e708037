"""`krd try`: what a source answers to a query, before anyone promises anything."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import FILES, RESULT, verb

EXAMPLES = (
    'krd try prod "sum(rate(http_requests_total[5m]))"',
    "krd try prod 'p95_seconds' --pick service=checkout --unit s",
    'krd try warehouse "SELECT count(*) FROM orders WHERE at >= :since AND at < :until" --window 7d',
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "try", "Ask a source, live and in the past.", EXAMPLES, FILES, RESULT)(try_query)


def try_query(
    asked: Asked,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A source of krd.yaml.")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to ask, as in `query:`.")],
    pick: Annotated[
        list[str] | None,
        typer.Option("--pick", metavar="K=V", show_default=False, help="A label or column; may be repeated."),
    ] = None,
    unit: Annotated[str, typer.Option("--unit", show_default=False, help="The unit to show.")] = "",
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="TIME", show_default=False, help="As `every:`; else the source's."),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option("--window", metavar="TIME", show_default=False, help="As `window:`; else --every."),
    ] = None,
) -> None:
    """Read a query live and print the value, the evidence, and, when the source answers the past, 28 days of it.

    The past gives the baseline that `from: measured` would take now, and the noise that a change has to exceed. Nothing
    is written anywhere.
    """
    from collector.cli.trying import Trial, try_it

    code = try_it(asked, Trial(source, query, tuple(pick or ()), unit, every, window))
    if code:
        raise typer.Exit(code)
