"""`krd init`: a first configuration that loads as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import verb

EXAMPLES = (
    "krd init                       # into ./config",
    "krd init ops/okrs              # into a folder of your choice",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "init", "Write a first configuration.", EXAMPLES)(init)


def init(
    asked: Asked,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to write; made when it is not there.")
    ] = Path("config"),
) -> None:
    """Write a first krd.yaml, key results and the schemas that editors complete from.

    Nothing is ever overwritten: when one of the files exists, nothing is written at all.
    """
    from collector.cli.starting import write_configuration
    from collector.clock import WallClock

    for path in write_configuration(folder, WallClock().now()):
        typer.echo(str(path))
    if not asked.quiet:
        typer.echo(_next_steps(folder), err=True)


def _next_steps(folder: Path) -> str:
    option = "" if folder == Path("config") else f" -c {folder}"
    return (
        "\nNext:\n"
        f"  1. name your people, teams and sources in {folder / 'krd.yaml'}\n"
        f'  2. krd new "Cut p95 checkout latency from 900 ms to 450 ms", and put it into {folder / "okrs/team.yaml"}\n'
        f"  3. krd lint{option} && krd plan{option}, then krd run{option}"
    )
