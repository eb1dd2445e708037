"""Writes the changes of alerts of a stretch while they are read."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, assert_never

from collector.cli.alerts import Rows
from collector.cli.alerts_wanted import Filters
from collector.cli.asked import Asked
from collector.cli.instants import instant, stamp
from collector.cli.opening import kept
from collector.cli.output import Column, Section, Sheet, as_csv, as_json, markdown
from collector.errors import UsageError
from collector.ports.store import Item, Store, Wanted
from collector.ports.subject import about
from collector.services.alert_documents import CHANGE_KEYS, item_document

PORTION = 500
COLUMNS = (
    Column("seq", right=True), Column("when (UTC)"), Column("state"), Column("severity"), Column("kind"), Column("about"),
    Column("what"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exported:
    """Which changes, as typed."""

    filters: Filters
    since: str | None
    until: str | None
    form: Rows


def export(asked: Asked, exported: Exported) -> None:
    """Write them. Raises `UsageError` for an instant that is none, and a stretch of nothing; and `StoreError`."""
    since = instant("--since", exported.since, None) if exported.since is not None else None
    until = instant("--until", exported.until, None, ends=True) if exported.until is not None else None
    if since is not None and until is not None and since >= until:
        raise UsageError(f"--since {exported.since} is not before --until {exported.until}")
    with kept(asked) as app:
        portions = _portions(app.store, exported.filters.checked(app), since, until)
        for text in _written(exported.form, portions):
            sys.stdout.write(text)


def _portions(
    store: Store, wanted: Wanted, since: datetime | None, until: datetime | None
) -> Iterator[list[Item]]:
    """Give the changes of a stretch in portions; each is read by itself, so that a slow reader holds nothing up."""
    last = 0
    while True:
        with store.read() as tx:
            portion = tx.transitions(last, PORTION, wanted)
        within = [
            item
            for item in portion
            if (since is None or since <= item.transition.at)
            and (until is None or item.transition.at < until)
        ]
        if within:
            yield within
        if len(portion) < PORTION:
            return
        last = portion[-1].seq


def _written(form: Rows, portions: Iterator[list[Item]]) -> Iterator[str]:
    match form:
        case Rows.JSONL:
            for portion in portions:
                yield "".join(f"{as_json(one)}\n" for one in _documents(portion))
        case Rows.JSON:
            before = "[\n"
            for document in (one for portion in portions for one in _documents(portion)):
                yield f"{before}{as_json(document)}"
                before = ",\n"
            yield "[]\n" if before == "[\n" else "\n]\n"
        case Rows.CSV:
            yield as_csv([dict.fromkeys(CHANGE_KEYS)]).splitlines(keepends=True)[0]
            for portion in portions:
                yield _without_head(as_csv(_documents(portion)), 1)
        case Rows.MD:
            for number, portion in enumerate(chain([[]], portions)):
                yield _without_head(markdown(Sheet(COLUMNS, [Section(_rows(portion))])), 2 if number else 0)
        case never:
            assert_never(never)


def _documents(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [item_document(item) for item in items]


def _rows(items: Sequence[Item]) -> list[list[str]]:
    return [
        [
            str(item.seq), stamp(change.at), change.alert.state.value, change.alert.severity.value,
            change.alert.kind.value, about(change.alert), change.said.title if change.said is not None else "",
        ]
        for item in items
        for change in (item.transition,)
    ]  # fmt: skip


def _without_head(text: str, lines: int) -> str:
    """Leave out the head that was written already; no cell holds an end of a line."""
    return text.split("\n", lines)[-1]
