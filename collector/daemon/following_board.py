"""The board of whichever daemon runs: the web server outlives the daemons that reloads put in each other's place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from collector.domain.evaluation import Evaluation
from collector.domain.okr import KeyResult, Objective
from collector.domain.outage import SourceStanding
from collector.ports.board import Board, Changes, OpenAlert, Vitals
from collector.ports.store import Item, LetterState, Removed, Wanted


class FollowingBoard:
    """Shows what the board it follows shows (see `collector.ports.board`)."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def follow(self, board: Board) -> None:
        """Show another board from now on."""
        self._board = board

    def ready(self) -> Sequence[str]:
        """Give the reasons why the daemon is not ready; empty when it is."""
        return self._board.ready()

    def verdicts(self) -> Sequence[tuple[KeyResult, Evaluation | None]]:
        """Give every key result with its verdict at this instant."""
        return self._board.verdicts()

    def unexplained(self) -> Mapping[str, str]:
        """Give what was edited without a reason, by `cycle:address`."""
        return self._board.unexplained()

    def removed(self) -> Sequence[Removed]:
        """Give the key results that vanished from the files without a reason. Raises `StoreError`."""
        return self._board.removed()

    def objectives(self) -> Mapping[str, Objective]:
        """Give the objectives by `cycle:address`."""
        return self._board.objectives()

    def sources(self) -> Mapping[str, SourceStanding]:
        """Give how each source stands."""
        return self._board.sources()

    def outbox(self) -> Mapping[str, Mapping[LetterState, int]]:
        """Count letters by notifier and state."""
        return self._board.outbox()

    def disabled(self) -> Mapping[str, bool]:
        """Tell of each notifier whether it is disabled. Raises `StoreError`."""
        return self._board.disabled()

    def open_alerts(self) -> Sequence[OpenAlert]:
        """Give what is wrong now. Raises `StoreError`."""
        return self._board.open_alerts()

    def changes_after(self, seq: int, limit: int, wanted: Wanted) -> Changes:
        """Give wanted changes above `seq`, ascending. Raises `StoreError`."""
        return self._board.changes_after(seq, limit, wanted)

    def newest_changes(self, limit: int, before: int | None, wanted: Wanted) -> Sequence[Item]:
        """Give wanted changes below `before`, the newest first. Raises `StoreError`."""
        return self._board.newest_changes(limit, before, wanted)

    def teams(self) -> Collection[str]:
        """Name the teams, in the order of the files."""
        return self._board.teams()

    def page(self) -> str:
        """Give the public address of the page; empty where it has none."""
        return self._board.page()

    def vitals(self) -> Vitals:
        """Give the daemon's own counts."""
        return self._board.vitals()

    def now(self) -> datetime:
        """Give the instant of looking."""
        return self._board.now()
