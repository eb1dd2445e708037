"""Sends briefs before their moment when asked to, and tells what became of each: only what arrived was delivered."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, assert_never

from collector.app import App
from collector.cli.asked import Asked, Output
from collector.cli.brief_forms import BriefOutput
from collector.cli.brief_sheet import moments
from collector.cli.opening import now, written
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.progress import working
from collector.domain.alert import Transition
from collector.domain.announcement import Announcement
from collector.domain.moments import Moment
from collector.errors import UsageError
from collector.ports.store import Letter, LetterState, Transaction
from collector.services.announce import Line, Sent, announce, disabled_of
from collector.services.beside_brief import speaks_of
from collector.services.ledger import Ledger
from collector.services.recipients import Routes
from collector.services.tick import Books, Errand
from collector.services.write_brief import send_brief

LETTERS = 2000
"""So many of the newest letters of a notifier are looked through for those that hold the briefs."""
BEFORE = "was sent, or missed, before: one brief a sync"
NOBODY = "nobody is to hear it"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a brief."""

    team: str
    notifier: str
    """Empty where it has no letter."""
    delivered: bool | None
    """Nothing where there was no letter to deliver."""
    why: str
    """Why it was not delivered; empty when it was."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            "team": self.team,
            "notifier": self.notifier or None,
            "delivered": self.delivered,
            "reason": self.why or None,
        }

    def row(self) -> list[Cell | str]:
        """Give it as a line of the table."""
        signs: dict[bool | None, Cell | str] = {
            True: Cell("●", Tone.GOOD), False: Cell("■", Tone.BAD), None: "–",
        }  # fmt: skip
        return [signs[self.delivered], self.team, self.notifier, self.why or "delivered"]


def send_briefs(asked: Asked, team: str | None, cycle: str | None, form: BriefOutput) -> bool:
    """Store the briefs and deliver them; tells whether all that have letters arrived. Raises `UsageError` for a form that
    only a brief has, not the list of where it went.
    """
    if form in (BriefOutput.HTML, BriefOutput.SLACK):
        raise UsageError(f"-o {form.value} prints a brief, and --send a list of where it went: leave one out")
    asked = replace(asked, output=Output(form.value))
    with written(asked) as app:
        at = now()
        books = Books(app.store, Ledger(app.configuration.okrs), app.configuration.notifiers)
        kept = [(moment, _keep(books, moment, at)) for moment in moments(app, team, cycle, at)]
        stored = [said for _, said in kept if said is not None]
        with working(asked, "sending"):
            tried = _deliver(app)
        fates = [Fate(moment.team, "", None, BEFORE) for moment, said in kept if said is None]
        fates += _fates(app, stored, tried)
    documents = [fate.document() for fate in fates]
    columns = (Column(""), Column("team"), Column("notifier"), Column("verdict"))
    emit(asked, Report(documents, documents, Sheet(columns, [Section([fate.row() for fate in fates])])))
    return all(fate.delivered is not False for fate in fates)


def _keep(books: Books, moment: Moment, at: datetime) -> Announcement | None:
    """Store the brief of a moment, of verdicts of this instant; nothing when it was stored before."""
    said: list[Announcement] = []

    def send(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
        said.extend(filter(None, [send_brief(ledger, tx, moment, routes, at)]))
        return []

    books.keep(at, errand=Errand(send, partial(speaks_of, moment)), standings={})
    return said[0] if said else None


def _deliver(app: App) -> dict[str, list[Sent]]:
    """Send what is due, by notifier."""
    entries = app.configuration.notifiers
    return {
        name: announce(app.store, Line(entries[name], notifier), app.clock, random.random, time.sleep)
        for name, notifier in app.notifiers.items()
    }


def _fates(app: App, stored: Sequence[Announcement], tried: Mapping[str, Sequence[Sent]]) -> Iterator[Fate]:
    """Tell of each brief what the outbox holds of it: whoever else sends may have been quicker."""
    with app.store.read() as tx:
        for said in stored:
            letters = [
                letter
                for name in app.configuration.notifiers
                for letter in tx.letters(tuple(LetterState), name, LETTERS)
                if letter.announcement.id == said.id
            ]
            if not letters:
                yield Fate(said.team, "", None, NOBODY)
            for letter in letters:
                why = _why(app, tx, letter, tried.get(letter.notifier, ()))
                yield Fate(said.team, letter.notifier, not why, why)


def _why(app: App, tx: Transaction, letter: Letter, tried: Sequence[Sent]) -> str:
    """Say why a letter was not delivered; nothing when it was."""
    match letter.state:
        case LetterState.SENT:
            return ""
        case LetterState.DEAD:
            return letter.note
        case LetterState.DUE:
            return f"waits: {_what_for(app, tx, letter, tried)}"
        case never:
            assert_never(never)


def _what_for(app: App, tx: Transaction, letter: Letter, tried: Sequence[Sent]) -> str:
    if (disabled := disabled_of(tx, app.configuration.notifiers[letter.notifier])) is not None:
        return f"{letter.notifier} is disabled: {disabled.why}"
    if letter.note:
        return letter.note
    if letter.bundle:
        return "another krd is sending it"
    failed = [one.why for one in tried if one.why]
    if failed:
        return f"{letter.notifier} did not take what comes before it: {failed[-1]}"
    return "other letters of this notifier go first"
