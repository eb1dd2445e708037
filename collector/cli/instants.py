"""Reads instants from the command line, and writes them for people."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collector.domain.cycle import CalendarDays, Cycle
from collector.errors import UsageError

_TICK = timedelta(milliseconds=1)
"""The grain of the store's times."""


def instant(option: str, text: str, cycle: Cycle | None, *, ends: bool = False) -> datetime:
    """Read `2026-11-10`, `2026-11-10T14:30` (both in the cycle's zone, else UTC) or `2026-11-10T14:30:00Z`.

    A date means its first instant, or, where a stretch `ends` with it, the first one after it. Raises `UsageError` that
    names the option.
    """
    grid = cycle.grid if cycle is not None else None
    zone = grid.zone if isinstance(grid, CalendarDays) else ZoneInfo("UTC")
    try:
        day = date.fromisoformat(text) if _is_date(text) else None
        if day is not None:
            return datetime.combine(day + timedelta(days=ends), time(0), tzinfo=zone).astimezone(UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option}: is written as 2026-11-10 or 2026-11-10T14:30:00Z, got {text!r}"
        ) from None


def stretch(
    since: str | None, until: str | None, cycle: Cycle | None
) -> tuple[datetime | None, datetime | None]:
    """Read `--from` and `--to`, where given, as a stretch of slots: after the first one, up to the second.

    A date means the readings of that day: the slot at its first instant is the last one of the day before. An instant
    belongs to the stretch. Raises `UsageError` when nothing lies between them.
    """
    after = None
    if since is not None:
        after = instant("--from", since, cycle) - (timedelta(0) if _is_date(since) else _TICK)
    last = instant("--to", until, cycle, ends=True) if until is not None else None
    if after is not None and last is not None and after >= last:
        raise UsageError(f"--from {since} is not before --to {until}")
    return after, last


def _is_date(text: str) -> bool:
    return len(text) <= len("2026-11-10")


def stamp(at: datetime) -> str:
    """Write an instant in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def written(at: datetime) -> str:
    """Write an instant so that it can be typed again, exactly."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
