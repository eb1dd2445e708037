"""`krd alerts`: what is wrong, what people say about it, and what was said to them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from collector.cli import alerts_by_people, alerts_outbox
from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, epilog, verb
from collector.domain.alert import AlertKind, AlertState
from collector.domain.announcement import Family

LIST = (
    "krd alerts list",
    "krd alerts list --team checkout --all",
    "krd alerts list --silences",
    "krd alerts list -o json | jq '.[] | select(.acked == null)'",
)
SHOW = ("krd alerts show checkout/p95-latency", "krd alerts show 3f9c12ab -o json")
FOLLOW = (
    "krd alerts follow",
    "krd alerts follow --after 1200 -o jsonl     # everything since change 1200",
    "krd alerts follow --after 0 --family data",
)
EXPORT = (
    "krd alerts export > alerts.jsonl",
    "krd alerts export --since 2026-10-01 --until 2026-10-31 -o csv",
)

TEAM = Annotated[
    list[str] | None,
    typer.Option(
        "--team",
        metavar="ID",
        show_default=False,
        help="Only this team's and every team's; may be said again.",
    ),
]
FAMILY = Annotated[
    list[Family] | None,
    typer.Option(
        "--family",
        metavar="|".join(Family),
        show_default=False,
        help="Only this family; may be said again.",
    ),
]
KIND = Annotated[
    list[AlertKind] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        show_default=False,
        help="Only this kind, such as drift or stale; may be said again.",
    ),
]
STATE = Annotated[
    list[AlertState] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        show_default=False,
        help="Only in this state: pending, firing, recovering, resolved or inactive; may be said again.",
    ),
]


class Listable(StrEnum):
    """The states an alert can be listed in."""

    PENDING = AlertState.PENDING.value
    FIRING = AlertState.FIRING.value
    RECOVERING = AlertState.RECOVERING.value
    RESOLVED = AlertState.RESOLVED.value


class Lines(StrEnum):
    """How changes are written while they happen."""

    TABLE = "table"
    JSONL = "jsonl"


class Rows(StrEnum):
    """How changes of the past are written."""

    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    MD = "md"


def add_to(app: typer.Typer) -> None:
    """Add the verb with its own."""
    verbs = typer.Typer(
        help="See what is wrong, say that you have it in hand, and see what was said.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=epilog((*LIST[:1], *SHOW[:1], *FOLLOW[:1], *alerts_by_people.EXAMPLES)),
    )
    verb(verbs, "list", "What is wrong now.", LIST, STORE, RESULT)(list_alerts)
    verb(verbs, "show", "One alert in full.", SHOW, STORE, RESULT)(show_alert)
    verb(verbs, "follow", "Changes as they happen.", FOLLOW, STORE)(follow_alerts)
    alerts_by_people.add_to(verbs)
    verb(verbs, "export", "Changes of the past.", EXPORT, STORE)(export_alerts)
    alerts_outbox.add_to(verbs)
    app.add_typer(verbs, short_help="See alerts, acknowledge and silence them.", name="alerts")


def list_alerts(
    asked: Asked,
    team: TEAM = None,
    family: FAMILY = None,
    kind: KIND = None,
    state: Annotated[
        list[Listable] | None,
        typer.Option(
            "--state",
            metavar="STATE",
            show_default=False,
            help="Only in this state: pending, firing, recovering or resolved; may be said again.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what is over, and what may begin.")] = False,
    silences: Annotated[bool, typer.Option("--silences", help="The silences, by team and kind.")] = False,
) -> None:
    """List what is wrong now, the most severe first and then the oldest: since when, and whether somebody has it in hand,
    whether it is silenced, and whether another alert speaks for it.

    Silences and quiet hours keep messages back, never alerts: what they cover is listed too. The letters in the first column
    name an alert for the other verbs.
    """
    from collector.cli.alerts_listing import Listed, show_list, show_silences
    from collector.cli.alerts_wanted import Filters

    filters = Filters.of(team, family, kind, [AlertState(one.value) for one in state or ()])
    if silences:
        show_silences(asked, filters, every=every)
    else:
        show_list(asked, Listed(filters, every=every))


def show_alert(
    asked: Asked,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A key result, a source, or eight letters of the alert's own name."
        ),
    ],
    kind: Annotated[
        AlertKind | None,
        typer.Option("--kind", metavar="KIND", show_default=False, help="Which kind, if several are open."),
    ] = None,
) -> None:
    """Show one alert with its words, the arithmetic behind it, the changes of its episode, what people and other alerts laid
    over it, what each notifier was told last, and the letters about it. What is over is shown if nothing is open.
    """
    from collector.cli.alerts_showing import show_one

    show_one(asked, name, kind)


def follow_alerts(
    asked: Asked,
    team: TEAM = None,
    family: FAMILY = None,
    kind: KIND = None,
    state: STATE = None,
    after: Annotated[
        int | None,
        typer.Option(
            "--after",
            metavar="SEQ",
            min=0,
            max=2**63 - 1,
            show_default=False,
            help="Begin after this change; 0: with the oldest that is kept; else with the next one.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, show_default=False, help="End after so many changes."),
    ] = None,
    form: Annotated[Lines, typer.Option("--output", "-o", help="How to write them.")] = Lines.TABLE,
) -> None:
    """Write each change of an alert to firing or resolved, or to the states that are named, within two seconds after it is
    stored, until Ctrl-C. Nothing is skipped: whoever goes on
    with `--after`, and the `seq` of the last line they have, misses no change and gets none twice.

    Where changes after SEQ are kept no longer, or SEQ is not known, that is said first (in JSON Lines as a document with
    `reset`, which no change has), and then it goes on with the next change; `krd alerts list` tells what is open.
    """
    from collector.cli.alerts_following import Followed, follow
    from collector.cli.alerts_wanted import Filters

    filters = Filters.of(team, family, kind, state)
    follow(asked, Followed(filters, after, limit, form))


def export_alerts(
    asked: Asked,
    team: TEAM = None,
    family: FAMILY = None,
    kind: KIND = None,
    state: STATE = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="INSTANT", show_default=False, help="The first day or instant (UTC); else all."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="INSTANT", show_default=False, help="The last day or instant (UTC); else all."
        ),
    ] = None,
    form: Annotated[Rows, typer.Option("--output", "-o", help="How to write rows.")] = Rows.JSONL,
) -> None:
    """Write the changes of alerts to whatever state, unless some are named, with their words, in the order they were stored, as they are read: memory does not grow
    with them. The documents are those of `krd alerts follow`. No text becomes a formula in CSV, or markup in Markdown.
    """
    from collector.cli.alerts_exporting import Exported, export
    from collector.cli.alerts_wanted import Filters

    filters = Filters.of(team, family, kind, state)
    export(asked, Exported(filters, since, until, form))
