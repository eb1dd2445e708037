"""Lays out what a backtest found as documents and as flat rows: days are counted as verdicts count them, from 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from collector.cli import policies
from collector.cli.backtest import Rows
from collector.domain.cycle import Cycle
from collector.domain.hindsight import Alarm, Hindsight, tally
from collector.domain.replay import PlayedDay
from collector.services.backtest import LeftOut, Replayed

CANNOT = (
    "Late and restated numbers are in from the start: on the day itself krd may have known less.",
    "Definitions, baselines and holidays are today's; a measure that changed is replayed from its last change on.",
    "Outages, guardrails and held readings are not replayed, nor what people did because they were told.",
)
"""What a replay cannot know."""


@dataclass(frozen=True, slots=True)
class Case:
    """A key result, played by the policy that was asked for, and by the usual ones where they are compared."""

    replayed: Replayed
    asked: Hindsight
    usual: Sequence[Hindsight] = ()

    @property
    def all(self) -> tuple[Hindsight, ...]:
        """By every policy."""
        return (self.asked, *self.usual)


def document(cases: Sequence[Case], left_out: Sequence[LeftOut], at: datetime) -> dict[str, Any]:
    """Give everything as one document."""
    usual = list(zip(*(case.usual for case in cases), strict=True))
    return {
        "at": at.isoformat(),
        "summary": asdict(tally([case.asked for case in cases])),
        "compared": [
            {"policy": _lines(played[0]), **asdict(tally(played))} for played in usual
        ],
        "key_results": [_key_result(case) for case in cases],
        "left_out": [{"address": one.key_result.address, "cycle": one.key_result.cycle.id, "why": one.why} for one in left_out],
        "cannot_know": list(CANNOT),
    }  # fmt: skip


def _lines(played: Hindsight) -> dict[str, float]:
    return {"off_track": played.policy.off_track, "on_track": played.policy.on_track}


def records(cases: Sequence[Case], rows: Rows) -> list[dict[str, Any]]:
    """Give flat rows: of each key result and policy one, one an alert, or one a day."""
    made = {Rows.KEY_RESULTS: _of_key_result, Rows.ALERTS: _of_alerts, Rows.DAYS: _of_days}[rows]
    return [row for case in cases for played in case.all for row in made(case.replayed, played)]


def _key_result(case: Case) -> dict[str, Any]:
    played = case.asked
    return {
        **_head(case.replayed),
        "policy": policies.document(played.policy),
        **_facts(case.replayed, played),
        "raised": [_alarm(played, one) for one in played.alarms],
        "course": [_day(one) for one in played.days],
        "compared": [
            {"policy": policies.document(one.policy), **_facts(case.replayed, one)} for one in case.usual
        ],
    }  # fmt: skip


def _head(replayed: Replayed) -> dict[str, Any]:
    key_result = replayed.key_result
    return {
        "address": key_result.address,
        "cycle": key_result.cycle.id,
        "commitment": key_result.commitment.value,
    }


def _flat(replayed: Replayed, played: Hindsight) -> dict[str, Any]:
    """Give what every row begins with."""
    policy = played.policy
    lines = {"off_track": policy.off_track, "on_track": policy.on_track}
    return {**_head(replayed), **lines, "low_days": policy.days, "high_days": policy.back}


def _facts(replayed: Replayed, played: Hindsight) -> dict[str, Any]:
    key_result, first = replayed.key_result, played.alarms[0] if played.alarms else None
    decided = played.kept is not None
    return {
        "replayed": len(played.days),
        "of": key_result.days,
        "status": replayed.verdict.status.value,
        "kept": played.kept,
        "missed_on": _number(played.missed_on),
        "p_hit": next((one.p_hit for one in reversed(played.days) if one.p_hit is not None), None),
        "alerts": len(played.alarms),
        "flaps": played.flaps,
        "on": played.on and not decided,
        "first_alert": _number(first.raised) if first else None,
        "first_alert_at": _instant(key_result.cycle, first.raised) if first else None,
        "weeks_before_close": played.before_close(first) if first else None,
        "told": played.telling is not None if played.kept is False else None,
        "lead_weeks": played.lead if played.kept is False else None,
    }


def _of_key_result(replayed: Replayed, played: Hindsight) -> Iterator[dict[str, Any]]:
    yield _flat(replayed, played) | _facts(replayed, played)


def _of_alerts(replayed: Replayed, played: Hindsight) -> Iterator[dict[str, Any]]:
    for alarm in played.alarms:
        yield _flat(replayed, played) | _alarm(played, alarm)


def _of_days(replayed: Replayed, played: Hindsight) -> Iterator[dict[str, Any]]:
    for one in played.days:
        yield _flat(replayed, played) | _day(one)


def _alarm(played: Hindsight, alarm: Alarm) -> dict[str, Any]:
    cycle = played.replay.past.key_result.cycle
    return {
        "raised": _number(alarm.raised),
        "raised_at": _instant(cycle, alarm.raised),
        "ended": _number(alarm.ended),
        "ended_at": _instant(cycle, alarm.ended) if alarm.ended is not None else None,
        "weeks_before_close": played.before_close(alarm),
        "weeks_before_miss": played.before_miss(alarm),
    }


def _day(one: PlayedDay) -> dict[str, Any]:
    numbers, ahead = one.numbers, one.numbers.forecast if one.numbers else None
    return {
        "day": _number(one.day),
        "ends": one.ends.isoformat(),
        "status": one.status.value,
        "p_hit": one.p_hit,
        "level": numbers.level if numbers else None,
        "target": numbers.target if numbers else None,
        "progress": numbers.progress if numbers else None,
        "spent": numbers.spent if numbers else None,
        "expected": numbers.expected if numbers else None,
        "landing": ahead.landing if ahead else None,
        "days_low": one.drift.low,
        "days_high": one.drift.high,
        "passed_over": numbers is None,
    }


def _number(day: int | None) -> int | None:
    """Number a day as verdicts do: by how many are closed at its close."""
    return day + 1 if day is not None else None


def _instant(cycle: Cycle, day: int) -> str:
    return cycle.grid.starts(day + 1).isoformat()
