"""`krd annotate`: what a person wants to be seen beside the numbers, and what becomes of readings that are held."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb

EXAMPLES = (
    "krd annotate checkout/p95-latency                    # what was said, and what is held",
    'krd annotate p95-latency "new cache in front of the database" --at 2026-11-10',
    'krd annotate p95-latency --release --why "the peak was real: Black Friday"',
    'krd annotate p95-latency --discard 2026-11-10T14:15:00Z --why "a load test"',
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "annotate", "Say something beside the numbers.", EXAMPLES, STORE, RESULT)(annotate)


def annotate(
    asked: Asked,
    key_result: Annotated[
        str, typer.Argument(metavar="KEY_RESULT", help="team/key-result, or an end of it that is unique.")
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT | SLOT...]",
            show_default=False,
            help="What to say; with --release and --discard: which readings, else all that are held.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="INSTANT", show_default=False, help="The instant it is about; else now."
        ),
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="Use held readings after all.")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Never use these readings.")] = False,
    why: Annotated[
        str | None,
        typer.Option(
            "--why", metavar="TEXT", show_default=False, help="The reason for --release and --discard."
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", show_default=False, help="Who says so; else the user of this shell."
        ),
    ] = None,
) -> None:
    """Say something about an instant, decide on readings that are held as implausible, or, without any of these, list both
    with what was decided, by whom and why.

    What is released counts as if it had never been held; what is discarded is kept and never used. Either way every
    closed day is judged anew.
    """
    from collector.cli.annotate_sheet import Said, annotate_one

    annotate_one(asked, key_result, Said(tuple(words or ()), at, why, by, release=release, discard=discard))
