"""Draws a replayed key result in the terminal: P over the days between its lines, the way against the pace, and the alerts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from collector.cli.canvas import DOT, MARK, RULE, Canvas, Columns
from collector.cli.output import Cell, Tone
from collector.domain.cycle import CalendarDays, ShortDays
from collector.domain.drift_policy import DriftPolicy
from collector.domain.explanation import number
from collector.domain.figures import Numbers
from collector.domain.hindsight import WEEK, Alarm, Hindsight

P_ROWS = 11
WAY_ROWS = 8
NARROWEST = 40
_APART = 3
"""Columns between two ticks at least."""
RAISED, ON, ENDED = "▲", "━", "▽"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a key result stood, where it should have been, and where it was to go: in its unit, or in percent of a budget."""

    level: dict[int, float]
    expected: dict[int, float]
    target: float
    budget: bool

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest of all."""
        known = [*self.level.values(), *self.expected.values(), self.target]
        return min(known), max(known)


def way_of(hindsight: Hindsight) -> Way | None:
    """Read the way off the replayed days; nothing where none of them could be judged."""
    known = {one.day: one.numbers for one in hindsight.days if one.numbers is not None}
    if not known:
        return None
    level, expected, target, budget = {}, {}, None, False
    for day, numbers in known.items():
        stood, should, target, budget = _stood(numbers)
        if stood is not None:
            level[day] = stood
        if should is not None:
            expected[day] = should
    return Way(level, expected, target, budget) if level and target is not None else None


def _stood(numbers: Numbers) -> tuple[float | None, float | None, float | None, bool]:
    if numbers.budget is not None:
        spent = numbers.spent * 100 if numbers.spent is not None else None
        return spent, _percent(numbers.expected), 100.0, True
    start, target, share = numbers.baseline, numbers.target, numbers.expected
    if start is None or target is None or share is None:
        return numbers.level, None, target, False
    return numbers.level, start + share * (target - start), target, False


def _percent(share: float | None) -> float | None:
    return share * 100 if share is not None else None


def drawn(hindsight: Hindsight, width: int) -> list[Cell | str]:
    """Draw it in lines of at most `width` characters, as far as `NARROWEST` allows."""
    past = hindsight.replay.past
    width = max(width, NARROWEST)
    way = way_of(hindsight)
    labels = [number(value) for value in (*way.bounds, way.target)] if way else []
    margin = max(map(len, [*labels, "alert"]))
    columns = Columns.fitting(past.key_result.days, width - margin - 2)
    lines: list[Cell | str] = [*_chance(hindsight, columns).lines(margin)]
    lines += _beneath(hindsight, columns, margin)
    if way is not None:
        lines += ["", *_pace(way, columns).lines(margin), *_axis(past.key_result.cycle.grid, columns, margin)]
    return [*lines, "", *textwrap.wrap(_legend(hindsight, way), width)]


def _chance(hindsight: Hindsight, columns: Columns) -> Canvas:
    canvas = Canvas(columns.width, P_ROWS, {0: "0", P_ROWS - 1: "1"})
    policy = hindsight.policy
    low, high = lines_of(policy)
    canvas.rule(high, f"{policy.on_track:.2f}")
    canvas.rule(low, f"{policy.off_track:.2f}")
    values = columns.spread({one.day: one.p_hit for one in hindsight.days if one.p_hit is not None})
    canvas.line([row_of(p, policy) if p is not None else None for p in values])
    return canvas


def lines_of(policy: DriftPolicy) -> tuple[int, int]:
    """Give the rows of the two lines, with room below and between them."""
    top = P_ROWS - 1
    low = min(max(round(policy.off_track * top), 1), top - 1)
    return low, min(max(round(policy.on_track * top), low + 1), top)


def row_of(p: float, policy: DriftPolicy) -> int:
    """Give the row of a P; it never lies on the other side of a line than the drift machine counts it."""
    low, high = lines_of(policy)
    row = round(p * (P_ROWS - 1))
    if p < policy.off_track:
        return min(row, low - 1)
    return max(row, high) if p >= policy.on_track else min(max(row, low), high - 1)


def _pace(way: Way, columns: Columns) -> Canvas:
    low, high = way.bounds
    room = (high - low) or 1.0

    def height(value: float | None) -> int | None:
        return None if value is None else round((value / room - low / room) * (WAY_ROWS - 1))

    canvas = Canvas(columns.width, WAY_ROWS, {0: number(low), WAY_ROWS - 1: number(high)})
    canvas.rule(height(way.target) or 0, number(way.target))
    canvas.dots([height(value) for value in columns.spread(way.expected)])
    canvas.line([height(value) for value in columns.spread(way.level)])
    return canvas


def _beneath(hindsight: Hindsight, columns: Columns, margin: int) -> list[Cell | str]:
    """The days, and when alerts were on."""
    axis = _axis(hindsight.replay.past.key_result.cycle.grid, columns, margin)
    last = len(hindsight.days) - 1
    marks = _marks(hindsight.alarms, columns, last)
    alerts = Cell(f"{'alert':>{margin}}  {marks}".rstrip(), Tone.BAD if hindsight.alarms else Tone.FAINT)
    return [*axis[:1], alerts, *axis[1:]]


def _marks(alarms: Sequence[Alarm], columns: Columns, last: int) -> str:
    if not alarms:
        return "none"
    marks = [" "] * columns.width
    for alarm in alarms:
        first, end = columns.of(alarm.raised), columns.of(alarm.ended if alarm.ended is not None else last)
        marks[first : end + 1] = [ON] * (end - first + 1)
        if alarm.ended is not None:
            marks[end] = ENDED
        marks[first] = RAISED
    return "".join(marks)


def _axis(grid: CalendarDays | ShortDays, columns: Columns, margin: int) -> list[str]:
    """A line with a tick a week, and the names of its first, middle and last day as far as there is room."""
    apart = columns.width * WEEK // columns.days
    ticks = {columns.of(day) for day in range(0, columns.days, WEEK)} if apart >= _APART else ()
    line = "".join("┴" if column in ticks else MARK for column in range(columns.width))
    first, middle, last = (grid.name(day) for day in (0, columns.days // 2, columns.days - 1))
    between = columns.width - len(first) - len(last)
    named = f"{middle:^{between}}" if between > len(middle) + 2 else " " * max(between, 1)
    return [f"{'':>{margin}} └{line}", f"{'':>{margin}}  {first}{named}{last}"]


def _legend(hindsight: Hindsight, way: Way | None) -> str:
    policy = hindsight.policy
    parts = [
        f"Above: {MARK} P(hit), {RULE} on track from {policy.on_track:.2f}, off track below {policy.off_track:.2f}",
        f"{RAISED} alert raised, {ENDED} ended.",
    ]
    if way is not None:
        unit = hindsight.replay.past.key_result.unit
        what = "budget used, %" if way.budget else f"level{f', {unit}' if unit else ''}"
        goal = "all of it" if way.budget else "target"
        parts.append(f"Below: {MARK} {what}, {DOT} {'time' if way.budget else 'pace'}, {RULE} {goal}.")
    return ", ".join(parts[:2]) + " " + " ".join(parts[2:])
