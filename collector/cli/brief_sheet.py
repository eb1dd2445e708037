"""Prints the briefs of teams in every form they are sent in, and sends them before their moment when asked to."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import typer

from collector.app import App
from collector.cli import select
from collector.cli.asked import Asked, Output
from collector.cli.brief_forms import BriefOutput
from collector.cli.opening import kept, now, written
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, as_json, emit
from collector.cli.progress import working
from collector.domain.alert import Transition
from collector.domain.announcement import Announcement
from collector.domain.brief import Brief, Row
from collector.domain.cycle import Cycle
from collector.domain.grip import lines
from collector.domain.moments import Moment, next_moment, told_instant
from collector.domain.okr import Okrs
from collector.errors import UsageError
from collector.notifiers import html, markdown, slack_blocks
from collector.ports.store import Transaction
from collector.services.announce import Line, Outcome, Sent, announce
from collector.services.beside_brief import speaks_of
from collector.services.ledger import Ledger
from collector.services.read_models import status_document
from collector.services.recipients import Routes
from collector.services.tick import Books, Errand
from collector.services.write_brief import Written, announcement_of, preview, send_brief

PARTS = ("decide", "watch", "unfit")
NO_SYNC = "no team has a sync ahead in a cycle that has begun; `krd brief --cycle ID` tells of a draft"


def print_briefs(asked: Asked, team: str | None, cycle: str | None, form: BriefOutput) -> None:
    """Print the brief for the next sync of the team, or of every team."""
    at = now()
    with kept(asked) as app:
        okrs, page = app.configuration.okrs, app.configuration.page
        briefs = preview(app.store, okrs, _moments(app, team, cycle, at), at)
    said = [announcement_of(one.brief, one.moment, at, page) for one in briefs]
    if form in (BriefOutput.HTML, BriefOutput.SLACK):
        typer.echo(_message(form, said), nl=False)
        return
    documents = [_document(one) for one in briefs]
    records = [row for document in documents for row in _records(document)]
    shown = "\n".join(map(markdown.render, said)) or NO_SYNC + "\n"
    emit(replace(asked, output=Output(form.value)), Report(documents, records, _sheet(briefs), shown))


def _message(form: BriefOutput, said: Sequence[Announcement]) -> str:
    """Give the one brief as a page, or as Slack takes it. Raises `UsageError` when there is none, or several."""
    if len(said) != 1:
        teams = ", ".join(dict.fromkeys(one.team for one in said))
        which = f"there are briefs of {teams}" if said else NO_SYNC
        raise UsageError(
            f"-o {form.value} prints one brief, and {which}: name the team, and --cycle if it has several"
        )
    if form is BriefOutput.HTML:
        return html.page(said[0])
    return as_json(slack_blocks.document(said[0]), indent=2) + "\n"


def send_briefs(asked: Asked, team: str | None, cycle: str | None, form: BriefOutput) -> bool:
    """Store the briefs and deliver them; tells whether all that was tried arrived. Raises `UsageError` for a form that only a
    brief has, not the list of where it went.
    """
    if form in (BriefOutput.HTML, BriefOutput.SLACK):
        raise UsageError(f"-o {form.value} prints a brief, and --send a list of where it went: leave one out")
    asked = replace(asked, output=Output(form.value))
    with written(asked) as app:
        at = now()
        moments = _moments(app, team, cycle, at)
        books = Books(app.store, Ledger(app.configuration.okrs), app.configuration.notifiers)
        stored: list[Announcement] = []
        rows: list[list[Cell | str]] = []
        for moment in moments:
            said = _keep(books, moment, at)
            if said is None:
                rows.append(["–", moment.team, "", "was sent, or missed, before: one brief a sync"])
            else:
                stored.append(said)
        with working(asked, "sending"):
            sent = _deliver(app, {said.id for said in stored})
    return _told(asked, stored, sent, rows)


def _keep(books: Books, moment: Moment, at: datetime) -> Announcement | None:
    """Store the brief of a moment, of verdicts of this instant; nothing when it was stored before."""
    said: list[Announcement] = []

    def send(ledger: Ledger, tx: Transaction, routes: Routes, at: datetime) -> list[Transition]:
        said.extend(filter(None, [send_brief(ledger, tx, moment, routes, at)]))
        return []

    books.keep(at, errand=Errand(send, partial(speaks_of, moment)), standings={})
    return said[0] if said else None


def _moments(app: App, team: str | None, cycle: str | None, at: datetime) -> list[Moment]:
    """Give the next brief of each team and cycle, the nearest sync first; of a draft only when its cycle is named."""
    okrs = app.configuration.okrs
    if team is not None:
        select.known("team", team, okrs.teams)
    if cycle is not None:
        select.known("cycle", cycle, {one.cycle.id for one in okrs.calendars.values()})
    found = [
        next_moment(name, calendar, at)
        for (name, _), calendar in okrs.calendars.items()
        if team in (None, name) and _meets(okrs, name, calendar.cycle, cycle, at)
    ]
    return sorted((moment for moment in found if moment is not None), key=lambda moment: moment.sync)


def _meets(okrs: Okrs, team: str, cycle: Cycle, wanted: str | None, at: datetime) -> bool:
    promises = any(one.team == team and one.cycle.id == cycle.id for one in okrs.key_results.values())
    asked_for = cycle.id == wanted if wanted is not None else cycle.starts <= at
    return promises and asked_for and at < cycle.ends


def _deliver(app: App, ids: set[str]) -> list[tuple[str, Sent]]:
    entries = app.configuration.notifiers
    sent = [
        (name, one)
        for name, notifier in app.notifiers.items()
        for one in announce(app.store, Line(entries[name], notifier), app.clock, random.random, time.sleep)
    ]
    return [(name, one) for name, one in sent if one.events & ids]


def _told(
    asked: Asked,
    stored: Sequence[Announcement],
    sent: Sequence[tuple[str, Sent]],
    rows: list[list[Cell | str]],
) -> bool:
    documents: list[dict[str, Any]] = []
    for name, one in sent:
        team, arrived = one.bundle.letters[0].announcement.team, one.outcome is Outcome.DELIVERED
        documents.append({"team": team, "notifier": name, "delivered": arrived, "reason": one.why or None})
        sign = Cell("●", Tone.GOOD) if arrived else Cell("■", Tone.BAD)
        rows.append([sign, team, name, "delivered" if arrived else one.why])
    heard = {event for _, one in sent for event in one.events}
    rows += [["–", one.team, "", "nobody is to hear it"] for one in stored if one.id not in heard]
    columns = (Column(""), Column("team"), Column("notifier"), Column("verdict"))
    emit(asked, Report(documents, documents, Sheet(columns, [Section(rows)])))
    return all(document["delivered"] for document in documents)


def _parts(brief: Brief) -> dict[str, tuple[Row, ...]]:
    return dict(zip(PARTS, (brief.decide, brief.watch, brief.unfit), strict=True))


def _document(one: Written) -> dict[str, Any]:
    return {
        "team": one.brief.team,
        "cycle": one.moment.cycle,
        "sync": one.brief.sync.isoformat(),
        "due": one.moment.due.isoformat(),
        "title": one.brief.title,
        "compared": one.brief.since,
        **{part: [_row(row) for row in rows] for part, rows in _parts(one.brief).items()},
        "issues": [
            {"kind": issue.kind.value, "address": issue.address, "text": issue.text}
            for issue in one.brief.issues
        ],
        "alerts": [
            {
                "kind": alert.kind.value,
                "address": alert.address,
                "text": alert.text,
                "mark": alert.mark or None,
            }
            for alert in one.brief.alerts
        ],
        "plan": list(one.brief.plan),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        **status_document(row.key_result, row.now, row.unexplained),
        "status_before": row.before.status.value if row.before else None,
        "progress_before": row.before.progress if row.before else None,
        "spent_before": row.before.spent if row.before else None,
    }


def _records(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = (
        "address",
        "title",
        "owner",
        "status",
        "status_before",
        "health",
        "progress",
        "spent",
        "by_hand",
        "sentence",
    )
    head = {"team": document["team"], "sync": document["sync"]}
    rows = [
        {**head, "part": part, **{name: row[name] for name in names}}
        for part in PARTS
        for row in document[part]
    ]
    unknown = dict.fromkeys(names)
    return rows + [
        {**head, "part": part, **unknown, "address": one["address"], "sentence": one["text"]}
        for part in ("issues", "alerts")
        for one in document[part]
    ]


def _sheet(briefs: Sequence[Written]) -> Sheet:
    shown: list[Cell | str] = []
    for one in briefs:
        cycle = one.moment.calendar.cycle
        when = f"sync at {told_instant(cycle, one.brief.sync)}, cycle {cycle.id}"
        shown += [Cell(one.brief.title, Tone.TITLE), when, *lines(one.brief), ""]
    return Sheet((), (), above=shown or [NO_SYNC], header=False)
