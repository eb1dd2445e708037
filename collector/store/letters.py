"""Reads letters out of the rows of the outbox, the damaged ones too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal_column

from collector.domain.announcement import Announcement
from collector.ports.store import Letter, LetterState
from collector.store.tables import outbox
from collector.store.words import Unreadable, in_place_of, read

WAITING = outbox.c.state == literal_column("'due'")
"""Written out, so that a database sees before it knows any value that its index of what waits will do."""


def readable(row: Any) -> Letter:
    """Give a letter that can be sent. Raises `Unreadable` when its announcement is damaged."""
    return _letter(row, read(row.document))


def shown(row: Any) -> Letter:
    """Give a letter to look at; a damaged one has an announcement that says so."""
    try:
        return readable(row)
    except Unreadable as why:
        return _letter(row, in_place_of(row.event, row.enqueued, why))


def _letter(row: Any, announcement: Announcement) -> Letter:
    return Letter(
        id=row.id,
        notifier=row.notifier,
        state=LetterState(row.state),
        attempts=row.attempts,
        enqueued=row.enqueued,
        due=row.due,
        announcement=announcement,
        note=row.note,
        settled=row.settled,
        bundle=row.bundle,
        first_tried=row.bundled,
        broke=row.broke,
    )
