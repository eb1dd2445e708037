"""Lays out what is kept as flat facts: times are RFC 3339 in UTC, numbers stay what they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from collector.domain.alert import Transition
from collector.domain.days import Day
from collector.domain.sample import Gap, Restatement, Sample
from collector.ports.store import Annotation


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def sample(one: Sample) -> dict[str, Any]:
    """Give a sample with its origin, its state and its evidence."""
    return {
        "slot": _text(one.slot),
        "value": one.value,
        "num": one.num,
        "den": one.den,
        "state": one.state.value,
        "origin": one.origin.value,
        "as_of": _text(one.as_of),
        "recorded_at": _text(one.recorded_at),
        "evidence": dict(one.evidence),
    }


def gap(one: Gap) -> dict[str, Any]:
    """Give a gap with its reason."""
    return {"slot": _text(one.slot), "reason": one.reason.value, "detail": one.detail}


def day(day: Day, starts: datetime | None) -> dict[str, Any]:
    """Give the aggregate of a day that `starts` then; nothing where nobody knows its cycle any more."""
    return {
        "day": day.day,
        "starts": _text(starts) if starts is not None else None,
        "n": day.n,
        "value": day.value,
        "low": day.low,
        "high": day.high,
        "last": day.last,
        "last_slot": _text(day.last_slot),
        "num": day.num,
        "den": day.den,
        "inside": day.inside,
    }


def restatement(one: Restatement) -> dict[str, Any]:
    """Give what was replaced, and by what."""
    return {
        "slot": _text(one.now.slot),
        "was": one.was.value,
        "now": one.now.value,
        "was_recorded_at": _text(one.was.recorded_at),
        "was_origin": one.was.origin.value,
        "at": _text(one.at),
        "why": one.why,
    }


def annotation(one: Annotation) -> dict[str, Any]:
    """Give what a person said."""
    return {
        "id": one.id,
        "at": _text(one.at),
        "text": one.text,
        "author": one.author,
        "recorded_at": _text(one.recorded_at),
    }


def transition(seq: int, change: Transition) -> dict[str, Any]:
    """Give a change of an alert."""
    alert = change.alert
    return {
        "seq": seq,
        "event": change.event,
        "at": _text(change.at),
        "kind": alert.kind.value,
        "subject": alert.subject,
        "was": change.was.value,
        "state": alert.state.value,
        "episode": alert.episode,
        "step": alert.step,
        "why": change.why,
    }
