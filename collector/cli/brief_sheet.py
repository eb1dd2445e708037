"""Prints the briefs of teams, and sends them before their moment when asked to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from collector.app import App
from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.opening import kept, now, written
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.plain import for_markdown
from collector.cli.progress import working
from collector.domain.alert import Transition
from collector.domain.announcement import Announcement
from collector.domain.brief import Brief, Row, line_of
from collector.domain.cycle import Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.okr import Okrs
from collector.ports.notifier import Delivered
from collector.ports.store import Transaction
from collector.services.announce import Sent, announce
from collector.services.ledger import Ledger
from collector.services.raise_alerts import Routes
from collector.services.read_models import look, status_document
from collector.services.tick import Books, Errand
from collector.services.write_brief import Moment, brief_of, next_moment, send_brief, speaks_of

HEADINGS = (
    ("decide", "Needs a decision"),
    ("watch", "Moving"),
    ("unfit", "Not fit to discuss (do not trust these numbers)"),
)


NO_SYNC = "no team has a sync ahead in a cycle that has begun; `krd brief --cycle ID` tells of a draft"


@dataclass(frozen=True, slots=True)
class Written:
    """A brief with the moment it is for."""

    moment: Moment
    brief: Brief


def print_briefs(asked: Asked, team: str | None, cycle: str | None) -> None:
    """Print the brief for the next sync of the team, or of every team."""
    at = now()
    with kept(asked) as app:
        briefs = [Written(moment, _brief(app, moment, at)) for moment in _moments(app, team, cycle, at)]
    documents = [_document(one) for one in briefs]
    records = [row for document in documents for row in _records(document)]
    emit(asked, Report(documents, records, _sheet(briefs), _markdown(briefs)))


def send_briefs(asked: Asked, team: str | None, cycle: str | None) -> bool:
    """Store the briefs and deliver them; tells whether all that was tried arrived."""
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


def _brief(app: App, moment: Moment, at: datetime) -> Brief:
    okrs = app.configuration.okrs
    seen = look(app.store, okrs, at)
    return brief_of(okrs, moment, seen.standings, _before(app, moment, at), seen.removed)


def _before(app: App, moment: Moment, at: datetime) -> dict[str, Evaluation]:
    """Give the verdicts as they were at the last sync, where there was one."""
    last = moment.calendar.previous_sync(at)
    if last is None:
        return {}
    with app.store.read() as tx:
        keys = {enrolment.key_result: key for key, enrolment in tx.enrolments().items()}
        return {keys[number]: found for number, found in tx.evaluations_at(keys, last).items()}


def _deliver(app: App, ids: set[str]) -> list[tuple[str, Sent]]:
    sent = [
        (name, one)
        for name, notifier in app.notifiers.items()
        for one in announce(app.store, name, notifier, app.clock, random.random)
    ]
    return [(name, one) for name, one in sent if one.letter.announcement.id in ids]


def _told(
    asked: Asked,
    stored: Sequence[Announcement],
    sent: Sequence[tuple[str, Sent]],
    rows: list[list[Cell | str]],
) -> bool:
    documents: list[dict[str, Any]] = []
    for name, one in sent:
        arrived = isinstance(one.verdict, Delivered)
        why = "" if isinstance(one.verdict, Delivered) else one.verdict.reason
        documents.append(
            {
                "team": one.letter.announcement.team,
                "notifier": name,
                "delivered": arrived,
                "reason": why or None,
            }
        )
        sign = Cell("●", Tone.GOOD) if arrived else Cell("■", Tone.BAD)
        rows.append([sign, one.letter.announcement.team, name, "delivered" if arrived else why])
    heard = {one.letter.announcement.id for _, one in sent}
    rows += [["–", one.team, "", "nobody is to hear it"] for one in stored if one.id not in heard]
    columns = (Column(""), Column("team"), Column("notifier"), Column("verdict"))
    emit(asked, Report(documents, documents, Sheet(columns, [Section(rows)])))
    return all(document["delivered"] for document in documents)


def _rows_of(brief: Brief, part: str) -> tuple[Row, ...]:
    parts = {"decide": brief.decide, "watch": brief.watch, "unfit": brief.unfit}
    return parts[part]


def _document(one: Written) -> dict[str, Any]:
    return {
        "team": one.brief.team,
        "cycle": one.moment.calendar.cycle.id,
        "sync": one.brief.sync.isoformat(),
        "due": one.moment.due.isoformat(),
        "title": one.brief.title,
        **{part: [_row(row) for row in _rows_of(one.brief, part)] for part, _ in HEADINGS},
        "issues": [
            {"kind": issue.kind.value, "address": issue.address, "text": issue.text}
            for issue in one.brief.issues
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        **status_document(row.key_result, row.now, row.unexplained),
        "status_before": row.before.status.value if row.before else None,
        "progress_before": row.before.progress if row.before else None,
        "spent_before": row.before.spent if row.before else None,
    }


def _records(document: dict[str, Any]) -> list[dict[str, Any]]:
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
        for part, _ in HEADINGS
        for row in document[part]
    ]
    unknown = dict.fromkeys(names)
    return rows + [
        {**head, "part": "issues", **unknown, "address": issue["address"], "sentence": issue["text"]}
        for issue in document["issues"]
    ]


def _sheet(briefs: Sequence[Written]) -> Sheet:
    lines: list[Cell | str] = []
    for one in briefs:
        lines += [Cell(one.brief.title, Tone.TITLE), _when(one), *one.brief.lines, ""]
    return Sheet((), (), above=lines or [NO_SYNC], header=False)


def _when(one: Written) -> str:
    return f"sync at {one.brief.sync.isoformat(timespec='minutes')}, cycle {one.moment.calendar.cycle.id}"


def _markdown(briefs: Sequence[Written]) -> str:
    blocks: list[str] = []
    for one in briefs:
        blocks += [f"## {for_markdown(one.brief.title)}", for_markdown(_when(one))]
        for part, heading in HEADINGS:
            if rows := _rows_of(one.brief, part):
                blocks.append(f"### {heading}")
                blocks.append("\n".join(f"- {for_markdown(line_of(row))}" for row in rows))
        if one.brief.issues:
            blocks.append("### Issues")
            blocks.append("\n".join(f"- {for_markdown(issue.line)}" for issue in one.brief.issues))
    return "\n\n".join(blocks) + "\n"
