"""Writes changes of alerts as they are stored: none is skipped, and none comes twice."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, assert_never

import typer

from collector.cli.alerts import Lines
from collector.cli.alerts_listing import tone_of
from collector.cli.alerts_wanted import Filters
from collector.cli.asked import Asked
from collector.cli.instants import stamp
from collector.cli.opening import kept
from collector.cli.output import as_json
from collector.cli.plain import plain
from collector.ports.store import Extent, Item, Store, Wanted
from collector.ports.subject import about
from collector.services.alert_documents import item_document
from collector.services.select_alerts import SPOKEN

PORTION = 500
"""So many changes are read at once."""
PAUSE = 1.0
"""Seconds between looks at the store."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What to follow, as typed."""

    filters: Filters
    after: int | None
    limit: int | None
    form: Lines


@dataclass(frozen=True, slots=True)
class Reset:
    """The place where a reader was is not one to go on from: they miss what lies between, and go on after `newest`."""

    reason: str
    oldest: int | None
    """The oldest change that is kept."""
    newest: int

    def document(self) -> dict[str, Any]:
        """Give it as a line between the documents of changes; no other has a `reset`."""
        return {"reset": self.reason, "oldest": self.oldest, "newest": self.newest}


def follow(asked: Asked, followed: Followed) -> None:
    """Write changes until the reader goes away, or there were as many as were asked for. Raises `StoreError`."""
    left = followed.limit
    with kept(asked) as app:
        wanted = followed.filters.checked(app)
        wanted = replace(wanted, states=wanted.states or SPOKEN)
        for one in changes(app.store, wanted, followed.after, _pause):
            typer.echo(_line(one, followed.form), color=asked.colour)
            if left is not None and isinstance(one, Item):
                left -= 1
                if not left:
                    return


def changes(
    store: Store, wanted: Wanted, after: int | None, pause: Callable[[], None]
) -> Iterator[Item | Reset]:
    """Give wanted changes after a place for ever: nothing means the newest, and 0 before the oldest. `pause` is called when
    all are given that there are. Raises `StoreError`.
    """
    with store.read() as tx:
        cursor = _begin(tx.extent(), after)
    while True:
        with store.read() as tx:
            extent, items = tx.extent(), tx.transitions(cursor, PORTION, wanted)
        if (lost := _lost(extent, cursor)) is not None:
            yield lost
            cursor = lost.newest
            continue
        yield from items
        if len(items) == PORTION:
            cursor = items[-1].seq
        else:
            cursor = extent.newest if extent is not None else cursor
            pause()


def _begin(extent: Extent | None, after: int | None) -> int:
    if extent is None:
        return after or 0
    if after is None:
        return extent.newest
    return after or extent.oldest - 1


def _lost(extent: Extent | None, cursor: int) -> Reset | None:
    """Tell why a place is none to go on from; nothing when it is one."""
    oldest, newest = (extent.oldest, extent.newest) if extent is not None else (None, 0)
    if cursor > newest:
        return Reset("unknown", oldest, newest)
    if oldest is not None and cursor < oldest - 1:
        return Reset("too old", oldest, newest)
    return None


def _pause() -> None:
    sys.stdout.flush()
    time.sleep(PAUSE)


def _line(one: Item | Reset, form: Lines) -> str:
    match form:
        case Lines.JSONL:
            return as_json(item_document(one) if isinstance(one, Item) else one.document())
        case Lines.TABLE:
            return _shown(one) if isinstance(one, Item) else _told(one)
        case never:
            assert_never(never)


def _shown(item: Item) -> str:
    change = item.transition
    state = typer.style(change.alert.state.value, fg=tone_of(change.alert, calm=False))
    words = f"{change.alert.severity.value}  {change.alert.kind.value}  {about(change.alert)}"
    title = f"  {change.said.title}" if change.said is not None else ""
    why = f" ({change.why})" if change.why else ""
    return f"{stamp(change.at)}  {item.seq}  {state}  {plain(words + title + why)}"


def _told(lost: Reset) -> str:
    what = "are kept no longer" if lost.reason == "too old" else "are not known"
    return f"changes from there on {what}: going on after change {lost.newest}; `krd alerts list` tells what is open"
