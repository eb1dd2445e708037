"""Lists alerts with what lies over them, and the silences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collector.app import App
from collector.cli.alerts_wanted import Filters, short
from collector.cli.asked import Asked
from collector.cli.instants import stamp
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.domain.alert import Alert, AlertState
from collector.domain.announcement import Severity
from collector.domain.explanation import ago
from collector.domain.silence import Silence
from collector.errors import UsageError
from collector.ports.board import OpenAlert
from collector.ports.store import Wanted
from collector.ports.subject import about
from collector.services.alert_documents import alert_document
from collector.services.open_alerts import OpenAlerts
from collector.services.select_alerts import concerns

COLUMNS = (
    Column("alert"), Column("state"), Column("for", right=True), Column("severity"), Column("kind"), Column("about"),
    Column("what"), Column("over it"),
)  # fmt: skip
PORTION = 500
ELSEWHERE = frozenset({AlertState.PENDING, AlertState.RESOLVED})
"""States of alerts that are not open, and yet say something."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What to list."""

    filters: Filters
    every: bool
    """Whether also what is over, and what may begin."""


def show_list(asked: Asked, listed: Listed) -> None:
    """Print the alerts. Raises `UsageError` for a team that is not there."""
    at = now()
    with kept(asked) as app:
        wanted = listed.filters.checked(app)
        closed = ELSEWHERE if listed.every else ELSEWHERE & wanted.states
        found = OpenAlerts(app.store, app.configuration.okrs).look(at)
        if closed:
            found += _closed(app, closed)
    alerts = [one for one in found if concerns(wanted, one.alert, one.said)]
    documents = [alert_document(one) for one in alerts]
    below = [] if alerts else ["no alert is open" if listed.filters.all else "no such alert is open"]
    sheet = Sheet(COLUMNS, [Section([_row(one, at) for one in alerts])], below=below)
    emit(asked, Report(documents, documents, sheet))


def show_silences(asked: Asked, filters: Filters, *, every: bool) -> None:
    """Print the silences that last or will, or all there ever were. Raises `UsageError` for filters that fit alerts alone."""
    if filters.families or filters.states:
        raise UsageError(
            "--silences goes with --team, --kind and --all: a silence has no family and no state"
        )
    at = now()
    with kept(asked) as app:
        wanted = filters.checked(app)
        with app.store.read() as tx:
            found = tx.silences(None if every else at)
    silences = [one for one in found if _is_wanted(one, wanted)]
    documents = [silence_document(one) for one in silences]
    below = [] if silences else ["nothing was ever silenced" if every else "nothing is silenced"]
    emit(asked, Report(documents, documents, silence_sheet(silences, below)))


def silence_sheet(silences: Sequence[Silence], below: Sequence[str] = ()) -> Sheet:
    """Lay silences out."""
    columns = (
        Column("#", right=True), Column("silent"), Column("kind"), Column("from (UTC)"), Column("until (UTC)"),
        Column("by"), Column("why"),
    )  # fmt: skip
    rows = [
        [
            str(one.id), one.key_result or one.team, one.kind.value if one.kind else "every kind", stamp(one.starts),
            stamp(one.ends), one.author, one.reason,
        ]
        for one in silences
    ]  # fmt: skip
    return Sheet(columns, [Section(rows)], below=below)


def silence_document(one: Silence) -> dict[str, Any]:
    """Give a silence as a JSON document; without a key result it is about all of the team, without a kind about each."""
    return {
        "id": one.id,
        "team": one.team,
        "key_result": one.key_result or None,
        "kind": one.kind.value if one.kind else None,
        "starts": one.starts.astimezone(UTC).isoformat(),
        "until": one.ends.astimezone(UTC).isoformat(),
        "by": one.author,
        "reason": one.reason,
    }


def tone_of(alert: Alert, *, calm: bool) -> Tone | None:
    """Give the colour of an alert: what is in hand or covered is not as loud."""
    if not alert.state.open:
        return Tone.FAINT
    return Tone.WORRY if calm or alert.severity is Severity.INFO else Tone.BAD


def over_it(one: OpenAlert) -> str:
    """Say what lies over an alert."""
    return "; ".join(_overlays(one))


def _overlays(one: OpenAlert) -> Iterator[str]:
    if one.ack is not None:
        yield f"in hand of {one.ack.author}" + (f": {one.ack.note}" if one.ack.note else "")
    if one.silence is not None:
        yield f"silenced until {stamp(one.silence.ends)} by {one.silence.author}"
    if one.inhibitor is not None:
        yield f"{one.inhibitor.kind.value} {one.inhibitor.subject} speaks for it"


def _row(one: OpenAlert, at: datetime) -> list[Cell | str]:
    alert, over = one.alert, over_it(one)
    since = alert.opened if alert.state.open else alert.since
    return [
        short(alert),
        Cell(alert.state.value, tone_of(alert, calm=bool(over))),
        ago(at - since) if since is not None else "",
        alert.severity.value,
        alert.kind.value,
        about(alert),
        one.said.title,
        over,
    ]


def _closed(app: App, states: frozenset[AlertState]) -> list[OpenAlert]:
    """Give alerts that are not open with the words of their last change, the newest first, as far as those are kept."""
    found: dict[str, OpenAlert] = {}
    before: int | None = None
    while True:
        with app.store.read() as tx:
            items = tx.newest(PORTION, before, Wanted(states=states))
            alerts = tx.alerts({item.transition.alert.fingerprint for item in items})
        for change in (item.transition for item in items):
            alert = alerts[change.alert.fingerprint]
            last = (alert.episode, alert.step) == (change.alert.episode, change.alert.step)
            if last and change.said is not None:
                found.setdefault(alert.fingerprint, OpenAlert(alert, change.said))
        if len(items) < PORTION:
            return list(found.values())
        before = items[-1].seq


def _is_wanted(one: Silence, wanted: Wanted) -> bool:
    return (not wanted.teams or one.team in wanted.teams) and (
        not wanted.kinds or one.kind is None or one.kind in wanted.kinds
    )
