"""`krd new`: from a sentence to the YAML of a key result."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import verb

EXAMPLES = (
    'krd new "Cut p95 checkout latency from 900 ms to 450 ms"',
    'krd new "No more than 3 Sev-1 incidents"',
    'krd new "No more than 3 Sev-1 incidents this cycle"',
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "new", "Turn a sentence into YAML.", EXAMPLES)(new)


def new(
    asked: Asked,  # noqa: ARG001 - every verb is given what was asked
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="The key result in one sentence.")],
) -> None:
    """Print the YAML of a key result, told from its sentence, to be put under `key_results:`.

    The shape, the numbers and the unit are read from the words; `…` stands where only you know.
    """
    from collector.configuration.new import key_result_from

    typer.echo(key_result_from(sentence), nl=False)
