"""Tells on stderr what the setup is doing, with the seconds since it began; and the error it ends with."""

from __future__ import annotations

import os
import sys
import time

from collector.errors import KrdError

STARTED = "KRD_SETUP_STARTED"
"""Carries the beginning over the restart. Nothing reads it later: `ensure` takes it out of the environment."""

_beginning: list[float] = []


class SetupFailed(KrdError):
    """The machine cannot be made ready; the text names the obstacle and what removes it."""


def beginning() -> float:
    """Give the monotonic second of the first word; that clock is the machine's, so it outlives the process."""
    if not _beginning:
        _beginning.append(float(os.environ.get(STARTED) or time.monotonic()))
    return _beginning[0]


def say(text: str) -> None:
    """Write one line, such as `[setup   1.5s] installing locked dependencies`."""
    started = beginning()
    sys.stderr.write(f"[setup {time.monotonic() - started:5.1f}s] {text}\n")
    sys.stderr.flush()
