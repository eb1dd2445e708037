"""Shows lines of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from collector.app import App
from collector.cli.asked import Asked
from collector.cli.instants import stamp
from collector.cli.opening import kept, now
from collector.cli.output import Column, Report, Section, Sheet, emit
from collector.cli.recorded import find, held
from collector.ports.kept import Deed


def show_audit(asked: Asked, subject: str | None, limit: int) -> None:
    """Print at most `limit` lines, of everything or of one subject. Raises `UsageError` for a name nobody knows."""
    with kept(asked) as app:
        deeds = _deeds(app, subject, limit, now())
    documents = [document_of(deed) for deed in deeds]
    columns = (
        Column("#", right=True), Column("when (UTC)"), Column("who"), Column("did"), Column("to"), Column("what"),
    )  # fmt: skip
    rows = [
        [str(deed.id), stamp(deed.at), deed.actor, deed.action, deed.subject, told(deed.detail)]
        for deed in deeds
    ]
    below = [] if rows else ["nothing was changed by hand"]
    emit(asked, Report(documents, documents, Sheet(columns, [Section(rows)], below=below)))


def _deeds(app: App, subject: str | None, limit: int, at: datetime) -> list[Deed]:
    with app.store.read() as tx:
        found = tx.deeds(subject=subject, limit=limit)
        if found or subject is None:
            return found
    okrs = app.configuration.okrs
    key = find(okrs, held(app.store, okrs), subject, at)
    key_result = okrs.key_results.get(key)
    was = [f"{key_result.cycle.id}:{was}" for was in key_result.was] if key_result is not None else []
    with app.store.read() as tx:
        lines = [deed for name in (key, *was) for deed in tx.deeds(subject=name, limit=limit)]
    return sorted(lines, key=lambda deed: deed.id, reverse=True)[:limit]


def document_of(deed: Deed) -> dict[str, Any]:
    """Give a line as a JSON document."""
    return {
        "id": deed.id,
        "at": deed.at.isoformat(),
        "actor": deed.actor,
        "action": deed.action,
        "subject": deed.subject,
        "detail": dict(deed.detail),
    }


def told(detail: Mapping[str, Any]) -> str:
    """Write the detail of a deed in one line."""
    parts = ((name.replace("_", " "), value) for name, value in detail.items() if value not in (None, ""))
    return ", ".join(f"{name} {_shown(value)}" for name, value in parts)


def _shown(value: Any) -> str:
    match value:
        case dict():
            return f"({told(value)})"
        case list():
            return " ".join(map(_shown, value))
        case float():
            return f"{value:.15g}"
        case _:
            return str(value).removesuffix("+00:00")
