"""Prints what the linter found: for people and editors, for machines, and for a GitHub workflow."""

from __future__ import annotations

from typing import Any, assert_never

import typer

from collector.cli.lint import Form
from collector.cli.output import as_json
from collector.cli.plain import counted, plain
from collector.configuration.load import Loaded
from collector.domain.lint.finding import Finding, Level

_GITHUB = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def print_findings(loaded: Loaded, form: Form) -> None:
    """Print the findings on standard output; the sentence that sums them up goes to standard error."""
    match form:
        case Form.TEXT:
            lines = [plain(str(finding)) for finding in loaded.findings]
        case Form.GITHUB:
            lines = [_github(finding) for finding in loaded.findings]
        case Form.JSON:
            lines = [as_json([_document(finding) for finding in loaded.findings], indent=2)]
        case never:
            assert_never(never)
    if lines:
        typer.echo("\n".join(lines))
    typer.echo(summary(loaded), err=True)


def summary(loaded: Loaded) -> str:
    """Count in one line what was found, and in what."""
    counts = [
        counted(sum(finding.level is level for finding in loaded.findings), level.value) for level in Level
    ]
    promised = loaded.configuration.okrs.key_results if loaded.configuration else ()
    key_results = f" in {counted(len(promised), 'key result')}" if promised else ""
    return f"{', '.join(counts)}{key_results} ({counted(len(loaded.files), 'file')})"


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "level": finding.level.value,
        "code": finding.code,
        "what": finding.what,
        "todo": finding.todo,
    }


def _github(finding: Finding) -> str:
    """Write a workflow command; its message and its properties have their own escapes."""
    place = finding.place
    properties = f"file={_property(place.file)},line={place.line},col={place.column},title={finding.code}"
    text = f"{finding.what}; {finding.todo}" if finding.todo else finding.what
    return f"::{_GITHUB[finding.level]} {properties}::{_message(text)}"


def _message(text: str) -> str:
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
