"""krd and Debian's Alertmanager through the same faults: who lost, doubled or delayed what.

Each runs as a process of its own with a webhook receiver of its own, over loopback: `krd run` with guardrails and sources
that are made to fail; Alertmanager pushed to each second as Prometheus pushes to it, and behind a real Prometheus with
rules where the fault befalls whoever counts a pending time. Both wait 1 s for a group and 5 s between its messages, the
least at which Alertmanager's tries of 10 s stay longer than its interval; each alert is a group of its own; repeats come
after 4 h. Prometheus restores no `for` below its grace period, 10 min unless told: it is told 1 s, and has its default in
the last fault.

lost: events (that it fires, that it is over) of which the receiver never heard; a message that it is over, and since when it
was not, tells of both. doubled: messages that tell again what was told, so that nobody can know them from news. Messages
under the id of one that was told already, which a receiver of Standard Webhooks drops, are `resent`. delayed_s: how many
seconds later than undisturbed the receiver heard of an event, at the worst; where it was away itself, that counts as well,
and after_return_s says how late it was from then on.

Limits: krd loses 0, doubles 0, and sends at most one again under its id a kill.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.command import Options, Report

if TYPE_CHECKING:
    from benchmarks.delivery_faults import Fault
    from benchmarks.delivery_system import Reckoned

LANES = 4
"""So many faults are played at a time."""
SIDES = ("krd", "alertmanager")
Usual = Mapping[tuple[str, bool], float]


@dataclass(frozen=True, slots=True)
class Played:
    """How one side stood one fault."""

    fault: Fault
    side: str
    reckoned: Reckoned
    back: float | None
    """Seconds after the receiver was back until it had heard of everything; nothing where it never left."""
    usual: Usual

    @property
    def delayed(self) -> float:
        """Seconds later than undisturbed, at the worst."""
        waited = self.reckoned.waited
        late = [seconds - self.usual[_kind(event)] for event, seconds in waited.items()]
        return max([0.0, *late])

    def document(self) -> dict[str, Any]:
        found = self.reckoned
        return {
            "fault": self.fault.name,
            "system": self.side,
            "events": found.events,
            "lost": len(found.lost),
            "lost_events": list(found.lost),
            "doubled": found.doubled,
            "resent": found.resent,
            "delayed_s": round(self.delayed, 1),
            "after_return_s": None if self.back is None else round(self.back, 1),
        }


def measure(options: Options) -> Report:
    """Play every fault on both sides. Raises `BenchmarkFailed` when a side does not even start."""
    from benchmarks.delivery_faults import FAULTS, UNDISTURBED  # noqa: PLC0415  (there once the setup has ended)
    from collector.provision import alertmanager, prometheus  # noqa: PLC0415  (as above)

    alertmanager(), prometheus()  # fetched once, before the first fault
    faults = [fault for fault in FAULTS if fault.small or not options.small]
    with tempfile.TemporaryDirectory(prefix="krd-benchmark-") as name:
        lanes = _Lanes(Path(name), options)
        calm = lanes.play(UNDISTURBED)
        stood = lanes.play(faults)
    usual = {side: _usual([one for one in calm if one.side == side]) for side in SIDES}
    rows = [Played(one.fault, one.side, one.reckoned, one.back, usual[one.side]) for one in stood]
