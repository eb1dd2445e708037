"""`krd record`: enters a value that a person knows and no source does."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    'krd record checkout/nps 27 --as-of 2026-11-30 --note "n=412"',
    "krd record company/arr 12.5M --by sam",
    "krd record finance/margin -2.5",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "record", "Enter a value by hand.", EXAMPLES, STORE, RESULT, numbers=True)(record)


def record(
    asked: Asked,
    key_result: Annotated[
        str, typer.Argument(metavar="KEY_RESULT", help="team/key-result, or an end of it that is unique.")
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number such as 27, 12.5 or 100M.")],
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DATE", show_default=False, help="The day it stands for; else today."
        ),
    ] = None,
    note: Annotated[
        str | None,
        typer.Option("--note", metavar="TEXT", show_default=False, help="What one should know of it: n=412."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", show_default=False, help="Who says so; else the user of this shell."
        ),
    ] = None,
    cycle: Annotated[
        str | None,
        typer.Option(
            "--cycle", metavar="ID", show_default=False, help="The cycle, where several have this address."
        ),
    ] = None,
) -> None:
    """Enter a value for a key result that says `by_hand`, and show what it does to level and status.

    It is marked as entered by hand everywhere. A second value for the same day takes the place of the first; both are
    kept, with who said them and when. A key result that a source measures is refused.
    """
    from collector.cli.record_sheet import Typed, record_value

    record_value(asked, Typed(key_result, value, as_of, note or "", by, cycle))
