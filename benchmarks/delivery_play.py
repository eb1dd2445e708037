"""Plays faults on both sides, some at a time, and compares what the receivers heard with what they hear undisturbed."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.command import BenchmarkFailed, Options, say
from benchmarks.delivery_alertmanager import Evaluated, Pushed
from benchmarks.delivery_faults import FAULTS, SETTLE_SECONDS, UNDISTURBED, Fault, Stage
from benchmarks.delivery_krd import Krd
from benchmarks.delivery_system import Event, Reckoned, System
from collector.provision import alertmanager, prometheus

LANES = 6
"""So many sides are in a fault at a time: most of it is waiting."""
SIDES = (Krd.name, Pushed.name)


@dataclass(frozen=True, slots=True)
class Played:
    """How one side stood one fault."""

    fault: Fault
    side: str
    reckoned: Reckoned
    back: float | None
    """When a receiver that was away was there again, by the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The same beside the undisturbed run; `usual` holds its seconds by the kind of alert and whether it began."""

    played: Played
    usual: Mapping[tuple[str, bool], float]

    @property
    def delayed(self) -> tuple[float, str]:
        """Seconds later than undisturbed that the receiver heard of an event, at the worst, and of which."""
        waited = self.played.reckoned.waited
        late = [(seconds - self.usual[_kind(event)], str(event)) for event, seconds in waited.items()]
        return max([(0.0, ""), *late])

    @property
    def after_return(self) -> float | None:
        """Seconds from when the receiver was back until it had heard all it was ever to hear; nothing where it never left."""
        if self.played.back is None:
            return None
        return max([0.0, *(at - self.played.back for at in self.played.reckoned.heard.values())])

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        found, after = self.played.reckoned, self.after_return
        seconds, latest = self.delayed
        return {
            "fault": self.played.fault.name,
            "system": self.played.side,
            "events": found.events,
            "lost": len(found.lost),
            "lost_events": list(found.lost),
            "doubled": found.doubled,
            "resent": found.resent,
            "delayed_s": round(seconds, 1),
            "delayed_event": latest,
            "after_return_s": None if after is None else round(after, 1),
        }


def play_all(folder: Path, options: Options) -> list[Compared]:
    """Play every fault on both sides, each in the order of `FAULTS`. Raises `BenchmarkFailed` when a side does not even
    start, or loses something undisturbed.
    """
    alertmanager(), prometheus()  # fetched once, before any thread asks for them
    faults = [fault for fault in FAULTS if fault.small or not options.small]
    if options.small:  # the figures mean nothing, so they may disturb each other
        every = _play([*UNDISTURBED, *faults], folder, options, lanes=2 * LANES)
        calm, stood = every[: 2 * len(UNDISTURBED)], every[2 * len(UNDISTURBED) :]
    else:
        calm = _play(UNDISTURBED, folder, options, lanes=LANES)
        stood = _play(faults, folder, options, lanes=LANES)
    usual = {side: _usual([one for one in calm if one.side == side]) for side in SIDES}
    return [Compared(one, usual[one.side]) for one in stood]


def _play(faults: Sequence[Fault], folder: Path, options: Options, lanes: int) -> list[Played]:
    asked = [(fault, side) for fault in faults for side in SIDES]
    with ThreadPoolExecutor(lanes, thread_name_prefix="fault") as pool:
        return list(pool.map(lambda one: _played(one[0], one[1], folder, options), asked))


def _played(fault: Fault, side: str, folder: Path, options: Options) -> Played:
    name = f"{side}-{fault.play.__name__}-{fault.grace or 'pushed'}"
    chance = random.Random(f"{options.seed} {fault.name}")  # the same for both sides
    system = _system(fault, side, folder / name)
    try:
        system.start()
        stage = Stage(system, chance, options.small)
        fault.play(stage)
        time.sleep(SETTLE_SECONDS)
        reckoned = stage.reckoned()
    finally:
        system.close()
    say(f"{side}: {fault.name}: lost {len(reckoned.lost)}, doubled {reckoned.doubled}")
    return Played(fault, side, reckoned, stage.back)


def _system(fault: Fault, side: str, folder: Path) -> System:
    if side == Krd.name:
        return Krd(folder)
    return Evaluated(folder, fault.grace) if fault.grace else Pushed(folder)


def _usual(calm: Sequence[Played]) -> dict[tuple[str, bool], float]:
    """Give how long each kind of event takes. Raises `BenchmarkFailed` when one was lost or told twice."""
    for one in calm:
        if one.reckoned.lost or one.reckoned.doubled or one.reckoned.resent:
            raise BenchmarkFailed(f"{one.side} does not deliver once even undisturbed: {one.reckoned}")
    return {_kind(event): seconds for one in calm for event, seconds in one.reckoned.waited.items()}


def _kind(event: Event) -> tuple[str, bool]:
    return event.alert.partition("-")[0], event.wrong
