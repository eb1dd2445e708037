"""Binds what a person enters: when a value is due, and the values that stand in the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from collector.configuration.documents.measures import HandValue as WrittenValue
from collector.configuration.findings import Findings
from collector.configuration.forms import MeasureInFile
from collector.configuration.intervals import every_fits
from collector.domain.cadence import Months
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.measure import Binding, ByHand, HandValue
from collector.domain.span import Span

USUAL = Months()
"""How often a person is asked unless the measure says it."""


def bind_by_hand(found: MeasureInFile, cycle: Cycle, at: datetime, findings: Findings) -> Binding | None:
    """Make the binding of values by hand, seen `at`; nothing after an error."""
    measure = found.measure
    every = measure.every or USUAL
    values = _values(found, measure.values or (), cycle, at, findings)
    if not every_fits(every, found, cycle, findings) or values is None or measure.by_hand is None:
        return None
    return Binding(
        source="",
        form=ByHand(measure.by_hand, values),
        every=every,
        window=Span(days=1),
        unit=measure.unit or "",
        plausible=measure.plausible,
    )


def _values(
    found: MeasureInFile, written: Sequence[WrittenValue], cycle: Cycle, at: datetime, findings: Findings
) -> tuple[HandValue, ...] | None:
    grid = cycle.grid
    if not isinstance(grid, CalendarDays):
        if written:
            what = f"the values have dates, but the cycle {cycle.id} sets its own `day`"
            findings.error("KRD515", found.place("values"), what, "enter them with `krd record`")
        return None if written else ()
    last, today = grid.first + timedelta(days=cycle.days - 1), at.astimezone(grid.zone).date()
    seen: set[date] = set()
    sound = True
    for number, value in enumerate(written):
        problem = _problem(value.as_of, last, today, cycle, seen)
        if problem is not None:
            sound = False
            place = found.file.place((*found.at("values"), number, "as_of"))
            findings.error("KRD515", place, problem[0], problem[1])
        seen.add(value.as_of)
    kept = (HandValue(value.as_of, value.value, value.note or "") for value in written)
    return tuple(sorted(kept, key=lambda value: value.as_of)) if sound else None


def _problem(as_of: date, last: date, today: date, cycle: Cycle, seen: set[date]) -> tuple[str, str] | None:
    if as_of in seen:
        return f"there are two values for {as_of}", "keep the one that is right"
    if as_of > last:
        return f"{as_of} lies after the cycle {cycle.id}", f"write a day up to {last}"
    if as_of > today:
        return f"{as_of} has not come yet", "write the day that the value stands for"
    return None
