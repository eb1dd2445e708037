"""cli.md: every verb with its help as it is printed, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from collector import errors
from collector.cli import verb
from collector.cli.main import app
from tests.in_process import invoke
from tests.reference.errors import kinds_of_error
from tests.reference.markdown import fenced, page, table, unwrapped

WIDTH = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}


def page_of_commands() -> str:
    sections = [
        text for path in verbs() for text in (f"## krd {' '.join(path)}".rstrip(), fenced(help_of(path)))
    ]
    return page(
        "The command line",
        (
            "`krd` where it is installed, `python3 -m collector` in a checkout. Results go to standard output, logs and "
            "progress to standard error; `-o json`, `jsonl`, `csv` and `md` are for machines and minutes."
        ),
        table(("exit code", "means"), exit_codes()),
        "3 and 4 are given by `krd status` with `--exit-code` only, by the other verbs as their help says.",
        *sections,
    )


def exit_codes() -> list[tuple[int, str]]:
    """Give each code with what it means, in the words of the errors that end with it."""
    told: dict[int, list[str]] = {0: ["Done."]}
    told[errors.KrdError.exit_code] = ["Failed, as the message says."]
    for kind in kinds_of_error()[1:]:
        told.setdefault(kind.exit_code, []).append(unwrapped(kind.__doc__))
    told[verb.INTERRUPTED] = ["Interrupted by Ctrl-C."]
    told[verb.PIPE_CLOSED] = ["Whoever read the output went away."]
    return [(code, " ".join(words)) for code, words in sorted(told.items())]


def verbs() -> Iterator[tuple[str, ...]]:
    """Give the words of every verb, the command itself first, groups before their own."""
    yield ()
    command = typer.main.get_command(app)
    yield from _below(command, ())


def _below(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, verb_ in getattr(command, "commands", {}).items():
        yield (*path, name)
        yield from _below(verb_, (*path, name))


def help_of(path: tuple[str, ...]) -> str:
    """Print the help of a verb at a fixed width."""
    told = invoke([*path, "--help"], WIDTH, terminal_width=100)
    assert told.exit_code == 0, told.output
    return told.output
