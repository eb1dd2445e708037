"""Lists the notifiers of the files, and sends a test through them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.opening import files_of, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.progress import working
from collector.clock import WallClock
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.ports.catalogue import Configuration, NotifierEntry, Only
from collector.ports.notifier import Delivered, Gone, Refused, TryLater, Verdict


def list_all(asked: Asked) -> None:
    """Print the notifiers as the files name them."""
    configuration = files_of(asked, now()).configuration
    documents = [_entry(configuration, entry) for entry in configuration.notifiers.values()]
    columns = (Column("notifier"), Column("kind"), Column("wants"), Column("teams"))
    rows = [
        [one["name"], one["kind"], _wants(configuration.notifiers[one["name"]].only), ", ".join(one["teams"])]
        for one in documents
    ]
    emit(asked, Report(documents, documents, Sheet(columns, [Section(rows)])))


def send_test(asked: Asked, names: Sequence[str]) -> bool:
    """Send, print each verdict, and tell whether all were delivered. What a notifier wants to hear is not looked at."""
    files = files_of(asked, now())
    entries = files.configuration.notifiers
    wanted = [select.known("notifier", name, entries) for name in names] or list(entries)
    notifiers = files.notifiers()
    clock = WallClock()
    verdicts: dict[str, Verdict] = {}
    try:
        for name in wanted:
            with working(asked, f"sending through {name}"):
                at = clock.now()
                verdicts[name] = notifiers[name].send(test_announcement(at), at)
    finally:
        for notifier in notifiers.values():
            notifier.close()
    documents = [_sent(name, entries[name].kind, verdict) for name, verdict in verdicts.items()]
    columns = (Column(""), Column("notifier"), Column("kind"), Column("verdict"))
    rows = [[_sign(verdicts[one["name"]]), one["name"], one["kind"], _said(one)] for one in documents]
    emit(asked, Report(documents, documents, Sheet(columns, [Section(rows)])))
    return all(isinstance(verdict, Delivered) for verdict in verdicts.values())


def test_announcement(at: datetime) -> Announcement:
    """Make a message that says what it is, new each time, so that no receiver takes it for one it knows."""
    return Announcement(
        id=f"evt_{secrets.token_hex(16)}",
        kind="test",
        family=Family.DAEMON,
        severity=Severity.INFO,
        occasion=Occasion.TEST,
        subject="krd",
        team="",
        title="Test from krd",
        sentence="Somebody ran `krd notify test`. If you read this, announcements arrive here.",
        at=at,
    )


def _entry(configuration: Configuration, entry: NotifierEntry) -> dict[str, Any]:
    teams = [team.id for team in configuration.okrs.teams.values() if entry.name in team.notify]
    return {
        "name": entry.name,
        "kind": entry.kind,
        "kinds": sorted(entry.only.kinds),
        "families": sorted(entry.only.families),
        "severity": entry.only.severity.value if entry.only.severity else None,
        "teams": teams,
    }


def _wants(only: Only) -> str:
    parts = [*sorted(only.kinds), *sorted(only.families)]
    if only.severity is not None:
        parts.append(f"{only.severity.value} and above")
    return ", ".join(parts) or "everything"


def _sign(verdict: Verdict) -> Cell:
    return Cell("●", Tone.GOOD) if isinstance(verdict, Delivered) else Cell("■", Tone.BAD)


def _sent(name: str, kind: str, verdict: Verdict) -> dict[str, Any]:
    match verdict:
        case Delivered():
            return {"name": name, "kind": kind, "verdict": "delivered", "reason": None}
        case TryLater(reason=reason):
            return {"name": name, "kind": kind, "verdict": "try_later", "reason": reason}
        case Refused(reason=reason):
            return {"name": name, "kind": kind, "verdict": "refused", "reason": reason}
        case Gone(reason=reason):
            return {"name": name, "kind": kind, "verdict": "gone", "reason": reason}


def _said(document: dict[str, Any]) -> str:
    word = str(document["verdict"]).replace("_", " ")
    return f"{word}: {document['reason']}" if document["reason"] else word
