"""`krd schema`: the JSON Schemas that editors complete from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import verb

EXAMPLES = (
    "krd schema                     # of okrs/*.yaml",
    "krd schema krd > config/schema/krd.schema.json",
)


class File(StrEnum):
    """Which file a schema describes."""

    KRD = "krd"
    OKRS = "okrs"


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "schema", "The JSON Schemas of the files.", EXAMPLES)(schema)


def schema(
    asked: Asked,  # noqa: ARG001 - every verb is given what was asked
    which: Annotated[
        File, typer.Argument(metavar="[krd|okrs]", help="krd.yaml, or okrs/*.yaml.")
    ] = File.OKRS,
) -> None:
    """Print a JSON Schema (draft 7), with the options of every kind of source and notifier installed here."""
    from collector.configuration.schema import KRD_SCHEMA, OKRS_SCHEMA, schemas
    from collector.registry.kinds import catalogue

    name = KRD_SCHEMA if which is File.KRD else OKRS_SCHEMA
    typer.echo(schemas(catalogue())[name], nl=False)
