"""Reads the history of a definition: what it promised first, and whether its newest change was given a reason."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from collector.domain.promise import Promise
from collector.store.bulk import chunks
from collector.store.tables import definitions


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a definition."""

    measure: str
    promise: str
    document: Mapping[str, Any]
    since: datetime

    @property
    def reasons(self) -> int:
        """How many edits its author explains."""
        return len(self.document.get("changes", ()))


@dataclass(frozen=True, slots=True)
class Story:
    """What the revisions of one definition tell."""

    unexplained: str = ""
    first_promise: Promise | None = None


def stories(connection: Connection, starts: Mapping[int, datetime]) -> Mapping[int, Story]:
    """Tell the stories of the key results in `starts`, which says when the cycle of each begins; those that were never
    edited have none. What is edited before the start is a draft.
    """
    return {one: _told(found, starts[one]) for one, found in _edited(connection, starts).items()}


def _edited(connection: Connection, key_results: Collection[int]) -> dict[int, list[Revision]]:
    found: dict[int, list[Revision]] = {}
    for chunk in chunks(key_results):
        several = (
            select(definitions.c.key_result)
            .where(definitions.c.key_result.in_(chunk))
            .group_by(definitions.c.key_result)
            .having(func.count() > 1)
        )
        query = (
            select(definitions)
            .where(definitions.c.key_result.in_(several))
            .order_by(definitions.c.key_result, definitions.c.revision)
        )
        for row in connection.execute(query):
            revision = Revision(row.measure, row.promise, json.loads(row.document), row.since)
            found.setdefault(row.key_result, []).append(revision)
    return found


def _told(revisions: Sequence[Revision], starts: datetime) -> Story:
    before = [revision for revision in revisions if revision.since <= starts]
    promised = [*before[-1:], *revisions[len(before) :]]
    return Story(_unexplained(promised), _first_promise(promised))


def _unexplained(revisions: Sequence[Revision]) -> str:
    changed: dict[str, None] = {}
    for was, now in itertools.pairwise(revisions):
        if now.reasons > was.reasons:
            changed.clear()
            continue
        if now.measure != was.measure:
            changed["measure"] = None
        if now.promise != was.promise:
            changed["promise"] = None
    return " and ".join(changed)


def _first_promise(revisions: Sequence[Revision]) -> Promise | None:
    first, last = revisions[0], revisions[-1]
    terms = first.document.get("terms")
    return Promise.from_document(terms) if terms is not None and first.promise != last.promise else None
