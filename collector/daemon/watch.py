"""How each source stands, shared by the threads that ask and the one that writes."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from collector.domain.alert import Alert, AlertKind, AlertState
from collector.domain.outage import ROUNDS_TO_DOWN, Round, SourceStanding, after_round
from collector.logs import get_logger

log = get_logger(__name__)


class Watch:
    """Thread-safe standings of sources; says it once when one goes, and once when it is back."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._standings = {source: SourceStanding() for source in sources}

    def of(self, source: str) -> SourceStanding:
        """Give how a source stands."""
        with self._lock:
            return self._standings.setdefault(source, SourceStanding())

    def step(self, source: str, round_: Round, at: datetime) -> SourceStanding:
        """Move a source by one round."""
        with self._lock:
            before = self._standings.setdefault(source, SourceStanding())
            after = self._standings[source] = after_round(before, round_, at)
        if after.down and not before.down:
            log.warning("source_down", source=source, reason=round_.reason, detail=round_.detail)
        if before.down and not after.down:
            log.info("source_back", source=source, since=before.since)
        return after

    def keep(self, same: Collection[str], changed: Collection[str]) -> None:
        """Go on with other files: forget the sources that are in neither, and ask the changed ones at once, since what
        was wrong with them may be mended.
        """
        with self._lock:
            kept = {name: one for name, one in self._standings.items() if name in same}
            asked = {
                name: replace(one, shut_until=None)
                for name, one in self._standings.items()
                if name in changed
            }
            self._standings = dict.fromkeys((*same, *changed), SourceStanding()) | kept | asked

    def remember(self, alerts: Iterable[Alert]) -> None:
        """Take up where an earlier krd left: a source that was failing or down has not recovered by a restart, and the good
        round that it had already counts. What this krd has seen of a source itself stands.
        """
        with self._lock:
            for alert in alerts:
                if (
                    alert.kind is AlertKind.SOURCE_DOWN
                    and alert.state.moving
                    and self._standings.get(alert.subject) == SourceStanding()
                ):
                    down = alert.state.open and alert.clear_since is None
                    # while pending, a row of none is one that a good round broke off
                    coming = alert.state is AlertState.RECOVERING if down else alert.run == 0
                    failures = 0 if coming else max(alert.run, ROUNDS_TO_DOWN if down else 0)
                    self._standings[alert.subject] = SourceStanding(
                        failures=failures, successes=int(coming), down=down, since=alert.opened or alert.since
                    )

    def shift(self, by: timedelta) -> None:
        """Move what waits for an instant: the clock jumped by this much."""
        with self._lock:
            for name, one in self._standings.items():
                if one.shut_until is not None:
                    self._standings[name] = replace(one, shut_until=one.shut_until + by)

    def all(self) -> Mapping[str, SourceStanding]:
        """Give all standings as they are now."""
        with self._lock:
            return dict(self._standings)
