"""The live lab: a shop that really slows down, a line that is really cut, and krd that has to notice. Nothing is faked."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from collector.app import App, Running, build
from collector.clock import Clock, WallClock
from collector.configuration.settings import Database, Settings, Web, read_settings
from collector.domain.alert import Transition
from collector.domain.cycle import Cycle
from collector.errors import KrdError, UsageError
from collector.lab.chapters import CUT, JOINED, Seen, Verdict, judge
from collector.lab.files import lay_out
from collector.lab.stage import LATENCY, Stage
from collector.lab.tracker import require_roundup
from collector.lab.witness import Witness
from collector.provision import prometheus
from collector.setup.progress import SetupFailed

LOOK_EVERY = 0.1
"""Seconds between two looks of the witness."""
SHEET_ON = JOINED + 3.0
"""Day on which the sheet is printed: joined, and healed."""

Say = Callable[[str], None]


class LabFailed(KrdError):
    """The lab cannot be set up here."""


@dataclass(slots=True)
class _Hands:
    """The cycle, once krd has begun it; the shop's plan follows its days."""

    clock: Clock
    cycle: Cycle | None = None

    def day(self) -> float:
        """Count days since the cycle's start, with fractions; 0 before it."""
        if self.cycle is None:
            return 0.0
        return max((self.clock.now() - self.cycle.starts) / self.cycle.grid.length, 0.0)


def run(*, duration: timedelta | None, folder: Path | None, say: Say) -> int:
    """Run the lab until `duration` after the cycle's start, or to the cycle's end; tell what happens through `say`.

    Gives the exit code: 0 when every claim that was reached came true, 1 when not, 130 when it was interrupted. Without
    `folder` everything is kept in a temporary one and removed. Raises `LabFailed` when there is no Prometheus, and
    `TrackerFailed` when there is no Roundup.
    """
    clock = WallClock()
    with ExitStack() as stack:
        place = _place(folder, stack)
        require_roundup()
        say("finding Prometheus")
        try:
            binary = prometheus()
        except SetupFailed as error:
            raise LabFailed(str(error)) from error
        hands = _Hands(clock)
        say("starting the shop, its robots, the warehouse, Prometheus and the ticket tracker")
        stage = stack.enter_context(Stage(binary, place, clock, hands.day))
        stage.publish()
        app = build(_settings(lay_out(place), place), clock)
        stack.callback(app.close)
        running = _started(app)
        stack.callback(running.stop)
        return _watch(running, stage, hands, duration, say)


def _place(folder: Path | None, stack: ExitStack) -> Path:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    place = Path(tempfile.mkdtemp(prefix="krd-lab-"))
    stack.callback(shutil.rmtree, place, ignore_errors=True)
    return place


def _settings(config: Path, place: Path) -> Settings:
    given = read_settings()
    return given.model_copy(
        update={"config": config, "database": Database(url=SecretStr(f"sqlite:///{place / 'krd.db'}"))}
    )


def _started(app: App) -> Running:
    """Start krd; where the usual port is taken, on any free one."""
    running = Running(app)
    try:
        running.start()
    except UsageError:
        free = app.settings.model_copy(update={"web": Web(listen=f"{app.settings.web.host}:0")})
        app.settings = free
        running = Running(app)
        running.start()
    return running


def _watch(running: Running, stage: Stage, hands: _Hands, duration: timedelta | None, say: Say) -> int:
    witness = Witness(running)
    cycle = hands.cycle = witness.key_result.cycle
    length = cycle.grid.length
    ends = min(cycle.days * length, duration) if duration is not None else cycle.days * length
    if running.web is not None:
        say(f"krd runs: {running.web.url}")
    say(
        f"the cycle has {cycle.days} days of {length.total_seconds():g} s; a sync every 7 days; Ctrl-C ends it"
    )
    moments = _Moments(stage, witness, say)
    interrupted = False
    try:
        while hands.day() * length < ends:
            for change in witness.look():
                _tell(change, hands.day(), say)
            moments.play(hands.day())
            time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        interrupted = True
    witness.look()
    return _summed_up(
        Seen(cycle, witness, stage.inbox, stage.clerk, stage.desk),
        hands.day(),
        interrupted=interrupted,
        say=say,
    )


class _Moments:
    """What is done to the shop and to the line, each once, on its day."""

    def __init__(self, stage: Stage, witness: Witness, say: Say) -> None:
        self._left: list[tuple[float, str, Callable[[], None]]] = [
            (LATENCY.breaks_on, "the shop breaks: checkouts take 4.5 times as long, and some fail", _nothing),
            (LATENCY.mended_on, "the shop is mended", _nothing),
            (CUT, "the line to Prometheus is cut; Prometheus goes on scraping", stage.relay.cut),
            (JOINED, "the line is joined again", stage.relay.join),
            (SHEET_ON, "the sheet:", lambda: _lines(witness.sheet(), say)),
        ]
        self._say = say

    def play(self, day: float) -> None:
        while self._left and day >= self._left[0][0]:
            planned, text, act = self._left.pop(0)
            self._say(f"day {planned:4.1f}  {text}")
            act()


def _nothing() -> None:
    """The shop's own plan does it."""


def _lines(lines: list[str], say: Say) -> None:
    for line in lines:
        say(line)


def _tell(change: Transition, day: float, say: Say) -> None:
    alert = change.alert
    subject = alert.subject.partition(":")[2] or alert.subject
    say(f"day {day:4.1f}  krd: {alert.kind.value} of {subject}: {change.was.value} → {alert.state.value}")


def _summed_up(seen: Seen, reached: float, *, interrupted: bool, say: Say) -> int:
    say(f"what really happened, in {reached:.1f} days:")
    judged = judge(seen, reached)
    for one in judged:
        measured = f": {one.measured}" if one.measured else " (not reached)"
        say(f"  {one.verdict.value} {one.claim.text}{measured}")
    if interrupted:
        return 130
    return 1 if any(one.verdict is Verdict.FALSE for one in judged) else 0
