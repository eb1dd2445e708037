"""What happened to a key result, in rows: its measures, edits, values by hand, restatements, annotations, gaps and alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from collector.cli.everything import SHOWN_DAYS, Everything
from collector.cli.marks import measured
from collector.cli.output import Cell, Tone
from collector.cli.plain import counted
from collector.domain.explanation import WORDS, ago
from collector.domain.measure import ByHand
from collector.domain.okr import MAIN, KeyResult
from collector.domain.phrases import scores, unexplained
from collector.domain.sample import Restatement, SampleState
from collector.ports.store import Segment

SHOWN = 5
"""So many gaps and restatements are shown; the rest is counted."""
Rows = list[list[Cell | str]]


def history(everything: Everything) -> Iterator[tuple[str, Rows]]:
    """Give titles with their rows; some have none."""
    yield "Definition", definition(everything)
    yield "Values by hand", entered(everything)
    yield "Decisions on readings", decided(everything)
    yield "Restatements", restatements(everything)
    yield "Annotations", said(everything)
    yield "Gaps", gaps(everything)
    yield "Alerts", alerts(everything)


def definition(everything: Everything) -> Rows:
    """Give the measures it had, with what was last said under each, and the reasons of edits."""
    standing = everything.standing
    rows: Rows = []
    if len(everything.segments) > 1:
        rows += [[f"measure {one.number}", segment(one)] for one in everything.segments]
    rows += [[f"changed {edit.on}", edit.why] for edit in standing.key_result.changes]
    if standing.unexplained:
        rows.append(["edited", Cell(unexplained(standing.unexplained), Tone.WORRY)])
    if (retired := standing.key_result.retired) is not None:
        rows.append([f"retired {retired.on}", retired.why])
    return rows


def segment(one: Segment) -> str:
    """Say since when a measure is, or was, the one that counts; an old one with its frozen verdict and score."""
    since = f"since {stamp(one.began)}" if one.began is not None else "since the start"
    if one.ended is None:
        return f"{since}, the present one"
    verdict = one.verdict
    if verdict is None:
        return f"{since} until {stamp(one.ended)}, without a verdict"
    score = f", score {scores(verdict)}" if verdict.score is not None else ""
    return f"{since} until {stamp(one.ended)}, frozen: {WORDS[verdict.status]}{score}. {verdict.sentence}"


def entered(everything: Everything) -> Rows:
    """Give what a person entered, the newest first, with who said it and when."""
    key_result = everything.standing.key_result
    form = key_result.binding.form if key_result.binding is not None else None
    if not isinstance(form, ByHand):
        return []
    rows: Rows = []
    for sample in reversed(everything.entered):
        note = f": {sample.evidence['note']}" if sample.evidence.get("note") else ""
        who, written = sample.evidence.get("by", form.person), stamp(sample.recorded_at)
        value = measured(sample.value, key_result.unit)
        text = f"{value} by {who}, entered {written}{note}"
        if sample.state is not SampleState.USED:
            text = f"{sample.state.value}, does not count: {text}"
        tone = Tone.FAINT if sample.state is not SampleState.USED else None
        rows.append([_day(key_result, sample.slot), Cell(text, tone)])
    return rows or [["", f"none yet: `krd record {key_result.address} VALUE --as-of DATE`"]]


def decided(everything: Everything) -> Rows:
    """Give what people decided about readings, the newest ones first, with who did and why."""
    found = everything.rulings
    bindings = everything.standing.key_result.bindings
    rows: Rows = []
    for one in reversed(found[-SHOWN:]):
        of = "" if one.role == MAIN else f" of {one.role}"
        unit = bindings[one.role].unit if one.role in bindings else ""
        why = f": {one.why}" if one.why else ""
        rows.append(
            [
                stamp(one.slot),
                f"{measured(one.value, unit)}{of} {one.done} by {one.actor}, {stamp(one.at)}{why}",
            ]
        )
    more = len(found) - SHOWN
    return [*rows, ["", f"… and {more} more before"]] if more > 0 else rows


def restatements(everything: Everything) -> Rows:
    """Give the newest numbers that took the place of others, with both times."""
    rows: Rows = []
    for role, found in everything.restatements.items():
        unit = everything.standing.key_result.bindings[role].unit
        of = "" if role == MAIN else f" of {role}"
        rows.append([counted(len(found), "number"), f"{'was' if len(found) == 1 else 'were'} replaced{of}"])
        rows += [[stamp(one.now.slot), _restated(one, unit)] for one in reversed(found[-SHOWN:])]
    return rows


def _restated(one: Restatement, unit: str) -> str:
    was = f"{measured(one.was.value, unit)} (read {stamp(one.was.recorded_at)})"
    why = f": {one.why}" if one.why else ""
    return f"{was} → {measured(one.now.value, unit)} (read {stamp(one.at)}){why}"


def said(everything: Everything) -> Rows:
    """Give what people said, the newest first."""
    return [[stamp(one.at), f"{one.author}: {one.text}"] for one in reversed(everything.annotations)]


def gaps(everything: Everything) -> Rows:
    """Give the newest slots without a number, with the reason."""
    rows: Rows = [
        [stamp(gap.slot), f"{gap.reason.value}: {gap.detail}" if gap.detail else gap.reason.value]
        for gap in reversed(everything.gaps[-SHOWN:])
    ]
    more = len(everything.gaps) - SHOWN
    return [*rows, ["", f"… and {more} more in the last {SHOWN_DAYS} days"]] if more > 0 else rows


def alerts(everything: Everything) -> Rows:
    """Give the alerts there were, and how each stands."""
    return [
        [alert.kind.value, f"{alert.state.value} since {stamp(alert.since)}, episode {alert.episode}"]
        for alert in everything.alerts
    ]


def told(moment: datetime | None, at: datetime) -> str:
    """Write an instant with its age."""
    return f"{stamp(moment)} ({ago(at - moment)} ago)" if moment is not None else "never"


def stamp(moment: datetime | None) -> str:
    """Write an instant in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment is not None else "–"


def _day(key_result: KeyResult, slot: datetime) -> str:
    cycle = key_result.cycle
    return cycle.grid.name(cycle.day_of_until(slot))
