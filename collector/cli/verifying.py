"""Has everything computed anew that was stored as computed, and shows what differs."""

from __future__ import annotations

from dataclasses import asdict

from collector.cli.asked import Asked
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.plain import counted
from collector.cli.progress import working
from collector.services.verify import Verified, verify

COLUMNS = (Column("what"), Column("of"), Column("where"), Column("stored"), Column("comes out as"))


def print_verify(asked: Asked) -> bool:
    """Verify, print, and tell whether everything came out as it is stored."""
    with kept(asked) as app, working(asked, "computing anew") as say:
        done = verify(app.store, app.configuration.okrs, now(), say)
    emit(asked, _report(done))
    return not done.differences


def _report(done: Verified) -> Report:
    records = [asdict(one) for one in done.differences]
    counts = {"days": done.days, "gone": done.gone, "currents": done.currents}
    document = {**counts, "alerts": done.alerts, "sentences": done.sentences, "differences": records}
    rows: list[list[Cell | str]] = [
        [Cell(one.what, Tone.BAD), one.subject, one.where, _shown(one.stored), _shown(one.computed)]
        for one in done.differences
    ]
    return Report(document, records, Sheet(COLUMNS, [Section(rows)], below=[_summary(done)]))


def _summary(done: Verified) -> str:
    looked = (
        f"{counted(done.days, 'day')}, {counted(done.currents, 'newest value')}, {counted(done.alerts, 'alert')}"
        f" and {counted(done.sentences, 'sentence')} computed anew"
    )
    gone = f"; of {counted(done.gone, 'day')} the samples are gone" if done.gone else ""
    verdict = counted(len(done.differences), "difference") if done.differences else "nothing differs"
    return f"{looked}{gone}: {verdict}"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
