"""What both sides of the comparison can do: be told that something is wrong or right, be killed, and tell a receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from benchmarks.delivery_process import Server
from benchmarks.delivery_receiver import Message, Receiver

GROUP_WAIT, GROUP_INTERVAL, REPEAT = 1, 5, 4 * 3600
"""Seconds, the same for both. The usual 30 s and 5 min (krd and Alertmanager alike) would make hours of this; below 5 s of
interval Alertmanager's own patience with a receiver, 10 s at least, would span several of them. 4 h is its usual repeat.
"""
QUICK = ("quick-1", "quick-2", "quick-3")
"""Alerts that are read every second and fire at once or nearly so; each is a group of its own."""
SLOW = "slow"
"""An alert that has to stay wrong for `PENDING[SLOW]` seconds before it fires."""
DOWN = "down"
"""An alert about a source that does not answer, for `PENDING[DOWN]` seconds."""
PENDING: Mapping[str, int] = {SLOW: 6, DOWN: 12}
"""Seconds: two readings, and three failing rounds, of what krd reads every 6 s; the `for` of Prometheus's rules."""


class Event(NamedTuple):
    """What the receiver has to hear: that something is wrong, or that it is over."""

    alert: str
    wrong: bool

    def __str__(self) -> str:
        return f"{self.alert} {'firing' if self.wrong else 'resolved'}"


class System(Protocol):
    """One side, with a receiver of its own."""

    name: str
    receiver: Receiver
    silence: float
    """Seconds it may be silent, once nothing hinders it, before it is sure to say no more of what is past."""

    @property
    def server(self) -> Server:
        """The process that faults befall: the one that waits, or the one that sends."""

    def start(self) -> None:
        """Start everything and wait until it has seen that all is well. Raises `BenchmarkFailed`."""

    def turn(self, event: Event) -> None:
        """Make it so."""

    def seen(self, event: Event) -> float | None:
        """Give the monotonic instant at which it was told so first; nothing while it was not."""

    def events(self, message: Message) -> list[Event]:
        """Give what a message tells. What began and ended before it could be said is two events."""

    def close(self) -> None:
        """End everything. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How a receiver was served."""

    events: int
    """That it had to hear of."""
    lost: tuple[str, ...]
    """Of which it never heard."""
    doubled: int
    """Messages that told again what was told, under another name or none: a receiver cannot know them from news."""
    resent: int
    """Messages that told it again under the same name, which a receiver that keeps ids drops."""
    waited: Mapping[Event, float] = field(default_factory=dict)
    """Seconds from when the system was told to when its receiver was."""
    heard: Mapping[Event, float] = field(default_factory=dict)
    """When its receiver was, by the monotonic clock."""


def reckon(wanted: Mapping[Event, float], messages: list[Message], system: System) -> Reckoned:
    """Compare what was to be heard, each since a monotonic instant, with what was.

    Whoever hears that an alert is over, and since when it was wrong, has heard that it was.
    """
    first: dict[Event, float] = {}
    names: dict[Event, set[str]] = {}
    doubled = resent = 0
    for message in (one for one in messages if one.accepted):
        told = system.events(message)
        again = [event for event in told if event in names]
        if again and all(message.id in names[event] for event in again):
            resent += 1
        elif again:
            doubled += 1
        for event in told:
            names.setdefault(event, set()).update([message.id] if message.id else [])
            first.setdefault(event, message.at)
    for event in wanted:
        over = first.get(Event(event.alert, wrong=False))
        if event.wrong and over is not None:
            first[event] = min(first.get(event, over), over)
    heard = {event: first[event] for event in wanted if event in first}
    return Reckoned(
        events=len(wanted),
        lost=tuple(str(event) for event in wanted if event not in heard),
        doubled=doubled,
        resent=resent,
        waited={event: at - wanted[event] for event, at in heard.items()},
        heard=heard,
    )
