"""Sends rounds on their way when their slots are due: an absolute grid, so that nothing drifts and nothing runs twice."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from collector.daemon.pool import Pool
from collector.daemon.tally import Tally
from collector.domain.sample import GapReason
from collector.services.account import Account
from collector.services.ask import Due, Found
from collector.services.collect import unasked
from collector.services.plan_due import Group, dues_of, slot_before

MISSED_AT_ONCE = 1000
"""So many slots of a group passed over at once are written down as gaps: the oldest one and the newest; healing covers
what lies between.
"""


@dataclass(slots=True)
class Lane:
    """A group on its way through the slots."""

    group: Group
    last: datetime
    """The last slot that was sent on its way."""
    flight: Future[None] | None = field(default=None)

    @property
    def busy(self) -> bool:
        """Whether its last round is still on."""
        return self.flight is not None and not self.flight.done()


class Schedule:
    """Lanes by due time. Used by one thread; the rounds run in the pool. The newest slot is read at once at the start."""

    def __init__(
        self,
        groups: Sequence[Group],
        accounts: dict[int, Account],
        pool: Pool,
        tally: Tally,
        collect: Callable[[str, list[Due]], None],
        deliver: Callable[[list[Found]], None],
        at: datetime,
    ) -> None:
        self._accounts = accounts
        self._pool, self._tally, self._collect, self._deliver = pool, tally, collect, deliver
        self._lanes = [Lane(group, slot_before(group.cadence, group.newest(at))) for group in groups]

    def run_due(self, at: datetime) -> None:
        """Send every due round on its way. A lane whose last round is still on waits; the slots that pass meanwhile are
        recorded as missed, to be healed, and the newest one is read.
        """
        for lane in self._lanes:
            newest = lane.group.newest(at)
            if newest <= lane.last or lane.busy:
                continue
            self._note_missed(lane, newest, at)
            lane.last = newest
            accounts = [self._accounts[series] for series in lane.group.series]
            dues = dues_of(accounts, newest)
            if dues:
                lane.flight = self._pool.submit(lane.group.source, self._collect, lane.group.source, dues)

    def read_again(self, source: str, lost: Collection[int], at: datetime) -> bool:
        """Read the newest slot once more for the series in `lost`, who cannot ask for it later: their source is back.

        Tells whether every lane of the source was free for it; else it is to be asked for again.
        """
        lanes = [lane for lane in self._lanes if lane.group.source == source]
        free = not any(lane.busy for lane in lanes)
        for lane in lanes:
            if lane.busy:
                continue
            failed = [self._accounts[series] for series in lane.group.series if series in lost]
            dues = dues_of(failed, lane.group.newest(at))
            if dues:
                lane.flight = self._pool.submit(source, self._collect, source, dues)
        return free

    def next_due(self) -> datetime | None:
        """Give when the next round is due; a lane whose round is still on is looked at again when that has ended."""
        idle = (lane for lane in self._lanes if not lane.busy)
        return min((lane.group.due(lane.group.next_after(lane.last)) for lane in idle), default=None)

    def drained(self) -> list[Future[None]]:
        """Give the rounds still on."""
        return [lane.flight for lane in self._lanes if lane.flight is not None and lane.busy]

    def _note_missed(self, lane: Lane, newest: datetime, at: datetime) -> None:
        oldest = lane.group.next_after(lane.last)
        if oldest >= newest:
            return
        younger = deque(lane.group.cadence.slots(oldest, newest), maxlen=MISSED_AT_ONCE)
        slots = [oldest, *list(younger)[:-1]]
        accounts = [self._accounts[series] for series in lane.group.series]
        dues = [due for slot in slots for due in dues_of(accounts, slot)]
        self._tally.missed(len(dues))
        self._deliver(unasked(dues, GapReason.MISSED, "krd was still reading an older slot", at))


@dataclass(slots=True)
class Alarm:
    """Wakes the scheduling thread early."""

    event: threading.Event = field(default_factory=threading.Event)

    def ring(self) -> None:
        """Wake it."""
        self.event.set()

    def wait(self, seconds: float) -> None:
        """Sleep until rung, at most `seconds` of real time."""
        self.event.wait(max(seconds, 0.0))
        self.event.clear()
