"""When people meet, and which cycles there are: how `sync` and `cycles` are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import Discriminator, PlainValidator, Tag, WithJsonSchema

from collector.configuration.documents.scalars import LAST_YEAR, CycleId, Day, RealTime, read_day, read_span
from collector.configuration.documents.written import Written, shown, wrong
from collector.domain.calendar import BriefBefore, BriefOnPreviousWorkingDay, CountedSync, WeeklySync
from collector.domain.span import Span, parse_span

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SYNC = re.compile(r"(?:(\d{1,2}) weeks? )?(\w+) (\d{1,2}):(\d{2})")
_HOUR = re.compile(r"(\d{1,2}):(\d{2})")
_BRIEF = re.compile(r"previous working day (\d{1,2}):(\d{2})")
_QUARTER = re.compile(r"(\d{4})(?:-(?:Q([1-4])|H([12])))?")
FIRST_RUN = "first run"


def _sync(value: Any) -> WeeklySync | CountedSync:
    if not isinstance(value, str):
        raise wrong(
            f"expected a sync, got {shown(value)}",
            "write `monday 10:00`, or `7d` counted from the cycle's start",
        )
    match = _SYNC.fullmatch(value.strip().lower())
    if match is None:
        return CountedSync(_counted(value))
    weekday = next((number for number, name in enumerate(_WEEKDAYS) if name == match[2]), None)
    weeks = int(match[1] or 1)
    if weekday is None or weeks < 1:
        raise wrong(
            f"{shown(value)} is not a weekday and hour", "write `monday 10:00` or `2 weeks friday 14:00`"
        )
    return WeeklySync(weekday, _hour(match[3], match[4]), weeks)


def _brief(value: Any) -> BriefOnPreviousWorkingDay | BriefBefore:
    if isinstance(value, str) and (match := _BRIEF.fullmatch(value.strip().lower())):
        return BriefOnPreviousWorkingDay(_hour(match[1], match[2]))
    if not isinstance(value, str):
        raise wrong(
            f"expected a brief, got {shown(value)}",
            "write `previous working day 15:00`, or `1d` before the sync",
        )
    return BriefBefore(_positive(value))


def _counted(value: str) -> Span:
    try:
        span = parse_span(value)
    except ValueError:
        raise wrong(
            f"{shown(value)} is not a sync", "write `monday 10:00`, or `7d` counted from the cycle's start"
        ) from None
    if not span:
        raise wrong(f"{shown(value)} is no time at all", "write at least 1d")
    return span


def _positive(value: str) -> Span:
    span = read_span(value)
    if not span:
        raise wrong(f"{shown(value)} is no time at all", "write at least 1s")
    return span


def _hour_of_the_day(value: Any) -> time:
    match = _HOUR.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise wrong(f"expected an hour of the day, got {shown(value)}", 'write it in quotes: "18:00"')
    return _hour(match[1], match[2])


def _hour(hours: str, minutes: str) -> time:
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise wrong(f"`{hours}:{minutes}` is not an hour of the day", "write 00:00 to 23:59") from None


def _start(value: Any) -> date | str:
    if value == FIRST_RUN:
        return FIRST_RUN
    return read_day(value)


Hour = Annotated[
    time, PlainValidator(_hour_of_the_day), WithJsonSchema({"type": "string", "examples": ["18:00", "08:00"]})
]


class Sync(Written):
    """When a team meets and when its brief goes out."""

    every: Annotated[WeeklySync | CountedSync, PlainValidator(_sync), WithJsonSchema(
        {"type": "string", "examples": ["monday 10:00", "2 weeks friday 14:00", "7d"]})]  # fmt: skip
    """Weekday and hour (`monday 10:00`, `2 weeks friday 14:00`), or days counted from the cycle's start (`7d`)."""
    brief: Annotated[BriefOnPreviousWorkingDay | BriefBefore, PlainValidator(_brief), WithJsonSchema(
        {"type": "string", "examples": ["previous working day 15:00", "1d"]})] | None = None  # fmt: skip
    """When the brief goes out: `previous working day 15:00`, or a time before the sync (`1d`)."""


@dataclass(frozen=True, slots=True)
class NamedCycle:
    """A quarter, half or whole year by its name: `2026-Q4`, `2026-H2`, `2026`."""

    id: str
    starts: date
    ends: date
    """Its last day."""


class WrittenCycle(Written):
    """A cycle with its own bounds."""

    id: CycleId
    """Its name, which the files under `okrs/` give as `cycle`."""
    starts: Annotated[date | Literal["first run"], PlainValidator(_start), WithJsonSchema(
        {"type": "string", "examples": ["2026-10-01", FIRST_RUN]})]  # fmt: skip
    """Its first day, or `first run`: the instant krd first ran with it."""
    ends: Day | None = None
    """Its last day, which belongs to it. Either this or `days`."""
    days: int | None = None
    """How many days it has. Either this or `ends`."""
    day: RealTime | None = None
    """The real length of its day, for a cycle with no nights, weekends or holidays: `6s`."""


def named_cycle(text: str) -> NamedCycle | None:
    """Give the bounds of a quarter, half or year by its name; nothing when it is none."""
    match = _QUARTER.fullmatch(text)
    if match is None or not 1970 <= int(match[1]) <= LAST_YEAR:
        return None
    year, quarter, half = int(match[1]), match[2], match[3]
    first, months = 1, 12
    if quarter:
        first, months = 3 * int(quarter) - 2, 3
    elif half:
        first, months = 6 * int(half) - 5, 6
    following = date(year + (first + months) // 13, (first + months - 1) % 12 + 1, 1)
    return NamedCycle(text, date(year, first, 1), following - timedelta(days=1))


def _name_of_cycle(value: Any) -> NamedCycle:
    found = named_cycle(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    if found is None:
        raise wrong(
            f"{shown(value)} is not a cycle", "write 2026-Q4, 2026-H2, 2026, or {id: …, starts: …, ends: …}"
        )
    return found


CycleText = Annotated[
    Annotated[NamedCycle, PlainValidator(_name_of_cycle), WithJsonSchema(
        {"type": ["string", "integer"], "examples": ["2026-Q4", "2026-H2", "2026"]}), Tag("cycle by name")]
    | Annotated[WrittenCycle, Tag("cycle with bounds")],
    Discriminator(lambda value: "cycle with bounds" if isinstance(value, dict) else "cycle by name"),
]  # fmt: skip
