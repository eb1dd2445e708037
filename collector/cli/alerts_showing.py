"""Shows one alert: its words, its way, what lies over it, and who was told what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collector.app import App
from collector.cli.alerts_letters import letter_document, letter_state
from collector.cli.alerts_listing import over_it, silence_document, tone_of
from collector.cli.alerts_wanted import short, told_open
from collector.cli.asked import Asked
from collector.cli.instants import stamp
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, emit
from collector.cli.plain import counted
from collector.domain.alert import Alert, AlertKind
from collector.domain.silence import Silence
from collector.domain.speech import Told
from collector.errors import KrdError, UsageError
from collector.ports.board import OpenAlert
from collector.ports.store import Item, Letter, LetterState, Transaction
from collector.ports.subject import about
from collector.services.acknowledge import matching
from collector.services.alert_documents import alert_document, item_document
from collector.services.open_alerts import OpenAlerts, silences_over

LETTERS = 2000
"""So many of the newest letters of each state are looked through for those about the alert."""
NEVER = datetime.min.replace(tzinfo=UTC)
Row = list[Cell | str]


@dataclass(frozen=True, slots=True)
class Found:
    """All that is known of one alert."""

    one: OpenAlert
    changes: Sequence[Item]
    silences: Sequence[Silence]
    told: Sequence[Told]
    letters: Sequence[Letter]

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            **alert_document(self.one),
            "changes": [item_document(item) for item in self.changes],
            "silences": [silence_document(one) for one in self.silences],
            "told": [_told_document(one) for one in self.told],
            "letters": [letter_document(letter) for letter in self.letters],
        }


def show_one(asked: Asked, name: str, kind: AlertKind | None) -> None:
    """Print the alert that is named. Raises `UsageError` when several open ones are, and `KrdError` when none is."""
    at = now()
    with kept(asked) as app:
        found = _find(app, name, kind, at)
    document = found.document()
    columns = (Column("what"), Column("found"))
    sheet = Sheet(columns, [Section(list(_rows(found))), *_sections(found)], header=False)
    emit(asked, Report(document, [document], sheet))


def _find(app: App, name: str, kind: AlertKind | None, at: datetime) -> Found:
    with app.store.read() as tx:
        alerts = list(tx.alerts().values())
        alert = _meant(alerts, name, kind)
        changes = tx.episode(alert.fingerprint, alert.episode)
        silences = tx.silences(at)
        told = [one for one in tx.told() if one.fingerprint == alert.fingerprint]
        letters = _letters(tx, alert)
    one = _with_words(app, alert, changes, at)
    covering = silences_over(app.configuration.okrs, one, silences, at)
    return Found(one, changes, covering, told, letters)


def _with_words(app: App, alert: Alert, changes: Sequence[Item], at: datetime) -> OpenAlert:
    """Give what is open with what lies over it, and what is over with its last words."""
    if alert.state.open:
        for one in OpenAlerts(app.store, app.configuration.okrs).look(at):
            if one.alert.fingerprint == alert.fingerprint:
                return one
    said = changes[-1].transition.said if changes else None
    if said is None:
        raise KrdError(f"what was said of {alert.kind.value} {about(alert)} is kept no longer: it is over")
    return OpenAlert(alert, said)


def _meant(alerts: Sequence[Alert], name: str, kind: AlertKind | None) -> Alert:
    found = matching(alerts, name, kind)
    if not found:
        what = f" of kind {kind.value}" if kind is not None else ""
        raise KrdError(f"{name!r} never had an alert{what}; {told_open(alerts)}")
    there = [alert for alert in found if alert.state.open]
    if len(there) > 1:
        kinds = " or ".join(f"--kind {alert.kind.value} ({short(alert)})" for alert in there)
        raise UsageError(f"{counted(len(there), 'alert')} of {name!r} are open: say {kinds}")
    return there[0] if there else max(found, key=lambda alert: alert.since or NEVER)


def _letters(tx: Transaction, alert: Alert) -> list[Letter]:
    found = [
        letter
        for state in LetterState
        for letter in tx.letters([state], limit=LETTERS)
        if letter.announcement.fingerprint == alert.fingerprint
        and letter.announcement.episode == alert.episode
    ]
    return sorted(found, key=lambda letter: letter.id)


def _rows(found: Found) -> Iterator[Row]:
    one, alert, said = found.one, found.one.alert, found.one.said
    over = over_it(one)
    yield ["alert", f"{alert.kind.value} {about(alert)}"]
    yield ["what", said.title]
    yield ["state", Cell(alert.state.value, tone_of(alert, calm=bool(over)))]
    yield ["severity", alert.severity.value]
    for name, at in (
        ("began (UTC)", alert.opened),
        ("so since (UTC)", alert.since),
        ("ended (UTC)", alert.ended),
    ):
        if at is not None and not (at is alert.ended and alert.state.open):
            yield [name, stamp(at)]
    if over:
        yield ["over it", over]
    for name, text in (("team", said.team), ("owner", said.owner), ("commitment", said.commitment)):
        if text:
            yield [name, text]
    yield ["arithmetic", said.sentence]
    for line in said.lines:
        yield ["", line]
    if said.link:
        yield ["see", said.link]
    yield ["its name", f"{alert.fingerprint}, episode {alert.episode}"]


def _sections(found: Found) -> Iterator[Section]:
    for title, rows in (
        ("Changes of this episode (UTC)", [_change_row(item) for item in found.changes]),
        ("Silences", [_silence_row(one) for one in found.silences]),
        ("Told last (UTC)", [_told_row(one) for one in found.told]),
        ("Letters (UTC)", [_letter_row(letter) for letter in found.letters]),
    ):
        if rows:
            yield Section(rows, title)


def _change_row(item: Item) -> Row:
    change = item.transition
    said = change.said.sentence if change.said is not None else ""
    why = f", {change.why}" if change.why else ""
    words = f"{change.was.value} to {change.alert.state.value}, {change.alert.severity.value}{why}. {said}"
    return [stamp(change.at), words]


def _silence_row(one: Silence) -> Row:
    return [f"#{one.id}", f"{stamp(one.starts)} to {stamp(one.ends)} by {one.author}: {one.reason}"]


def _told_row(one: Told) -> Row:
    what = f"that it is wrong ({one.severity.value})" if one.open else "that it is over"
    repeats = f", {counted(one.repeats, 'repeat')}" if one.repeats else ""
    return [one.notifier, f"{stamp(one.at)} {what}, episode {one.episode}{repeats}"]


def _letter_row(letter: Letter) -> Row:
    return [
        f"#{letter.id} {letter.notifier}",
        f"{letter.announcement.occasion.value}, {letter_state(letter)}",
    ]


def _told_document(one: Told) -> dict[str, Any]:
    return {
        "notifier": one.notifier,
        "at": one.at.astimezone(UTC).isoformat(),
        "episode": one.episode,
        "open": one.open,
        "severity": one.severity.value,
        "repeats": one.repeats,
    }
