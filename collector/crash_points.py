"""Names the places at which a kill is hardest to survive, so that a test can kill krd at each of them.

A power failure chooses its instant; a test has to. `KRD_CRASH_AT=message_sent:3` ends the process without a goodbye, as
SIGKILL does, when it passes that point for the third time. Unset, as it is wherever krd works, passing costs a comparison.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

VARIABLE = "KRD_CRASH_AT"


class Point(StrEnum):
    """Where a process can be made to die. Each is passed at one place of the code."""

    # inside a writing transaction: nothing of it may be left
    WRITE_BEGUN = "write_begun"
    ENROLLED = "enrolled"
    SAMPLES_ADDED = "samples_added"
    GAPS_ADDED = "gaps_added"
    CURRENTS_PUT = "currents_put"
    DAYS_PUT = "days_put"
    EVALUATIONS_PUT = "evaluations_put"
    ALERTS_PUT = "alerts_put"
    TRANSITIONS_ADDED = "transitions_added"
    TOLD_PUT = "told_put"
    ENQUEUED = "enqueued"
    MOMENT_MARKED = "moment_marked"
    DEED_NOTED = "deed_noted"
    CLAIMED = "claimed"
    SETTLED = "settled"
    SPLIT = "split"
    HURRIED = "hurried"
    DISABLED = "disabled"
    ENABLED = "enabled"
    REVIVED = "revived"
    WRITE_ENDING = "write_ending"
    """All is written, and not yet kept."""
    WRITE_KEPT = "write_kept"

    # between the outbox and the other side
    BUNDLE_CLAIMED = "bundle_claimed"
    MESSAGE_COMPOSED = "message_composed"
    MESSAGE_SENT = "message_sent"
    """The only place where a kill makes a message arrive twice: it was taken, and nobody has written that down."""
    BUNDLE_SETTLING = "bundle_settling"
    BUNDLE_SETTLED = "bundle_settled"


Act = Callable[[Point], None]
"""Hears of every point that is passed."""


@dataclass(slots=True)
class _Hook:
    act: Act | None = None


_HOOK = _Hook()


def on_each(act: Act | None) -> None:
    """Have `act` hear of every point that is passed from now on; nothing: nobody does."""
    _HOOK.act = act


def arm(point: Point, passes: int = 1) -> None:
    """Let the process die when it passes `point` for the `passes`-th time from now."""
    left = itertools.count(passes - 1, -1)

    def act(passed: Point) -> None:
        if passed is point and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    on_each(act)


def arm_from(environment: Mapping[str, str]) -> None:
    """Do what `KRD_CRASH_AT` says, if it is there. Raises `ValueError` when it names no point."""
    said = environment.get(VARIABLE)
    if said is not None:
        name, _, passes = said.partition(":")
        arm(Point(name), int(passes or 1))


def reached(point: Point) -> None:
    """Pass `point`, or die there."""
    if _HOOK.act is not None:
        _HOOK.act(point)


arm_from(os.environ)
