"""The verdict a team reads, stepping once a closed day: it *is* the state of the drift machine (DESIGN §5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from collector.domain.alert import Condition
from collector.domain.drift_policy import DriftPolicy

FULL_COVERAGE = 0.90


class Status(StrEnum):
    """Where a key result stands against its promise."""

    DRAFT = "draft"
    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    ACHIEVED = "achieved"
    MISSED = "missed"
    RETIRED = "retired"


def first_judged_day(days: int) -> int:
    """Number (from 1) the first day on whose close a reach of `days` days is judged (DESIGN §5)."""
    return max(2, min(7, round(days / 13)))


@dataclass(frozen=True, slots=True)
class Drift:
    """What the machine remembers between days."""

    status: Status = Status.NOT_STARTED
    low: int = 0
    """Days in a row with P below the line of drift."""
    high: int = 0
    """Days in a row above the on-track line since off track was raised."""
    raised: datetime | None = None
    """When off track was raised."""
    day: int = -1
    """The last day (index) that was stepped; days before it are never stepped again."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            "status": self.status.value,
            "low": self.low,
            "high": self.high,
            "raised": self.raised.isoformat() if self.raised else None,
            "day": self.day,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Drift:
        """Make it from what `document` gave."""
        raised = document["raised"]
        return cls(
            **{
                **document,
                "status": Status(document["status"]),
                "raised": datetime.fromisoformat(raised) if raised else None,
            }
        )

    @property
    def condition(self) -> Condition:
        """Say it in the alert's words."""
        if self.status is Status.OFF_TRACK:
            return Condition.RECOVERING if self.high else Condition.FIRING
        if self.low and self.status in (Status.ON_TRACK, Status.AT_RISK):
            return Condition.PENDING
        return Condition.CLEAR


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """What one closed day says."""

    day: int
    at: datetime
    """The close of the day."""
    p_hit: float | None
    """P(success for its commitment); nothing when too few days hold a reading."""
    ahead: bool
    """Whether progress is at or above the expected."""
    judged: bool
    """Whether the first day of judgement has come."""
    covered: bool
    """Whether at least 90 % of the slots due hold a used reading."""
    sync_passed: bool
    """Whether a sync has passed since off track was raised."""


def step_day(drift: Drift, verdict: DayVerdict, policy: DriftPolicy) -> Drift:
    """Step the machine by one closed day with good data. Frozen days are not stepped: they neither count nor break.

    Off track: P below the policy's line on its days in a row (those before the first day of judgement count, but raise
    nothing). Back: only from the on-track line on for its days in a row, and after the next sync. Fewer low days leave the
    status unchanged. Without a P it goes by pace alone and never off track.
    """
    p_hit = verdict.p_hit
    low = drift.low + 1 if p_hit is not None and p_hit < policy.off_track else 0
    if drift.status is Status.OFF_TRACK:
        return _recover(drift, verdict, policy, low)
    moved = replace(drift, day=verdict.day, low=low, high=0)
    if not verdict.judged:
        return replace(moved, status=Status.NOT_STARTED)
    if low >= policy.days:
        return replace(moved, status=Status.OFF_TRACK, raised=verdict.at)
    if low and drift.status in (Status.ON_TRACK, Status.AT_RISK):
        return moved
    return replace(moved, status=_band(verdict, policy))


def _recover(drift: Drift, verdict: DayVerdict, policy: DriftPolicy, low: int) -> Drift:
    above = verdict.p_hit is not None and verdict.p_hit >= policy.on_track
    high = drift.high + 1 if above else 0
    moved = replace(drift, day=verdict.day, low=low, high=high)
    if high >= policy.back and verdict.sync_passed:
        return replace(moved, status=_band(verdict, policy), raised=None, high=0)
    return moved


def _band(verdict: DayVerdict, policy: DriftPolicy) -> Status:
    good = verdict.ahead if verdict.p_hit is None else verdict.p_hit >= policy.on_track
    return Status.ON_TRACK if good and verdict.covered else Status.AT_RISK
