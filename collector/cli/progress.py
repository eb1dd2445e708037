"""Shows on standard error that something takes its time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from collector.cli.asked import Asked

PATIENCE = 2.0
"""Seconds after which a person begins to wonder."""


@contextmanager
def working(asked: Asked, what: str) -> Iterator[Callable[[str], None]]:
    """Say `what` is being done until the block ends; the function given says what is being done now.

    On a terminal it is a spinner; elsewhere it is one line, and only when it takes longer than `PATIENCE`.
    """
    if asked.quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        yield from _spinner(asked, what)
    else:
        yield from _line(what)


def _spinner(asked: Asked, what: str) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, no_color=asked.colour is False)
    with console.status(Text(f"{what} …")) as status:
        yield lambda now: status.update(Text(f"{now} …"))


def _line(what: str) -> Iterator[Callable[[str], None]]:
    now = what

    def said(text: str) -> None:
        nonlocal now
        now = text

    timer = threading.Timer(PATIENCE, lambda: typer.echo(f"{now} …", err=True))
    timer.daemon = True
    timer.start()
    try:
        yield said
    finally:
        timer.cancel()
