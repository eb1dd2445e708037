"""`krd alerts outbox`: what waits to be sent, what was given up, and another try for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, epilog, verb

LIST = (
    "krd alerts outbox list",
    "krd alerts outbox               # the same",
    "krd alerts outbox --notifier ops --state dead -o json",
)
RETRY = (
    "krd alerts outbox retry 1041 1042",
    "krd alerts outbox retry --notifier ops",
    "krd alerts outbox retry --all",
)


class Which(StrEnum):
    """Where a letter stands."""

    DUE = "due"
    SENT = "sent"
    DEAD = "dead"


class ListsByItself(TyperGroup):
    """A group whose first verb, `list`, need not be said."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` before what begins with no verb."""
        asks_for_help = bool(args) and args[0] in ctx.help_option_names
        if not asks_for_help and (not args or args[0].startswith("-")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def add_to(verbs: typer.Typer) -> None:
    """Add the verb with its two."""
    outbox = typer.Typer(
        cls=ListsByItself,
        help="See what waits to be sent and what was given up, or have it tried again.",
        rich_markup_mode=None,
        epilog=epilog((*LIST[1:], *RETRY)),
    )
    verb(outbox, "list", "What waits, and what was given up.", LIST, STORE, RESULT)(list_letters)
    verb(outbox, "retry", "Try again.", RETRY, STORE, RESULT)(retry)
    verbs.add_typer(outbox, short_help="What waits to be sent, what was given up.", name="outbox")


def list_letters(
    asked: Asked,
    notifier: Annotated[
        str | None,
        typer.Option("--notifier", metavar="NAME", show_default=False, help="Only this notifier's."),
    ] = None,
    state: Annotated[
        list[Which] | None,
        typer.Option(
            "--state", show_default=False, help="Letters that are due, sent or dead; else due and dead ones."
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="At most so many letters, the newest.")
    ] = 100,
) -> None:
    """Count letters by notifier, and list those that wait, with their tries, the next one and how the last failed, and those
    that are dead: refused, or tried in vain for 75 hours. A notifier whose address is gone (410) is disabled, and its letters
    wait until its configuration changes or somebody says `krd alerts outbox retry`.
    """
    from collector.cli.alerts_letters import Listed, show_outbox

    show_outbox(asked, Listed(notifier, tuple(state or (Which.DUE, Which.DEAD)), limit))


def retry(
    asked: Asked,
    letters: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="[NUMBER]...", min=1, max=2**63 - 1, show_default=False, help="Dead letters, by number."
        ),
    ] = None,
    notifier: Annotated[
        str | None,
        typer.Option(
            "--notifier", metavar="NAME", show_default=False, help="All that this notifier has not sent."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that any notifier has not sent.")] = False,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", show_default=False, help="Who says so; else the user of this shell."
        ),
    ] = None,
) -> None:
    """Have dead letters sent after all, under the ids they had, so that no receiver takes them for others. With --notifier
    and --all whatever waits for its next try need not wait, and a disabled notifier sends again. `krd run` notices
    within seconds; `krd once` sends what is due. A letter stays dead when a later one about the same was sent, or is dead
    too and tells that it is over: nobody is to hear that something began after it is over.

    Ends with 1 when there is nothing to try.
    """
    from collector.cli.alerts_letters import Again, try_again

    try_again(asked, Again(tuple(letters or ()), notifier, every, by))
