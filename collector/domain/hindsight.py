"""What the drift alerts of replayed key results come to: when they were raised, how early, how often, and how often rightly.

The figures are those by which the usual policy was measured (docs/explanation/foresight.md), so that they can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from collector.domain.drift_policy import DriftPolicy
from collector.domain.replay import PlayedDay, Replay

WEEK = 7
"""Days of a cycle that are called a week, also where it sets its own day."""
NOTICE = 4
"""Weeks before a miss by which a team can still act."""
USUAL = (
    DriftPolicy(off_track=0.05, on_track=0.35),
    DriftPolicy(off_track=0.10, on_track=0.40),
    DriftPolicy(off_track=0.15, on_track=0.45),
    DriftPolicy(off_track=0.20, on_track=0.50),
    DriftPolicy(off_track=0.30, on_track=0.60),
)
"""Lines that were measured beside each other, from the one that speaks least to the one that speaks most."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A drift alert, by the days at whose closes it was raised and ended."""

    raised: int
    ended: int | None = None
    """Nothing while it is on."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """A key result played by a policy, beside what became of it."""

    replay: Replay
    policy: DriftPolicy
    kept: bool | None
    """Whether the promise was kept; nothing while that is not known."""
    days: Sequence[PlayedDay] = field(init=False)
    alarms: tuple[Alarm, ...] = field(init=False)

    def __post_init__(self) -> None:
        days = self.replay.by(self.policy)
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "alarms", _alarms(days))

    @property
    def flaps(self) -> int:
        """How often an alert came back after it had ended."""
        return max(len(self.alarms) - 1, 0)

    @property
    def on(self) -> bool:
        """Whether an alert is on after the last day that was replayed."""
        return bool(self.alarms) and self.alarms[-1].ended is None

    @property
    def lost(self) -> int | None:
        """Index of the day from which on more was used than the whole cycle allows; nothing where that never came to stay."""
        lost = None
        for one in self.days:
            if one.numbers is not None:
                lost = (lost if lost is not None else one.day) if one.numbers.exceeded else None
        return lost

    @property
    def missed_on(self) -> int | None:
        """Index of the day of the miss: that on which a budget was lost, else the last one; nothing where none is known."""
        if self.kept is not False:
            return None
        return self.lost if self.lost is not None else self.replay.past.key_result.days - 1

    def before_close(self, alarm: Alarm) -> float:
        """Weeks from an alert to the close."""
        return (self.replay.past.key_result.days - 1 - alarm.raised) / WEEK

    def before_miss(self, alarm: Alarm) -> float | None:
        """Weeks from an alert to the miss, negative after it; nothing where there is none."""
        return (self.missed_on - alarm.raised) / WEEK if self.missed_on is not None else None

    @property
    def telling(self) -> Alarm | None:
        """The alert that told of the miss: the one that was on when a thirteenth of the cycle was left (a week of a quarter).
        What is raised later tells nobody anything.
        """
        days = self.replay.past.key_result.days
        last = days - 1 - round(days / 13)
        return next(
            (
                one
                for one in self.alarms
                if one.raised <= last and (one.ended is None or one.ended > last)
            ),
            None,
        )  # fmt: skip

    @property
    def lead(self) -> float:
        """Weeks from the alert that told of the miss to the miss; 0 where none did in time."""
        told = self.telling
        return max((self.before_miss(told) or 0.0) if told is not None else 0.0, 0.0)


def _alarms(days: Sequence[PlayedDay]) -> tuple[Alarm, ...]:
    found: list[Alarm] = []
    since: int | None = None
    for one in days:
        if one.off_track and since is None:
            since = one.day
        elif since is not None and not one.off_track:
            found.append(Alarm(since, one.day))
            since = None
    return (*found, Alarm(since)) if since is not None else tuple(found)


@dataclass(frozen=True, slots=True)
class Tally:
    """What alerts on several key results come to. Shares are 0-1; nothing stands where there is nothing to take one of."""

    missed: int
    kept: int
    undecided: int
    alerts: int
    alerted: int
    """Key results that ever had one."""
    on: int
    """Key results whose alert is on after their last day, among those that are undecided."""
    earliest: float | None
    """Median of the weeks from the first alert of each to its close."""
    all_flaps: int
    precision: float | None
    """Share of the alerted that were missed, of those that are decided."""
    recall: float | None
    """Share of the missed that were told of in time."""
    notice: float | None
    """Share of the missed that were told of `NOTICE` weeks before or earlier."""
    lead: float | None
    """Median of the weeks from the alert that told to the miss, 0 where none did."""
    false_alarms: float | None
    """Alerts on those that were kept, by the number of all that are decided."""
    flaps: float | None
    """Alerts that came back, by the number of all that are decided."""


def tally(played: Sequence[Hindsight]) -> Tally:
    """Sum up."""
    missed = [one for one in played if one.kept is False]
    kept = [one for one in played if one.kept]
    over = [*missed, *kept]
    alerted = [one for one in played if one.alarms]
    undecided = [one for one in played if one.kept is None]
    return Tally(
        missed=len(missed),
        kept=len(kept),
        undecided=len(undecided),
        alerts=sum(len(one.alarms) for one in played),
        alerted=len(alerted),
        on=sum(one.on for one in undecided),
        earliest=median(one.before_close(one.alarms[0]) for one in alerted) if alerted else None,
        all_flaps=sum(one.flaps for one in played),
        precision=_share([one.kept is False for one in over if one.alarms]),
        recall=_share([one.telling is not None for one in missed]),
        notice=_share([one.lead >= NOTICE for one in missed]),
        lead=median(one.lead for one in missed) if missed else None,
        false_alarms=sum(len(one.alarms) for one in kept) / len(over) if over else None,
        flaps=sum(one.flaps for one in over) / len(over) if over else None,
    )


def _share(those: Sequence[bool]) -> float | None:
    return sum(those) / len(those) if those else None
