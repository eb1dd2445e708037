"""`krd demo`: the live lab, from nothing to the first alert in minutes."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import verb

EXAMPLES = (
    "krd demo                       # until Ctrl-C",
    "krd demo --for 3m              # ends by itself",
    "krd demo --keep lab            # keep its files and its store in ./lab",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "demo", "The live lab.", EXAMPLES)(demo)


def demo(
    asked: Asked,
    lasts: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", show_default=False, help="How long it runs: 90s, 3m, 1h."),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="DIR", show_default=False, help="A folder for its files, which stays."
        ),
    ] = None,
) -> None:
    """Start the live lab: a small shop with a real Prometheus, a SQL warehouse and a ticket tracker, watched by krd.

    Its cycle of 100 days takes ten minutes. It prints the address of the page; nothing outside 127.0.0.1 is touched.
    """
    from collector.cli.durations import real_time
    from collector.lab.story import run

    settings = asked.settings()
    asked.log(settings, ordinary="warning")
    duration = real_time("--for", lasts) if lasts else None
    signal.signal(
        signal.SIGTERM, signal.getsignal(signal.SIGINT)
    )  # a service manager's stop clears up like Ctrl-C
    code = run(duration=duration, folder=keep, say=typer.echo)
    if code:
        raise typer.Exit(code)
