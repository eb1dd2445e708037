"""What the page shows of one open alert: how bad it is, since when, and what lies over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from collector.domain.alert import AlertState
from collector.domain.announcement import Severity
from collector.domain.explanation import ago
from collector.ports.board import OpenAlert
from collector.ports.subject import of_key_result
from collector.web.line import Tone


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An open alert in words."""

    tone: Tone
    mark: str
    word: str
    """`page for 3 h`; while it recovers it says so."""
    title: str
    place: str
    """Where on the page the key result stands that it is about; empty when it is about none."""
    notes: tuple[str, ...]
    """Its team, and who laid what over it."""


def alert_line(one: OpenAlert, at: datetime) -> AlertLine:
    """Word an open alert as it stands at `at`. What is in hand, or not to be heard of, is not shown as loudly."""
    alert = one.alert
    calm = one.ack is not None or one.silence is not None or one.inhibitor is not None
    tone = Tone.RISK if calm or alert.severity is Severity.INFO else Tone.OFF
    state = "recovering, " if alert.state is AlertState.RECOVERING else ""
    since = f" for {ago(at - alert.opened)}" if alert.opened is not None else ""
    return AlertLine(
        tone=tone,
        mark="▲" if tone is Tone.RISK else "■",
        word=f"{state}{alert.severity.value}{since}",
        title=one.said.title,
        place=alert.subject if of_key_result(alert, one.said) else "",
        notes=tuple(_notes(one)),
    )


def _notes(one: OpenAlert) -> Iterator[str]:
    if one.said.team:
        yield one.said.team
    if one.ack is not None:
        yield f"acked by {one.ack.author}" + (f": {one.ack.note}" if one.ack.note else "")
    if one.silence is not None:
        until = one.silence.ends.astimezone(UTC)
        yield f"silenced until {until:%Y-%m-%d %H:%M} UTC by {one.silence.author}: {one.silence.reason}"
    if one.inhibitor is not None:
        yield f"{one.inhibitor.kind.value} {one.inhibitor.subject} speaks for it"
