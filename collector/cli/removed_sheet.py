"""Shows what is known of a key result that the files no longer hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.app import App
from collector.cli.audit_sheet import document_of as deed_document
from collector.cli.audit_sheet import told as told_deed
from collector.cli.history_rows import segment, stamp
from collector.cli.marks import measured
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone
from collector.cli.recorded import Held
from collector.cli.show_document import annotation_document, segment_document
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS
from collector.domain.okr import MAIN
from collector.domain.phrases import scores
from collector.ports.store import Annotation, Deed, Removed, Segment
from collector.services.annotate import EARLIEST, LATEST
from collector.services.read_models import removed_document, told_removed

DEEDS = 10
"""So many lines of the audit log are shown."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What the store keeps of it."""

    held: Held
    removed: Removed
    segments: Sequence[Segment]
    annotations: Sequence[Annotation]
    deeds: Sequence[Deed]


def gone_report(app: App, held: Held, at: datetime) -> Report:
    """Read what is kept of it, and lay that out."""
    number = held.recorded.key_result
    with app.store.read() as tx:
        verdict = tx.evaluations([number]).get(number)
        gone = Gone(
            held,
            _removed(held, verdict, at),
            tx.segments(number),
            tx.annotations([number], EARLIEST, LATEST),
            tx.deeds(subject=held.key, limit=DEEDS),
        )
    sections = [Section(rows, title) for title, rows in _rows(gone).items() if rows]
    heading: list[Cell | str] = [
        Cell(f"○ {gone.removed.title or held.key}", Tone.TITLE), Cell("no longer in the files", Tone.WORRY), _why(gone),
    ]  # fmt: skip
    document = _document(gone)
    record = {name: document[name] for name in removed_document(gone.removed)}
    sheet = Sheet((Column("what"), Column("found")), sections, above=heading, header=False)
    return Report(document, [record], sheet)


def _removed(held: Held, verdict: Evaluation | None, at: datetime) -> Removed:
    document = held.recorded.document
    team = str(document.get("team") or held.named["address"].partition("/")[0])
    # krd has not run since the files lost it: it is gone as of now
    since = held.recorded.removed or at
    return Removed(held.key, str(document.get("title", "")), team, since, verdict)


def _why(gone: Gone) -> str:
    """Say why it is gone, and what was last known of it."""
    verdict, retired = gone.removed.evaluation, gone.held.recorded.document.get("retired")
    if not retired and (verdict is None or not verdict.over):
        return told_removed(gone.removed)
    last = f"; the last verdict: {WORDS[verdict.status]}. {verdict.sentence}" if verdict is not None else ""
    since = f"out of the files since {gone.removed.since:%Y-%m-%d}"
    return (
        f"retired on {retired['on']} ({retired['why']}), {since}{last}"
        if retired
        else f"over, and {since}{last}"
    )


def _rows(gone: Gone) -> dict[str, list[list[Cell | str]]]:
    key, verdict = gone.held.key, gone.removed.evaluation
    unit = gone.held.measured(MAIN)["unit"]
    known: list[list[Cell | str]] = [["address", key]]
    if verdict is not None:
        known += [
            ["last judged", stamp(verdict.at)],
            ["current", measured(verdict.current, unit)],
            ["level", measured(verdict.level, unit)],
        ]
        if verdict.score is not None:
            known.append(["score", scores(verdict)])
    known.append(["readings", f"`krd export {key}` writes what was read"])
    return {
        "Last known": known,
        "Definition": [[f"measure {one.number}", segment(one)] for one in gone.segments],
        "Annotations": [[stamp(one.at), f"{one.author}: {one.text}"] for one in reversed(gone.annotations)],
        "Done by hand": [
            [stamp(one.at), f"{one.actor}: {one.action} {told_deed(one.detail)}".rstrip()] for one in gone.deeds
        ],
    }  # fmt: skip


def _document(gone: Gone) -> dict[str, Any]:
    return {
        **removed_document(gone.removed),
        "sentence": _why(gone),
        "segments": [segment_document(one) for one in gone.segments],
        "annotations": [annotation_document(one) for one in gone.annotations],
        "audit": [deed_document(one) for one in gone.deeds],
    }
