"""Prints the briefs of teams in every form they are sent in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import typer

from collector.app import App
from collector.cli import select
from collector.cli.asked import Asked, Output
from collector.cli.brief_forms import BriefOutput
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Report, Sheet, Tone, as_json, emit
from collector.domain.announcement import Announcement
from collector.domain.brief import Brief, Row
from collector.domain.cycle import Cycle
from collector.domain.grip import lines
from collector.domain.moments import Moment, next_moment, told_instant
from collector.domain.okr import Okrs
from collector.errors import UsageError
from collector.notifiers import html, markdown, slack_blocks
from collector.services.read_models import status_document
from collector.services.write_brief import Written, announcement_of, preview

PARTS = ("decide", "watch", "unfit")
NO_SYNC = "no team has a sync ahead in a cycle that has begun; `krd brief --cycle ID` tells of a draft"


def print_briefs(asked: Asked, team: str | None, cycle: str | None, form: BriefOutput) -> None:
    """Print the brief for the next sync of the team, or of every team."""
    at = now()
    with kept(asked) as app:
        okrs, page = app.configuration.okrs, app.configuration.page
        briefs = preview(app.store, okrs, moments(app, team, cycle, at), at)
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


def moments(app: App, team: str | None, cycle: str | None, at: datetime) -> list[Moment]:
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
