"""Reads on which terms a promise is judged: until when, at which pace, over how many days, with which launches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.configuration.documents.okrs import Launch
from collector.configuration.findings import Findings
from collector.configuration.intervals import longest
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc
from collector.domain.cadence import Every
from collector.domain.cycle import CalendarDays, Cycle, local_midnight
from collector.domain.pace import Late, Linear, Pace, Points
from collector.domain.shape import Change, Keep, Reach, Shape, Slo, Total, Typed
from collector.domain.span import WEEK, Span

Way = tuple[float | None, float | None]
"""Where a way begins and ends, as far as the file tells."""
LEAST_EXPECTED = 1
"""Percent of the way that a launch brings at least; a share written as 0.3 is a slip of the pen."""
MOST_EXPECTED = 200.0
"""Percent of the way that the launches of a key result may bring together; more is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Reads the terms of the key result at `loc`, in its cycle."""

    cycle: Cycle
    file: SourceFile
    loc: Loc
    findings: Findings

    def deadline(self, by: date | None) -> datetime | None:
        """Give the first instant after the day `by`."""
        if by is None:
            return None
        cycle = self.cycle
        if not isinstance(cycle.grid, CalendarDays):
            what = f"the deadline is a date, but the cycle {cycle.id} sets its own `day`"
            self._error("KRD604", ("by",), what, "remove `by`")
            return None
        deadline = local_midnight(by + timedelta(days=1), cycle.grid.zone)
        if not cycle.starts < deadline <= cycle.ends:
            what = f"the deadline {by} lies outside the cycle {cycle.id}"
            self._error("KRD604", ("by",), what, "write a day of the cycle, or leave it out")
        return deadline

    def pace(self, written: Pace | None, shape: Shape, deadline: datetime | None) -> Pace:
        """Give the pace, and report one that leads nowhere."""
        if written is None:
            return Linear()
        way = _way(shape)
        if way is None:
            what = f"a pace spreads a way over the cycle, and {_named(shape)} has no way to go"
            self._error("KRD409", ("pace",), what, "remove `pace`")
            return written
        match written:
            case Late(until=until):
                self._days([until], deadline)
            case Points(points=points):
                self._points(points, way, deadline)
        return written

    def judge_over(self, written: Span | None, shape: Shape, every: Every | None) -> Span:
        """Give the stretch whose mean is the level: a week or one interval unless it is written."""
        if written is None:
            return self._usual(every)
        cycle = self.cycle
        if not isinstance(shape, Reach):
            what = (
                f"`judge_over` is the stretch of a level, and {_named(shape)} is judged over the whole cycle"
            )
            self._error("KRD411", ("judge_over",), what, "remove it")
        elif cycle.nominal(written) < cycle.grid.length:
            what = f"{written} is less than a day of the cycle {cycle.id}: a day is the least that is judged"
            self._error("KRD411", ("judge_over",), what, "write at least 1d")
        elif cycle.nominal(written) > cycle.days * cycle.grid.length:
            what = f"{written} is longer than the cycle {cycle.id}"
            self._error("KRD411", ("judge_over",), what, f"write at most {cycle.days}d")
        return written

    def launches(self, written: Sequence[Launch], shape: Shape, deadline: datetime | None) -> None:
        """Report launches that no forecast can use."""
        if written and not isinstance(shape, Reach):
            what = f"a launch brings a share of the way from a baseline to a target, which {_named(shape)} has not"
            self._error("KRD412", ("launches",), what, "remove `launches`")
        elif written:
            self._launch_days(written, deadline)
            self._launch_shares(written)
            expected = sum(launch.expect for launch in written)
            if expected > MOST_EXPECTED:
                what = f"the launches are expected to bring {expected:g} % of the way together"
                todo = f"write shares of the way that add up to {MOST_EXPECTED:g} % at most"
                self._error("KRD413", ("launches",), what, todo)

    def _launch_shares(self, written: Sequence[Launch]) -> None:
        for number, launch in enumerate(written):
            if launch.expect < LEAST_EXPECTED:
                what = f"the launch on {launch.on} is expected to bring {launch.expect:g} % of the way"
                todo = "write a share of the way, such as 30%, or remove it"
                self._error("KRD413", ("launches", number, "expect"), what, todo)

    def _launch_days(self, written: Sequence[Launch], deadline: datetime | None) -> None:
        cycle = self.cycle
        if not isinstance(cycle.grid, CalendarDays):
            what = f"a launch comes on a date, but the cycle {cycle.id} sets its own `day`"
            self._error("KRD609", ("launches",), what, "remove `launches`")
            return
        for number, launch in enumerate(written):
            if not cycle.starts <= local_midnight(launch.on, cycle.grid.zone) < (deadline or cycle.ends):
                limits = f"the cycle {cycle.id}" + (" and its deadline" if deadline else "")
                what = f"the launch on {launch.on} lies outside {limits}"
                todo = "write a day of the cycle, or remove it"
                self._error("KRD609", ("launches", number, "on"), what, todo)

    def _usual(self, every: Every | None) -> Span:
        """DESIGN §5: max(7 d, one `every`)."""
        interval = longest(every) if every is not None else WEEK
        return interval if self.cycle.nominal(interval) > self.cycle.nominal(WEEK) else WEEK

    def _days(self, days: list[date], deadline: datetime | None) -> bool:
        cycle = self.cycle
        if not isinstance(cycle.grid, CalendarDays):
            what = f"the pace names dates, but the cycle {cycle.id} sets its own `day`"
            self._error("KRD407", ("pace",), what, "write `pace: linear`")
            return False
        zone, ends = cycle.grid.zone, deadline or cycle.ends
        inside = all(cycle.starts <= local_midnight(day, zone) < ends for day in days)
        if not inside or days != sorted(set(days)):
            limits = f"the cycle {cycle.id}" + (" and its deadline" if deadline else "")
            what = f"the pace names dates outside {limits}, or not in their order"
            self._error("KRD407", ("pace",), what, "write days of the cycle, ascending")
            return False
        return True

    def _points(self, points: tuple[tuple[date, float], ...], way: Way, deadline: datetime | None) -> None:
        if not points:
            self._error("KRD410", ("pace",), "the pace has no points", "write {points: [[DATE, value]]}")
            return
        if not self._days([day for day, _ in points], deadline):
            return
        values = [value for _, value in points]
        start, end = way
        if start is not None and end is not None:
            low, high = sorted((start, end))
            for number, value in enumerate(values):
                if not low <= value <= high:
                    what = f"the point {value:g} does not lie on the way from {start:g} to {end:g}"
                    place = ("pace", "points", number, 1)
                    self._error("KRD410", place, what, f"write values from {low:g} to {high:g}")
                    return
        rising = values == sorted(values)
        falling = values == sorted(values, reverse=True)
        if start is not None and end is not None:
            rising, falling = rising and end > start, falling and end < start
        if not rising and not falling:
            what = "the points of the pace turn back on the way"
            self._error("KRD410", ("pace",), what, "write values that lead from baseline to target")

    def _error(self, code: str, steps: Loc, what: str, todo: str) -> None:
        self.findings.error(code, self.file.place((*self.loc, *steps)), what, todo)


def _named(shape: Shape) -> str:
    match shape:
        case Keep():
            return "a band to keep"
        case Slo():
            return "an slo"
        case Total(at_least=None):
            return "a budget (`total: {at_most: …}`)"
        case Total():
            return "a total"
        case Reach():
            return "a reach"


def _way(shape: Shape) -> Way | None:
    """Give the way that a shape has to go; nothing when it has none."""
    match shape:
        case Reach(start=Typed(value=start), to=Change() as change):
            return start, change.resolve(start)
        case Reach(start=Typed(value=start), to=float() as to):
            return start, to
        case Reach(to=to):
            return None, (to if isinstance(to, float) else None)
        case Total(at_least=float() as at_least):
            return 0.0, at_least
        case _:
            return None
