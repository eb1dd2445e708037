"""A daily reading is one reading a local day, also where the clock changes; offsets and lag never move `as_of`."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.cadence import Cadence, Cron, Months, offset
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.span import Span

ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Africa/Cairo",
    "Pacific/Apia", "America/St_Johns", "Asia/Tehran", "Pacific/Auckland", "Europe/London", "UTC",
)  # fmt: skip


def cycle_in(zone, year=2026):
    return Cycle(str(year), CalendarDays(ZoneInfo(zone), date(year, 1, 1)), 365)


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_series_has_one_slot_a_local_day(zone):
    cycle = cycle_in(zone)
    slots = list(Cadence(Span(days=1), cycle).slots(cycle.starts, cycle.ends))
    days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
    assert [date(2026, 1, 2) + timedelta(days=n) for n in range(365)] == days
    assert list(range(365)) == [cycle.day_of_until(slot) for slot in slots]


@pytest.mark.parametrize("zone", ZONES)
def test_a_cron_in_the_repeated_or_skipped_hour_runs_once_a_local_day(zone):
    cycle = cycle_in(zone)
    for expression in ("30 2 * * *", "30 0 * * *", "0 12 * * *"):
        slots = list(Cadence(Cron(expression), cycle).slots(cycle.starts, cycle.ends))
        days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
        assert len(days) == len(set(days)), (zone, expression)
        assert len(days) >= 364, (zone, expression)


def test_walking_backwards_and_forwards_gives_the_same_slots():
    cycle = cycle_in("Europe/Berlin")
    for every in (Span(days=1), Span(days=7), Span(real=timedelta(minutes=15)), Months(1)):
        cadence = Cadence(every, cycle)
        for day in (
            date(2026, 3, 28),
            date(2026, 3, 29),
            date(2026, 3, 30),
            date(2026, 10, 25),
            date(2026, 10, 26),
        ):
            for hour in (0, 1, 2, 3, 12, 23):
                at = datetime(day.year, day.month, day.day, hour, 17, tzinfo=UTC)
                latest = cadence.latest(at)
                assert latest <= at < cadence.following(latest)
                assert latest == cadence.latest(latest)


def test_the_offset_is_stable_and_below_a_minute_and_below_the_interval():
    for every in (timedelta(seconds=1), timedelta(seconds=30), timedelta(minutes=15), timedelta(days=1)):
        found = offset("prod", Span(real=every), every)
        assert found == offset("prod", Span(real=every), every)
        assert timedelta(0) <= found < min(every, timedelta(seconds=60))
    assert (
        len({offset(f"source-{n}", Span(real=timedelta(hours=1)), timedelta(hours=1)) for n in range(60)})
        > 50
    )
