"""`krd export`: everything that is kept, row by row, for spreadsheets and warehouses."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import STORE, verb

EXAMPLES = (
    "krd export checkout/p95-latency > p95.csv",
    "krd export --what verdicts -o jsonl --from 2026-10-01 --to 2026-10-31",
    "krd export --what audit -o json | jq '.[] | select(.actor == \"li\")'",
)


class What(StrEnum):
    """What there is to export."""

    SAMPLES = "samples"
    GAPS = "gaps"
    DAYS = "days"
    VERDICTS = "verdicts"
    TRANSITIONS = "transitions"
    RESTATEMENTS = "restatements"
    ANNOTATIONS = "annotations"
    AUDIT = "audit"


class Form(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSONL = "jsonl"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "export", "Everything kept, row by row.", EXAMPLES, STORE)(export)


def export(
    asked: Asked,
    key_results: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY_RESULT]...",
            show_default=False,
            help="Only of these, removed ones too; else of all.",
        ),
    ] = None,
    what: Annotated[What, typer.Option("--what", help="Which rows.")] = What.SAMPLES,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="INSTANT", show_default=False, help="The first day or instant; else all."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="INSTANT", show_default=False, help="The last day or instant; else all."
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--output", "-o", help="How to write rows.")] = Form.CSV,
) -> None:
    """Write rows as they are read, so that memory does not grow with them: times are RFC 3339 in UTC, numbers are exact.

    Held and discarded readings, where a number came from (live, healed, restated, by hand), and measures of before are
    among them, and so are key results that the files no longer hold. Each portion is read by itself, so that a slow reader holds nothing up. CSV turns no text into a formula.
    `audit` and `transitions` come in the order they were written, newest first in `audit`.
    """
    from collector.cli.exporting import Wanted, write_rows

    write_rows(asked, Wanted(tuple(key_results or ()), what, since, until, form))
