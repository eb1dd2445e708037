"""Says over alerts what people say: that they have them in hand, and that something is to be silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collector.cli import select
from collector.cli.actor import actor
from collector.cli.alerts_listing import silence_document, silence_sheet
from collector.cli.alerts_wanted import named_open, short, standing
from collector.cli.asked import Asked
from collector.cli.durations import span
from collector.cli.instants import instant
from collector.cli.opening import kept, now
from collector.cli.output import Column, Report, Section, Sheet, emit
from collector.domain.alert import Alert, AlertKind
from collector.domain.cycle import REAL_DAY, Cycle, CycleState
from collector.domain.okr import Okrs
from collector.domain.silence import Ack, Silence
from collector.errors import KrdError, UsageError
from collector.ports.subject import about
from collector.services.acknowledge import acknowledge, silence, take_back, unsilence


@dataclass(frozen=True, slots=True)
class Acked:
    """What to acknowledge, as typed."""

    names: tuple[str, ...]
    kind: AlertKind | None
    note: str
    by: str | None


@dataclass(frozen=True, slots=True)
class Hushed:
    """What to silence, as typed."""

    name: str
    length: str | None
    until: str | None
    reason: str
    kind: AlertKind | None
    by: str | None


def acknowledge_all(asked: Asked, said: Acked) -> None:
    """Acknowledge what is open of these names. Raises `KrdError` when nothing of one is; nothing is written then."""
    at, who = _now(), actor(said.by)
    with kept(asked) as app:
        alerts = named_open(standing(app), said.names, said.kind)
        made = acknowledge(app.store, alerts, who, said.note, at)
    if not made:
        raise KrdError("it ended a moment ago: nothing is left to acknowledge")
    by_name = {alert.fingerprint: alert for alert in alerts}
    documents = [_document(by_name[ack.fingerprint], ack) for ack in made]
    rows = [[*_row(by_name[ack.fingerprint]), f"in hand of {ack.author}"] for ack in made]
    emit(asked, Report(documents, documents, _sheet(rows)))


def take_all_back(asked: Asked, said: Acked) -> None:
    """Take acknowledgements back. Raises `KrdError` when nothing of a name is open, or nobody has acknowledged it."""
    if said.note:
        raise UsageError("--note goes with an acknowledgement, not with --undo")
    at, who = _now(), actor(said.by)
    with kept(asked) as app:
        alerts = named_open(standing(app), said.names, said.kind)
        freed = take_back(app.store, alerts, who, at)
    if not freed:
        raise KrdError("nobody has acknowledged that: there is nothing to take back")
    documents = [_document(alert, None) for alert in freed]
    emit(asked, Report(documents, documents, _sheet([[*_row(alert), "in nobody's hand"] for alert in freed])))


def hush(asked: Asked, said: Hushed) -> None:
    """Silence a team or a key result. Raises `UsageError` for what cannot be silenced so."""
    at, who = _now(), actor(said.by)
    if (said.length is None) == (said.until is None):
        raise UsageError("a silence has an end: say --for 2d, or --until 2026-11-30")
    if not said.reason.strip():
        raise UsageError("a silence has a reason: say --reason, others will ask")
    with kept(asked) as app:
        okrs = app.configuration.okrs
        team, address = _target(okrs, said.name, at)
        ends = _end(said, _cycle_of(okrs, team, at), at)
        made = silence(app.store, okrs, Silence(team, address, at, ends, who, said.reason, said.kind), at)
    document = silence_document(made)
    emit(asked, Report(document, [document], silence_sheet([made])))


def unhush(asked: Asked, number: int, by: str | None) -> None:
    """End a silence. Raises `KrdError` when none of that number lasts."""
    at, who = _now(), actor(by)
    with kept(asked) as app:
        ended = unsilence(app.store, app.configuration.okrs, number, who, at)
    document = silence_document(ended)
    emit(asked, Report(document, [document], silence_sheet([ended])))


def _now() -> datetime:
    """Read the clock to the second: what is printed is what is kept."""
    return now().replace(microsecond=0)


def _target(okrs: Okrs, name: str, at: datetime) -> tuple[str, str]:
    """Give the team that is named, or the team and the address of the key result that is."""
    if name in okrs.teams:
        return name, ""
    try:
        found = select.key_result(okrs, name, at)
    except UsageError as error:
        raise UsageError(f"there is no team {name!r}, and {error}") from None
    return found.team, found.address


def _cycle_of(okrs: Okrs, team: str, at: datetime) -> Cycle | None:
    """Give the cycle whose days and zone a team lives in: the active one, if there is one."""
    cycles = [calendar.cycle for (whose, _), calendar in okrs.calendars.items() if whose == team]
    active = [cycle for cycle in cycles if cycle.state(at) is CycleState.ACTIVE]
    return next(iter([*active, *cycles]), None)


def _end(said: Hushed, cycle: Cycle | None, at: datetime) -> datetime:
    if said.until is not None:
        return instant("--until", said.until, cycle, ends=True)
    length = span("--for", said.length or "")
    try:
        return cycle.ahead(at, length) if cycle is not None else at + length.nominal(REAL_DAY)
    except OverflowError:
        raise UsageError(f"--for: {said.length!r} ends beyond all calendars") from None


def _row(alert: Alert) -> list[str]:
    return [short(alert), alert.kind.value, about(alert), alert.severity.value]


def _sheet(rows: Sequence[Sequence[str]]) -> Sheet:
    columns = (Column("alert"), Column("kind"), Column("about"), Column("severity"), Column("now"))
    return Sheet(columns, [Section(rows)])


def _document(alert: Alert, ack: Ack | None) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "episode": alert.episode,
        "kind": alert.kind.value,
        "subject": about(alert),
        "severity": alert.severity.value,
        "acked": {"by": ack.author, "at": ack.at.astimezone(UTC).isoformat(), "note": ack.note or None}
        if ack is not None
        else None,
    }
