"""The command `krd`: puts the verbs together. Run as the console script `krd` and by `python3 -m collector`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from collector.cli import (
    alerts,
    annotate,
    audit,
    backfill,
    backtest,
    baseline,
    brief,
    db,
    demo,
    explain,
    export,
    init,
    lint,
    new,
    notify,
    once,
    plan,
    record,
    rehearse,
    run_daemon,
    schema,
    show,
    sources,
    status,
    try_query,
)
from collector.cli.verb import epilog
from collector.errors import KrdError

app = typer.Typer(
    name="krd",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 110},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"krd {version('krd')}")
        raise typer.Exit


@app.callback(
    epilog=epilog(
        (
            "krd init                       # a first krd.yaml and key results, to be changed",
            'krd try prod "sum(up)"         # what a source answers, live and in the past',
            "krd lint && krd plan           # are the files right, and what would be measured",
            "krd run                        # measure, judge, and tell",
            "krd status                     # where every key result stands",
        )
    )
)
def _top(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and end."),
    ] = False,
) -> None:
    """The key-result daemon: OKR key results bound to live sources, judged daily, told before the sync.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 findings, 4 a source is stale or unreachable, 130 interrupted.
    Results go to standard output, logs and progress to standard error.
    """
    _ = version


for module in (
    init,
    new,
    try_query,
    lint,
    plan,
    rehearse,
    run_daemon,
    once,
    status,
    show,
    explain,
    record,
    annotate,
    audit,
    brief,
    alerts,
    notify,
    backfill,
    backtest,
    baseline,
    export,
    schema,
    sources,
    db,
    demo,
):
    module.add_to(app)


def run() -> None:
    """Run the command line and end the process with its exit code."""
    from collector.registry.identity import ensure_sibling

    try:
        ensure_sibling()
    except KrdError as error:
        typer.echo(f"krd: {error}", err=True)
        sys.exit(error.exit_code)
    app(prog_name="krd")
