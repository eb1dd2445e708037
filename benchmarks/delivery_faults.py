"""The faults, each written once for both sides."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.command import BenchmarkFailed
from benchmarks.delivery_receiver import Reply
from benchmarks.delivery_system import DOWN, GROUP_INTERVAL, QUICK, SLOW, Event, Reckoned, System, reckon
from benchmarks.delivery_waiting import until, within

SEEN_SECONDS = 30.0
"""So long it may take until a system is told of what we made wrong, and until it tells the first time."""
SHORT_SILENCE = 30.0
"""Enough of a system's silence after a receiver was away for a few seconds: the waits between tries have not grown yet."""
SETTLE_SECONDS = GROUP_INTERVAL + 2.0
"""After all was heard it is listened for so long to what is said once more."""
RESENT_SECONDS = 15.0
"""So long after its restart a system may take to send again what it does not know to be sent. krd takes the rest of the 60 s
for which it leased the letter, and is not waited for: then it is over, which the receiver hears after the re-send.
"""
APART_SECONDS = 5.0
"""Between the two alerts that have to wait: two thirds or so of one's time and a fifth of the other's are over at the end."""
RETRY_AFTER = 12
REFUSED, UNAVAILABLE = 12.0, 8.0
"""Seconds of a refused connection, and of 503. Alertmanager's first try lasts 10 s: a shorter outage it sits out."""
BRIEFLY_WRONG = 3.0


@dataclass(slots=True)
class Stage:
    """One side during one fault."""

    system: System
    chance: random.Random
    small: bool
    wanted: dict[Event, float] = field(default_factory=dict)
    back: float | None = None
    """When a receiver that was away was there again, by the monotonic clock."""

    def turn(self, alert: str, *, wrong: bool) -> Event:
        """Make it so, and wait until the system was told: from then on the receiver has to hear of it."""
        event = Event(alert, wrong)
        self.system.turn(event)
        told = f"{self.system.name} was not told that {event}"
        self.wanted[event] = until(lambda: self.system.seen(event), SEEN_SECONDS, told)
        return event

    def hear(self, *events: Event) -> None:
        """Wait until the receiver has heard of these, or is sure never to."""
        names = {str(event) for event in events}
        silence = min(self.system.silence, SHORT_SILENCE) if self.small else self.system.silence
        within(silence, lambda: not names & set(self.reckoned().lost))

    def refused(self) -> None:
        """Wait until the receiver has refused a message. Raises `BenchmarkFailed` when none comes."""
        until(
            lambda: any(not one.accepted for one in self.system.receiver.messages),
            SEEN_SECONDS,
            f"{self.system.name} sent nothing to be refused",
        )

    def reckoned(self) -> Reckoned:
        """Compare what was to be heard with what was."""
        return reckon(self.wanted, self.system.receiver.messages, self.system)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done, and on which kind of Alertmanager's caller it depends."""

    name: str
    play: Callable[[Stage], None]
    grace: str = ""
    """Prometheus's grace period, where the fault befalls what counts `for`; else we push alerts ourselves."""
    small: bool = True
    """Whether it is worth its time when only the benchmark itself is checked."""


def undisturbed(stage: Stage) -> None:
    """Nothing is wrong: how long an event takes."""
    stage.hear(stage.turn(QUICK[0], wrong=True))
    stage.hear(stage.turn(QUICK[0], wrong=False))


def undisturbed_pending(stage: Stage) -> None:
    """The same for alerts that have to wait."""
    stage.hear(stage.turn(DOWN, wrong=True), stage.turn(SLOW, wrong=True))


def killed_after_answer(stage: Stage) -> None:
    """The receiver answers 200, and the sender dies before it can do anything with the answer; then it is over."""
    server = stage.system.server
    stage.system.receiver.replies.append(
        Reply(before=lambda: server.send(signal.SIGSTOP), after=lambda: server.send(signal.SIGKILL))
    )
    event = stage.turn(QUICK[0], wrong=True)
    stage.hear(event)
    server.end(signal.SIGKILL)
    server.start()
    # what is pushed again would else be over before it is sent again
    within(RESENT_SECONDS, lambda: len(stage.system.receiver.messages) > 1)
    if stage.small:
        return
    stage.hear(stage.turn(QUICK[0], wrong=False))


def busy(stage: Stage) -> None:
    """The receiver answers one message with 429; it is over before the sender tries again."""
    _refuse_once(stage, Reply(429))


def busy_for_seconds(stage: Stage) -> None:
    """The same, and the receiver says when it wants to be asked again."""
    _refuse_once(stage, Reply(429, {"retry-after": str(RETRY_AFTER)}))


def away(stage: Stage) -> None:
    """The receiver is gone, then unavailable, then back; meanwhile one alert ends, one begins, and one does both."""
    receiver = stage.system.receiver
    ends, begins, passes = QUICK
    stage.hear(stage.turn(ends, wrong=True))
    share = 0.4 if stage.small else 1.0
    receiver.down()
    left = time.monotonic()
    stage.turn(ends, wrong=False)
    stage.turn(begins, wrong=True)
    stage.turn(passes, wrong=True)
    time.sleep(BRIEFLY_WRONG)
    stage.turn(passes, wrong=False)
    time.sleep(max(left + REFUSED * share - time.monotonic(), 0.0))
    receiver.always = Reply(503)
    receiver.up()
    time.sleep(UNAVAILABLE * share * stage.chance.uniform(0.9, 1.1))
    receiver.always = Reply()
    stage.back = time.monotonic()
    stage.hear(*stage.wanted)


def restarted_in_order(stage: Stage) -> None:
    """Whoever counts the pending time is asked to end within it, and started again."""
    _restart(stage, signal.SIGTERM)


def killed_while_pending(stage: Stage) -> None:
    """The same, without a goodbye."""
    _restart(stage, signal.SIGKILL)


def _refuse_once(stage: Stage, reply: Reply) -> None:
    stage.system.receiver.replies.append(reply)
    began = stage.turn(QUICK[0], wrong=True)
    stage.refused()
    stage.hear(began, stage.turn(QUICK[0], wrong=False))


def _restart(stage: Stage, number: signal.Signals) -> None:
    events = [stage.turn(DOWN, wrong=True)]
    time.sleep(APART_SECONDS)
    events.append(stage.turn(SLOW, wrong=True))
    time.sleep(stage.chance.uniform(0.5, 2.0))
    if stage.system.receiver.messages:
        raise BenchmarkFailed(f"{stage.system.name} was too late to be stopped within the pending time")
    server = stage.system.server
    server.end(number)
    server.start()
    stage.hear(*events)


SCALED = "1s"
"""`for` of 6 s is to this what 15 min, a usual one, is to Prometheus's default: long enough to be restored."""
FAULTS: Sequence[Fault] = (
    Fault("kill -9 after the receiver's 200", killed_after_answer),
    Fault("one 429, then it is over", busy),
    Fault(f"one 429 with Retry-After: {RETRY_AFTER}, then it is over", busy_for_seconds, small=False),
    Fault("receiver away, then 503, then back", away),
    Fault("SIGTERM within the pending time", restarted_in_order, SCALED, small=False),
    Fault("kill -9 within the pending time", killed_while_pending, SCALED),
    Fault("the same, `for` below the grace period", killed_while_pending, "10m", small=False),
)
UNDISTURBED: Sequence[Fault] = (
    Fault("undisturbed", undisturbed),
    Fault("undisturbed, pending", undisturbed_pending, SCALED),
)
