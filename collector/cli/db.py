"""`krd db`: looks after the store itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, epilog, verb

CHECK = ("krd db check",)
BACKUP = ("krd db backup /backup/krd-$(date +%F).db", "krd db backup /backup/krd.db --force")
RESTORE = ("krd db restore /backup/krd.db",)
VACUUM = ("krd db vacuum",)
VERIFY = ("krd db verify                  # 3 when something differs", "krd db verify -o json")
DATABASE = ("database",)


def add_to(app: typer.Typer) -> None:
    """Add the verb with its five."""
    verbs = typer.Typer(
        help="Check, copy, put back, tidy and verify the store.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=epilog((*CHECK, *BACKUP[:1], *RESTORE, *VACUUM, *VERIFY[:1])),
    )
    verb(verbs, "check", "Is it whole?", CHECK, DATABASE, RESULT)(check)
    verb(verbs, "backup", "Copy it while krd runs.", BACKUP, DATABASE, RESULT)(backup)
    verb(verbs, "restore", "Put a copy back.", RESTORE, DATABASE, RESULT)(restore)
    verb(verbs, "vacuum", "Give room back to the disk.", VACUUM, DATABASE, RESULT)(vacuum)
    verb(verbs, "verify", "Does it come out again?", VERIFY, STORE, RESULT)(verify)
    app.add_typer(verbs, short_help="Check, copy, put back, tidy, verify the store.", name="db")


def check(asked: Asked) -> None:
    """Look the store over without changing it: that it is krd's, its schema, every page and every reference in it, its size
    and the room left on its disk.

    Ends with 1 when it cannot be used as it is. Harmless beside `krd run`; a large file takes its time.
    """
    from collector.cli.db_sheet import print_check

    if not print_check(asked):
        raise typer.Exit(1)


def backup(
    asked: Asked,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="Where the copy goes.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Copy the store, as it is at one instant, while krd runs. The copy is checked and on the disk before it has its name.

    What is there already is left alone without --force. For a store on PostgreSQL this says which pg_dump to run.
    """
    from collector.cli.db_sheet import print_backup

    print_backup(asked, file, replace=force)


def restore(
    asked: Asked,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="The copy to put back.")],
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", show_default=False, help="Who does it; else the user of this shell."
        ),
    ] = None,
) -> None:
    """Put a copy in the place of the store, and keep the store as it was beside it, as `….before-restore-<time>`.

    A copy that is damaged, of a newer krd, or no store is refused, and so is everything while `krd run` serves the store.
    For a store on PostgreSQL this says which pg_restore to run.
    """
    from collector.cli.db_sheet import print_restore

    print_restore(asked, file, by)


def vacuum(asked: Asked) -> None:
    """Give the room of what was deleted back to the disk. A file is rewritten, which `krd run` must not be serving, and
    which needs as much free space again; on PostgreSQL krd's tables are vacuumed beside their writers.
    """
    from collector.cli.db_sheet import print_vacuum

    print_vacuum(asked)


def verify(asked: Asked) -> None:
    """Compute anew, from the samples that are still there, every day of every key result in the files, and compare: days,
    newest values, alerts with their last transitions, verdicts with their sentences.

    Ends with 3 when something differs. Changes nothing, asks no source. A definition that was edited since krd last ran
    may differ, too.
    """
    from collector.cli.verifying import print_verify

    if not print_verify(asked):
        raise typer.Exit(3)
