"""Tells how often a measure is read in a cycle, and how much time one reading covers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from collector.configuration.findings import Findings
from collector.configuration.forms import MeasureInFile
from collector.configuration.queries import uses_window
from collector.domain.cadence import Cron, Every, Months
from collector.domain.cycle import REAL_DAY, Cycle
from collector.domain.measure import Window
from collector.domain.span import ZERO, Span

_SHORTEST = timedelta(seconds=1)


def every_fits(every: Every, found: MeasureInFile, cycle: Cycle, findings: Findings) -> bool:
    """Check that a cycle has such intervals; one that is longer than the cycle is only pointed out."""
    place = found.place("every")
    if isinstance(every, Months) and cycle.short:
        what = f"the cycle {cycle.id} sets its own `day` and has no months"
        findings.error("KRD603", place, what, "write `every` in days, or in seconds")
        return False
    if not isinstance(every, Span):
        return True
    if cycle.nominal(every) < _SHORTEST:
        findings.error("KRD603", place, f"every {every} is less than a second", "write at least 1s")
        return False
    if cycle.nominal(every) > cycle.ends - cycle.starts:
        findings.warn(
            "KRD603", place, f"every {every} is longer than the cycle {cycle.id}: it would be read once at most",
            "write a shorter `every`",
        )  # fmt: skip
    return True


def window_of(found: MeasureInFile, every: Every, texts: Sequence[str], findings: Findings) -> Window | None:
    """Give the window of a measure, `every` unless it says another; nothing after an error."""
    if "total" in found.form:
        return _window_of_events(found, every, findings)
    written = found.measure.window
    if written is not None:
        if isinstance(written, Span) and not written:
            findings.error(
                "KRD605", found.place("window"), "the window has no length", "write 1d, 7d or cycle"
            )
            return None
        return written
    if isinstance(every, Span):
        return every
    if any(uses_window(text) for text in texts):
        what = f"the query uses its window, but `every: {every}` does not tell how long one is"
        findings.error("KRD605", found.place("every"), what, "add `window`, such as 30d or cycle")
        return None
    return Span(days=1)


def _window_of_events(found: MeasureInFile, every: Every, findings: Findings) -> Window | None:
    """Events are added up slot by slot: windows that overlap would count some twice, windows with holes lose some."""
    if not isinstance(every, Span):
        what = f"events are counted slot by slot, but `every: {every}` does not tell how long a slot is"
        findings.error("KRD605", found.place("every"), what, "write it as a length, such as 15m or 1d")
        return None
    if found.measure.window not in (None, every):
        what = "events are counted slot by slot: another window would count some twice, or not at all"
        findings.error("KRD605", found.place("window"), what, "remove `window`; it is the same as `every`")
        return None
    return every


def as_every(default: timedelta) -> Span:
    """A whole number of days means days of the cycle (`ConnectorKind.default_every`)."""
    days, rest = divmod(default, REAL_DAY)
    return Span(real=default) if rest else Span(days=days)


def longest(every: Every) -> Span:
    """Give a span that one interval never exceeds; nothing for cron, whose intervals differ."""
    match every:
        case Span():
            return every
        case Months(count=count):
            return Span(days=31 * count)
        case Cron():
            return ZERO
