"""One daemon after the other on the same store: what they know of sources and notifiers, what they counted and who shows it go on."""

from __future__ import annotations

from dataclasses import replace

from collector.daemon.following_board import FollowingBoard
from collector.daemon.loop import Daemon, Parts
from collector.daemon.reload import ROUNDS_DRAIN, Reloaded, unchanged_sources
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.errors import StoreError
from collector.logs import get_logger

log = get_logger(__name__)


class Succession:
    """Holds the daemon that runs. Used by one thread at a time."""

    def __init__(self, parts: Parts) -> None:
        self.watch = Watch(parts.configuration.sources)
        self.tally = Tally(parts.clock.now())
        self.daemon = self._made(parts)
        self.board = FollowingBoard(self.daemon.board)
        self.fallen = False
        """Whether neither the new daemon nor the one before could be started, so that none runs."""
        self._parts = parts

    def stop(self) -> bool:
        """Drain the daemon that runs, if there is one; tells whether everything ended in time."""
        return self.fallen or self.daemon.stop()

    def put(self, parts: Parts) -> Reloaded:
        """Put a daemon made of `parts` in the place of the one that runs; where it cannot start, the one before does again."""
        self.daemon.stop(ROUNDS_DRAIN)
        if not self.daemon.ended:
            return self._fall("what the daemon before it still writes has not ended")
        before = self._parts
        same = unchanged_sources(before.configuration, parts.configuration)
        self.watch.keep(same, parts.configuration.sources.keys() - same)
        try:
            self._begin(parts)
        except Exception as error:
            # also a defect of ours must not end what ran well
            log.exception("reload_failed", error=str(error), goes_on_with="the files as they were before")
            return self._back(before)
        return Reloaded.DONE

    def stand_up(self) -> None:
        """Start again what ran last, when nothing runs. Raises `StoreError` while that is not possible."""
        if not self.fallen:
            return
        if not self.daemon.ended:
            raise StoreError("what the daemon before it still writes has not ended")
        self._begin(self._parts)
        log.info("krd_stands_again")

    def _begin(self, parts: Parts) -> None:
        daemon = self._made(parts)
        daemon.take_over(self.daemon)
        daemon.start()
        self.daemon, self._parts, self.fallen = daemon, parts, False
        self.board.follow(daemon.board)

    def _back(self, before: Parts) -> Reloaded:
        self.watch.keep(before.configuration.sources, ())
        try:
            self._begin(before)
        except StoreError as error:
            return self._fall(str(error))
        return Reloaded.FAILED

    def _fall(self, why: str) -> Reloaded:
        log.error("krd_has_fallen", error=why, todo="it is started again as soon as the store accepts")
        self.tally.refused(why)
        self.fallen = True
        return Reloaded.FAILED

    def _made(self, parts: Parts) -> Daemon:
        return Daemon(replace(parts, watch=self.watch, tally=self.tally))
