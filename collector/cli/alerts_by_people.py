"""`krd alerts ack`, `silence` and `unsilence`: what people lay over alerts."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.asked import Asked
from collector.cli.verb import RESULT, STORE, verb
from collector.domain.alert import AlertKind

ACK = (
    'krd alerts ack checkout/p95-latency --note "rolling back"',
    "krd alerts ack warehouse --kind source_down",
    "krd alerts ack checkout/p95-latency --undo",
)
SILENCE = (
    'krd alerts silence checkout/p95-latency --for 2d --reason "load test"',
    'krd alerts silence checkout --until 2026-12-31 --reason "shop closed" --kind drift',
)
UNSILENCE = ("krd alerts unsilence 3",)
EXAMPLES = (*ACK[:1], *SILENCE[:1], *UNSILENCE)

KIND = Annotated[
    AlertKind | None,
    typer.Option(
        "--kind", metavar="KIND", show_default=False, help="Only this kind, such as drift; else each."
    ),
]
BY = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="PERSON", show_default=False, help="Who says so; else the user of this shell."
    ),
]


def add_to(verbs: typer.Typer) -> None:
    """Add the three."""
    verb(verbs, "ack", "You have it in hand.", ACK, STORE, RESULT)(ack_alerts)
    verb(verbs, "silence", "Keep messages back for a while.", SILENCE, STORE, RESULT)(silence_alerts)
    verb(verbs, "unsilence", "End a silence now.", UNSILENCE, STORE, RESULT)(end_silence)


def ack_alerts(
    asked: Asked,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...", help="Key results, sources, or eight letters of an alert's own name."
        ),
    ],
    kind: KIND = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", show_default=False, help="What you are doing about it.")
    ] = "",
    by: BY = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
) -> None:
    """Say that somebody has alerts in hand: they are not repeated and not escalated until they are over. Growing worse clears
    it, and so does a new episode. Whoever was told is still told when it is over.

    Ends with 1, and does nothing, when nothing of a name is open, or, to take back, acknowledged.
    """
    from collector.cli.alerts_saying import Acked, acknowledge_all, take_all_back

    said = Acked(tuple(names), kind, note, by)
    if undo:
        take_all_back(asked, said)
    else:
        acknowledge_all(asked, said)


def silence_alerts(
    asked: Asked,
    name: Annotated[str, typer.Argument(metavar="TEAM|KEY_RESULT", help="What is to be silent.")],
    length: Annotated[
        str | None,
        typer.Option("--for", metavar="LENGTH", show_default=False, help="So long: 90m, 12h, 2d."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="INSTANT",
            show_default=False,
            help="Or up to this instant, or to the end of this day, in the team's zone.",
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why: others will ask.")
    ] = "",
    kind: KIND = None,
    by: BY = None,
) -> None:
    """Keep the messages about a team or a key result back until an end that is said now, at most 30 days ahead.

    What fires is stored, and in lists, feeds and pages as ever. What still fires at the end of the silence is told then, once.
    What ends meanwhile is told then to whoever was told that it began, and to nobody else. A source that several teams read
    from is silent when each of them is.
    """
    from collector.cli.alerts_saying import Hushed, hush

    hush(asked, Hushed(name, length, until, reason, kind, by))


def end_silence(
    asked: Asked,
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="Its number: `krd alerts list --silences`.")
    ],
    by: BY = None,
) -> None:
    """End a silence now. What still fires is told within seconds, once."""
    from collector.cli.alerts_saying import unhush

    unhush(asked, number, by)
