"""Asks one source for what is due, or says why it is not asked; never two rounds of one group at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from collector.clock import Clock
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.domain.backoff import refusal_wait
from collector.domain.outage import Round
from collector.domain.sample import Gap, GapReason
from collector.errors import SourceUnavailable
from collector.logs import get_logger
from collector.ports.sources import OpenSource, Sources
from collector.services.ask import Due, Found, Healed
from collector.services.collect import collect, unasked
from collector.services.heal import Stretch, heal
from collector.services.restate import Reread, reread
from collector.services.wait_for_load import Loads, Sorted
from connectors.api import ErrorKind, Failure, Health

log = get_logger(__name__)

PROBE = timedelta(seconds=5)
"""Deadline of the question whether a source is there again."""
HEAL_TRIES = 5
"""After so many interrupted tries, a stretch of the past that a source does not manage is given up, portion by portion."""
AT_ONCE = datetime.min.replace(tzinfo=UTC)
"""Earlier than any slot."""
REFUSED = (GapReason.BAD_QUERY, GapReason.BAD_VALUE, GapReason.CONFIG)


class Rounds:
    """Runs collections in the threads of the pool. `deliver` hands findings to the writer."""

    def __init__(
        self,
        sources: Sources,
        watch: Watch,
        tally: Tally,
        clock: Clock,
        deliver: Callable[[list[Found]], None],
        stopping: threading.Event,
    ) -> None:
        self._sources, self._watch, self._tally, self._clock = sources, watch, tally, clock
        self._deliver, self._stopping = deliver, stopping
        self._heal_tries: dict[int, int] = {}
        """By series: interrupted tries to heal in a row."""
        self._refusals: dict[int, tuple[int, datetime]] = {}
        """By series: refusals in a row, and until when it is left alone. Each series is touched by one round at a time."""
        self.loads = Loads()

    def collect(self, name: str, dues: list[Due]) -> None:
        """Read `dues` of the source `name`; every one of them is delivered, as a sample or a gap."""
        at = self._clock.now()
        standing = self._watch.of(name)
        if not standing.admits(at):
            reason = GapReason.RATE_LIMITED if not standing.down else GapReason.SOURCE_DOWN
            self._deliver(unasked(dues, reason, standing.detail, at))
            return
        try:
            source = self._sources.open(name)
        except SourceUnavailable as error:
            self._deliver(unasked(dues, GapReason.CONFIG, str(error), at))
            return
        if standing.down and not self._back(source, dues):
            return
        self._round(source, dues)

    def probe(self, name: str) -> None:
        """Ask a source that failed whether it is there, between the slots of those who wait for it."""
        try:
            source = self._sources.open(name)
        except SourceUnavailable:
            return  # its key results say so at their slots
        self._checked(source)

    def heal(self, name: str, stretch: Stretch, deliver: Callable[[Healed], None]) -> bool:
        """Ask for a stretch of the past; tells whether the source went along."""
        series = stretch.account.series
        tries = self._heal_tries.get(series, 0)

        def ask(source: OpenSource, loaded: Stretch) -> Failure | None:
            failure = heal(source, loaded, self._clock, deliver, patient=tries < HEAL_TRIES)
            self._heal_tries[series] = 0 if failure is None else tries + 1
            return failure

        return self._ask_past(name, stretch, ask)

    def reread(self, name: str, stretch: Stretch, deliver: Callable[[Reread], None]) -> bool:
        """Ask again for a stretch whose rows may have come late; tells whether the source went along."""
        return self._ask_past(
            name, stretch, lambda source, loaded: reread(source, loaded, self._clock, deliver)
        )

    def _ask_past(
        self, name: str, stretch: Stretch, ask: Callable[[OpenSource, Stretch], Failure | None]
    ) -> bool:
        """Ask for as much of a stretch as is loaded; what is not waits, which is no trouble."""
        try:
            source = self._sources.open(name)
        except SourceUnavailable as error:
            log.warning("heal_impossible", source=name, error=str(error))
            return False
        loaded = self.loads.trim(source, stretch, self._clock.now(), self._sleep)
        failure = ask(source, loaded) if isinstance(loaded, Stretch) else loaded
        if failure is None:
            return True
        log.info("heal_interrupted", source=name, reason=failure.kind, detail=failure.message)
        if failure.kind is ErrorKind.RATE_LIMITED:
            asks = Round(1, 1, GapReason.RATE_LIMITED, failure.message, failure.retry_after)
            self._watch.step(name, asks, self._clock.now())
        return False

    def _back(self, source: OpenSource, dues: list[Due]) -> bool:
        """Ask a source that was down one cheap question; while it fails, nothing else is asked."""
        health = _check(source)
        if health.ok:
            return True
        self._watch.step(source.name, _round_of(health), self._clock.now())
        self._deliver(unasked(dues, GapReason.SOURCE_DOWN, health.message, self._clock.now()))
        return False

    def _checked(self, source: OpenSource) -> None:
        health = _check(source)
        self._watch.step(source.name, _round_of(health), self._clock.now())

    def _round(self, source: OpenSource, dues: list[Due]) -> None:
        asked, left_alone = self._sorted_out(dues)
        if left_alone:
            detail = "the question was refused before; it is asked less often until it is answered"
            self._deliver(unasked(left_alone, GapReason.BACKED_OFF, detail, self._clock.now()))
        asked = self._loaded(source, asked)
        if not asked:
            return
        started = time.monotonic()
        round_ = collect(source, asked, self._clock, self._note, self._sleep)
        self._tally.collected(source.name, time.monotonic() - started)
        self._watch.step(source.name, round_, self._clock.now())

    def _loaded(self, source: OpenSource, dues: list[Due]) -> list[Due]:
        """Leave out what the source has not loaded yet."""
        found = self.loads.sort_out(source, dues, self._clock.now(), self._sleep) if dues else Sorted([])
        if found.left:
            self._note(found.left) if found.round_ else self._deliver(found.left)
        if found.round_ is not None:
            self._watch.step(source.name, found.round_, self._clock.now())
        return found.ready

    def ask_again(self, series: Collection[int]) -> None:
        """Let refused questions be asked at their next reading; refused once more, they wait longer than before."""
        for one in series:
            refused = self._refusals.get(one)  # looked at once: a round may be answered meanwhile
            if refused is not None:
                self._refusals[one] = (refused[0], AT_ONCE)

    def _sorted_out(self, dues: list[Due]) -> tuple[list[Due], list[Due]]:
        asked: list[Due] = []
        left_alone: list[Due] = []
        for due in dues:
            _, until = self._refusals.get(due.series, (0, due.slot))
            (left_alone if due.slot < until else asked).append(due)
        return asked, left_alone

    def _note(self, findings: list[Found]) -> None:
        for found in findings:
            if isinstance(found.left, Gap) and found.left.reason in REFUSED:
                self._refused(found)
            else:
                self._refusals.pop(found.due.series, None)
        self._deliver(findings)

    def _refused(self, found: Found) -> None:
        due = found.due
        count = self._refusals.get(due.series, (0, due.slot))[0] + 1
        every = due.binding.cadence(due.key_result.cycle).nominal(due.slot)
        wait = refusal_wait(every, count)
        self._refusals[due.series] = (count, due.slot + wait)
        if count == 1 and isinstance(found.left, Gap):
            log.warning(
                "question_refused",
                key_result=due.key_result.address,
                reason=found.left.reason,
                detail=found.left.detail,
            )

    def _sleep(self, seconds: float) -> None:
        self._stopping.wait(seconds)


def _check(source: OpenSource) -> Health:
    """Ask whether it is there; a connector that raises, against its promise, has not said so."""
    try:
        return source.connector.check(min(PROBE, source.timeout))
    except Exception as error:
        log.exception("connector_failed", source=source.name, error=type(error).__name__)
        return Health(ok=False, message="the connector failed; see the log", kind=ErrorKind.TRANSIENT)


def _round_of(health: Health) -> Round:
    """Make a round of what `check` found."""
    if health.ok:
        return Round(asked=1, failed=0)
    reason = GapReason(health.kind.value) if health.kind else GapReason.TRANSIENT
    return Round(asked=1, failed=1, reason=reason, detail=health.message)
