"""krd and Debian's Alertmanager through the same faults: who lost, doubled or delayed what.

Each runs as a process of its own with a webhook receiver of its own, over loopback: `krd run` with guardrails and sources
that are made to fail; Alertmanager pushed to every 3 s as Prometheus pushes to it, and behind a real Prometheus with
rules where the fault befalls whoever counts a pending time. Both wait 1 s for a group and 5 s between its messages; each
alert is a group of its own; repeats come after 4 h. Prometheus restores no `for` below its grace period, 10 min unless
told: it is told 1 s, and has its default in the last fault.

lost: events (that it fires, that it is over) of which the receiver never heard; a message that it is over, and since when it
was not, tells of both. doubled: messages that tell again what was told, so that nobody can know them from news. resent:
those that do so under the id of the first, which a receiver of Standard Webhooks drops. delayed_s: how many seconds later
than undisturbed the receiver heard of an event, at the worst; what is lost does not enter. Where the receiver was away, or
asked to be left alone, that counts as well; after_return_s says how long it took from its return on.

Limits: krd loses 0, doubles 0, and sends at most one message a kill again, under its own id.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.command import Options, Report, Row, run

if TYPE_CHECKING:
    from benchmarks.delivery_play import Compared


def measure(options: Options) -> Report:
    """Play every fault on both sides. Raises `BenchmarkFailed` when a side does not work even undisturbed."""
    from benchmarks.delivery_play import SIDES, play_all  # noqa: PLC0415  (there once the setup has ended)

    with tempfile.TemporaryDirectory(prefix="krd-benchmark-") as name:
        found = play_all(Path(name), options)
    rows: list[Row] = []
    for fault in dict.fromkeys(one.played.fault.name for one in found):
        rows.append(Row(fault, ""))
        rows += [_row(one) for one in found if one.played.fault.name == fault]
    figures: dict[str, Any] = {
        side: _sums([one for one in found if one.played.side == side]) for side in SIDES
    }
    rows.append(Row("all of them", ""))
    rows += [Row(f"  {side}", _said(figures[side])) for side in SIDES]
    figures["faults"] = [one.document() for one in found]
    figures["seed"] = options.seed
    notes = [
        f"seed {options.seed}: how far into a pending time the kill comes, how long the receiver is away"
    ]
    return Report(figures, rows, notes)


def _sums(found: Sequence[Compared]) -> dict[str, Any]:
    documents = [one.document() for one in found]
    counts = {key: sum(one[key] for one in documents) for key in ("events", "lost", "doubled", "resent")}
    return {**counts, "delayed_s": max(one["delayed_s"] for one in documents)}


def _row(one: Compared) -> Row:
    document = one.document()
    after = document["after_return_s"]
    what = [f"lost: {', '.join(document['lost_events'])}"] if document["lost"] else []
    what += [f"late: {document['delayed_event']}"] if document["delayed_s"] >= 1 else []
    what += [f"{after} s after the return"] if after is not None else []
    return Row(f"  {one.played.side}", _said(document), "; ".join(what))


def _said(counts: dict[str, Any]) -> str:
    return (
        f"{counts['events']:>2} events  {counts['lost']:>2} lost  {counts['doubled']:>2} doubled"
        f"  {counts['resent']:>2} resent  {counts['delayed_s']:>5.1f} s late"
    )


if __name__ == "__main__":
    run(__doc__, measure)
