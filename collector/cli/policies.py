"""Reads lines of drift from the command line, and writes them for people."""

from __future__ import annotations

from dataclasses import dataclass

from collector.cli.plain import counted
from collector.domain.drift_policy import DriftPolicy
from collector.domain.okr import KeyResult
from collector.errors import UsageError

_MOST_DAYS = 31
"""As in `drift:` of the files."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines and days as typed; what is not there is as in the policy of each key result."""

    off_track: float | None = None
    on_track: float | None = None
    days: int | None = None
    back: int | None = None

    def checked(self) -> Lines:
        """Give itself. Raises `UsageError` for what is no number of days."""
        for option, count in (("--days", self.days), ("--back", self.back)):
            if count is not None and not 1 <= count <= _MOST_DAYS:
                raise UsageError(f"{option}: is a number of days in a row, 1 to {_MOST_DAYS}, got {count}")
        return self

    def of(self, key_result: KeyResult) -> DriftPolicy:
        """Give the policy to play `key_result` by. Raises `UsageError` where nothing is left between the lines."""
        own = key_result.drift
        policy = DriftPolicy(
            off_track=self.off_track if self.off_track is not None else own.off_track,
            on_track=self.on_track if self.on_track is not None else own.on_track,
            days=self.days or own.days,
            back=self.back or own.back,
        )
        if policy.off_track >= policy.on_track:
            said = [
                f"{name} {line:g}{'' if given is not None else f', which is the policy of {key_result.address}'}"
                for name, line, given in (
                    ("--off-track", policy.off_track, self.off_track),
                    ("--on-track", policy.on_track, self.on_track),
                )
            ]
            raise UsageError(f"{said[0]} is not below {said[1]}: say both")
        return policy


def chance(option: str, text: str | None) -> float | None:
    """Read a probability to draw a line at, `.20` or `20%`. Raises `UsageError` for anything else."""
    if text is None:
        return None
    bare = text.strip()
    try:
        found = float(bare.removesuffix("%")) / (100 if bare.endswith("%") else 1)
    except ValueError:
        found = 0.0
    if not 0 < found < 1:
        raise UsageError(f"{option}: is a probability between 0 and 1 such as .20, got {text}")
    return found


def told(policy: DriftPolicy) -> str:
    """Say when drift is raised and when it ends."""
    return (
        f"raised below {policy.off_track:.2f} on {counted(policy.days, 'day')} in a row, "
        f"ended from {policy.on_track:.2f} on {counted(policy.back, 'day')} in a row and after a sync"
    )


def pair(policy: DriftPolicy) -> str:
    """Write the two lines: `0.20 / 0.50`."""
    return f"{policy.off_track:.2f} / {policy.on_track:.2f}"


def document(policy: DriftPolicy) -> dict[str, float | int]:
    """Give it as `drift:` names it."""
    return {
        "off_track": policy.off_track,
        "on_track": policy.on_track,
        "days": policy.days,
        "back": policy.back,
    }
