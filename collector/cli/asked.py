"""What every verb may be asked beside its own arguments: which files, which store, how to print, how loud."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collector.configuration.settings import Settings


class Output(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that verbs share, as given."""

    config: Path | None = None
    database: str | None = None
    output: Output = Output.TABLE
    no_color: bool = False
    quiet: bool = False
    verbose: int = 0

    @property
    def colour(self) -> bool | None:
        """Whether to colour: never, or (nothing) as the terminal can. `NO_COLOR` counts when it is not empty."""
        return False if self.no_color or os.environ.get("NO_COLOR") else None

    def settings(self) -> Settings:
        """Read the settings; options win over the environment. Raises `UsageError` that names the variable."""
        from collector.configuration.settings import read_settings

        given: dict[str, Any] = {}
        if self.config is not None:
            given["config"] = self.config
        if self.database is not None:
            given["database"] = {"url": self.database}
        return read_settings(**given)

    def log(self, settings: Settings, *, ordinary: str | None = None) -> None:
        """Write logs to standard error, at `ordinary` (else as the settings say) unless asked to be quiet or loud."""
        from collector.logs import configure

        level = ordinary or settings.log.level
        if self.quiet:
            level = "error"
        elif self.verbose:
            level = "info" if self.verbose == 1 and ordinary else "debug"
        style = settings.log.format
        if style == "auto":
            style = "console" if sys.stderr.isatty() else "json"
        configure(level, style, sys.stderr)


CONFIG = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="PATH",
        show_default=False,
        help="krd.yaml or its folder; else KRD_CONFIG, ./krd.yaml, ./config/krd.yaml.",
    ),
]
DATABASE = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        show_default=False,
        help="The store; else KRD_DATABASE__URL, sqlite:///krd.db.",
    ),
]
OUTPUT = Annotated[Output, typer.Option("--output", "-o", help="How to print the result.")]
NO_COLOR = Annotated[bool, typer.Option("--no-color", help="Print without colours; NO_COLOR does the same.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="Log errors only; show no progress.")]
VERBOSE = Annotated[
    int,
    typer.Option("--verbose", "-v", count=True, show_default=False, help="Log more; twice: everything."),
]
