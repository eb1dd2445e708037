"""Sends changes of alerts as they are kept (server-sent events): nothing is skipped in silence, and nothing comes twice.

The cursor of a reader is the sequence number of the store, so a reader that was cut goes on where it was. One look at the
store a moment serves all readers, and what many want is written once. A reader has a place, never a queue: one that is slow
reads the store, and one that does not read at all is cut by the kernel (`collector.web.server`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.board import Board, Changes
from collector.ports.store import EVERYTHING, Item, Wanted
from collector.services.alert_documents import item_document
from collector.web.selection import matches
from collector.web.sse import LAST, comment, event, place, reset, sequence

MOST_READERS = 200
RETRY_SECONDS = 3
"""How soon a reader that was cut is to come again."""
BEAT_SECONDS = 15.0
"""A comment after so much silence tells both ends, and what lies between them, that the connection lives."""
LOOK_SECONDS = 0.5
PORTION = 500
"""So many changes are read at once."""
REMEMBERED = 1_000
"""So many of the newest changes are held as they are sent."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a reader begins: after a change, or live when it names none."""

    after: str = ""
    wished: bool = False
    """Whether it is a wish, in which 0 means the oldest change kept, and not a place where the reader was before."""


class EventStream:
    """All readers of one server. Used in the thread of its event loop, but for `end`."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = False
        self._readers = 0
        self._watch: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._bell = asyncio.Event()
        self._tip = -1
        """The newest change there is, as far as is known; below zero while nobody looks."""
        self._recent: deque[tuple[Item, str]] = deque(maxlen=REMEMBERED)
        self._floor = 0
        """Every change above it, up to the tip, is among the recent ones."""

    @property
    def readers(self) -> int:
        """How many read now."""
        return self._readers

    def end(self) -> None:
        """Let every stream say that it ends, and end; from any thread."""
        self._ending = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._ring)

    @contextlib.contextmanager
    def seat(self) -> Iterator[bool]:
        """Take a place for as long as a reader stays; gives False when there is none."""
        if self._readers >= MOST_READERS or self._ending:
            yield False
            return
        self._loop = asyncio.get_running_loop()
        self._readers += 1
        try:
            yield True
        finally:
            self._readers -= 1
            if not self._readers:
                self._rest()

    async def read(self, start: Start, wanted: Wanted) -> AsyncIterator[str]:
        """Give the text of a stream. It ends when the server does, and when the store cannot be read."""
        yield f"retry: {RETRY_SECONDS * 1000}\n\n"
        try:
            async for text in self._told(start, wanted):
                yield text
        except StoreError as error:
            log.warning("stream_cut", error=str(error))
            yield comment("the store cannot be read now")
            return
        yield event("end", {"reason": "krd is stopping"})

    async def _told(self, start: Start, wanted: Wanted) -> AsyncIterator[str]:
        clock = asyncio.get_running_loop().time
        cursor, first = await self._begin(start)
        yield first
        spoken = clock()
        while not self._ending:
            bell = self._bell
            texts, reached = await self._next(cursor, wanted)
            for text in texts:
                yield text
            spoken = clock() if texts else spoken
            if reached != cursor:
                cursor = reached
            elif (left := spoken + BEAT_SECONDS - clock()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), left)
            else:
                yield comment("krd lives") + place(cursor)
                spoken = clock()

    async def _begin(self, start: Start) -> tuple[int, str]:
        """Find where a stream begins, and what it says first: that place, or that it is not the one its reader named."""
        if self._tip < 0:
            await self._look()
        if self._watch is None:
            self._watch = asyncio.create_task(self._look_on())
        tip = self._tip
        if not start.after:
            return tip, place(tip)
        kept = (await self._ask(LAST, 1)).extent
        seq, newest = sequence(start.after), kept.newest if kept is not None else 0
        if seq == 0 and start.wished:
            oldest = kept.oldest - 1 if kept is not None else 0
            return oldest, place(oldest)
        if seq is None or seq > max(tip, newest):
            return tip, reset("unknown", kept, tip)
        if kept is not None and seq < kept.oldest - 1:
            return tip, reset("too old", kept, tip)
        return seq, place(seq)

    async def _next(self, cursor: int, wanted: Wanted) -> tuple[Sequence[str], int]:
        """Give what comes after a cursor, and the cursor behind it."""
        tip = self._tip
        if cursor >= self._floor:
            found = [text for item, text in self._recent if item.seq > cursor and matches(wanted, item)]
            return found, max(tip, cursor)
        changes = await self._ask(cursor, PORTION, wanted)
        kept, items = changes.extent, changes.items
        if kept is None or cursor < kept.oldest - 1:  # deleted while a slow reader was on its way
            return [reset("too old", kept, tip)], tip
        reached = items[-1].seq if len(items) == PORTION else max([tip, *(item.seq for item in items)])
        return [_written(item) for item in items], reached

    async def _ask(self, after: int, limit: int, wanted: Wanted = EVERYTHING) -> Changes:
        return await run_in_threadpool(self._board.changes_after, after, limit, wanted)

    async def _look_on(self) -> None:
        """Look for news as long as anybody reads."""
        well = True
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except StoreError as error:
                if well:
                    log.warning("stream_cannot_look", error=str(error))
                well = False
            else:
                if not well:
                    log.info("stream_looks_again")
                well = True

    async def _look(self) -> None:
        """Take up what was kept since the last look; at the first one, and after very much, only how far it goes."""
        async with self._looking:
            before = self._tip
            changes = await self._ask(before if before >= 0 else LAST, PORTION)
            kept, items = changes.extent, changes.items
            newest = kept.newest if kept is not None else 0
            oldest = kept.oldest if kept is not None else 0
            if before < oldest - 1 or before < 0 or len(items) == PORTION:
                self._recent.clear()
                self._tip = self._floor = max(newest, before)
            else:
                for item in items:
                    self._remember(item)
            if self._tip != before:
                self._ring()

    def _remember(self, item: Item) -> None:
        if len(self._recent) == self._recent.maxlen:
            self._floor = self._recent[0][0].seq
        self._recent.append((item, _written(item)))
        self._tip = item.seq

    def _ring(self) -> None:
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()

    def _rest(self) -> None:
        """Look no more, since nobody reads."""
        if self._watch is not None:
            self._watch.cancel()
        self._watch, self._tip, self._floor = None, -1, 0
        self._recent.clear()


def _written(item: Item) -> str:
    return event("alert", item_document(item), item.seq)
