"""Runs one pass and tells what was read and what the verdicts are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collector.app import App, ensure_same_promises
from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.marks import outcome, sign, word
from collector.cli.opening import now, written
from collector.cli.output import Cell, Column, Report, Section, Sheet, emit
from collector.cli.progress import working
from collector.cli.reasons import code_of
from collector.daemon.loop import Parts
from collector.daemon.once import Pass, run_once
from collector.domain.sample import Gap, GapReason, Sample
from collector.services.ask import Found
from collector.services.read_models import Standing, standings


def run_pass(asked: Asked, names: Sequence[str]) -> int:
    """Do it, print, and give the exit code. Raises `UsageError` for a name that is not there, `StoreError`."""
    with written(asked) as app:
        ensure_same_promises(app)
        chosen = select.key_results(app.configuration.okrs, names, now())
        with working(asked, "reading") as say:
            done = run_once(_parts(app), only=[one.key for one in chosen], progress=say)
        keys = {one.key for one in chosen} or set(app.configuration.okrs.key_results)
        known = [
            one for one in standings(app.store, app.configuration.okrs, now()) if one.key_result.key in keys
        ]
    emit(asked, _report(done, known))
    return code_of(found.left for found in done.found.values())


def _parts(app: App) -> Parts:
    return Parts(app.configuration, app.store, app.sources, app.notifiers, app.clock)


def _report(done: Pass, known: Sequence[Standing]) -> Report:
    records = [_record(one, done.found.get(one.key_result.key)) for one in known]
    document = {"key_results": records, "healed": done.healed, "sent": done.sent, "unsent": done.unsent}
    columns = (
        Column(""),
        Column("key result"),
        Column("read", right=True),
        Column("status"),
        Column("verdict"),
    )
    rows = [_row(one, done.found.get(one.key_result.key)) for one in known]
    below = [_summary([found.left for found in done.found.values()], done)]
    if done.unsent:
        below.append(f"{done.unsent} could not be sent now and stay in the outbox")
    return Report(document, records, Sheet(columns, [Section(rows)], below=below))


def _summary(left: Sequence[Sample | Gap], done: Pass) -> str:
    """Count what was read: only a number is a reading; sources that had nothing, or made wait, did not fail."""
    reasons = [one.reason for one in left if isinstance(one, Gap)]
    empty, waiting = reasons.count(GapReason.NO_DATA), reasons.count(GapReason.WAITING)
    counts = {
        "failed": len(reasons) - empty - waiting,
        "without data": empty,
        "not loaded yet": waiting,
    }
    parts = [f"{len(left) - len(reasons)} read", *(f"{n} {what}" for what, n in counts.items() if n)]
    return ", ".join([*parts, f"{done.healed} healed", f"{done.sent} sent"])


def _row(one: Standing, found: Found | None) -> list[Cell | str]:
    read = outcome(found.left, one.key_result.unit) if found else Cell("–")
    return [sign(one.evaluation), one.key_result.address, read, word(one), _why(one, found)]


def _why(one: Standing, found: Found | None) -> str:
    if found is not None and isinstance(found.left, Gap) and found.left.detail:
        return found.left.detail
    return one.evaluation.sentence if one.evaluation else one.key_result.not_run or ""


def _record(one: Standing, found: Found | None) -> dict[str, Any]:
    left = found.left if found else None
    return {
        "address": one.key_result.address,
        "cycle": one.key_result.cycle.id,
        "as_of": left.slot.isoformat() if left else None,
        "value": left.value if isinstance(left, Sample) else None,
        "reason": left.reason.value if isinstance(left, Gap) else None,
        "detail": left.detail if isinstance(left, Gap) else None,
        "status": one.evaluation.status.value if one.evaluation else None,
        "health": one.evaluation.health.value if one.evaluation else None,
        "sentence": one.evaluation.sentence if one.evaluation else one.key_result.not_run,
    }
