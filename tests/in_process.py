"""Runs `krd …` in this process, as typer's own runner does, but with the commands made once: making them takes 110 ms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from typer import testing

from collector.cli.main import app

testing._get_command = cache(
    testing._get_command
)  # the runner takes a Typer only, and makes all anew each time


def invoke(words: Sequence[str], environment: Mapping[str, str | None], **more: object) -> testing.Result:
    """Run krd with these words and variables; a variable that is None is taken away."""
    return testing.CliRunner(env=environment).invoke(app, words, prog_name="krd", **more)
