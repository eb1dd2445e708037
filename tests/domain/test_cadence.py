"""Slots lie on a grid that nothing moves: not the clock's changes, not the moment of asking."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cadence import Cadence, Cron, Months, offset
from collector.domain.span import Span, parse_span

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Cairo",
    "America/Santiago",  # midnight does not exist
    "Asia/Beirut",  # midnight does not exist
    "America/Havana",  # midnight exists twice
    "Asia/Kathmandu",
]
MOMENTS = st.integers(0, 6 * 366 * 86_400).map(
    lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
EVERY = st.one_of(
    st.sampled_from(["30s", "7s", "5m", "15m", "1h", "6h", "1d", "3d", "2w"]).map(parse_span),
    st.sampled_from([Months(), Months(3)]),
    st.sampled_from([Cron("30 1 * * *"), Cron("0 9 * * 1-5"), Cron("*/20 * * * *")]),
)


def in_zone(make, every, zone="Europe/Berlin"):
    return Cadence(every, make.cycle(zone=zone))


@given(every=EVERY, zone=st.sampled_from(ZONES), at=MOMENTS)
def test_the_slot_after_the_latest_is_later_than_now(make, every, zone, at):
    cadence = in_zone(make, every, zone)

    latest = cadence.latest(at)

    assert latest <= at < cadence.following(latest)


@given(every=EVERY, zone=st.sampled_from(ZONES), at=MOMENTS)
def test_a_slot_is_its_own_latest(make, every, zone, at):
    cadence = in_zone(make, every, zone)
    slot = cadence.following(at)

    assert cadence.latest(slot) == slot


@given(
    every=EVERY, zone=st.sampled_from(ZONES), at=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=2))
)
def test_the_grid_does_not_depend_on_when_it_is_looked_at(make, every, zone, at, later):
    cadence = in_zone(make, every, zone)

    slots = list(cadence.slots(at, at + timedelta(hours=4)))
    late = list(cadence.slots(at + later, at + timedelta(hours=4)))

    assert [slot for slot in slots if slot > at + later] == late


@given(every=EVERY, zone=st.sampled_from(ZONES), at=MOMENTS, hours=st.integers(0, 4))
def test_slots_ascend_and_are_as_many_as_counted(make, every, zone, at, hours):
    cadence = in_zone(make, every, zone)
    until = at + timedelta(hours=hours)

    slots = list(cadence.slots(at, until))

    assert all(one < other for one, other in pairwise(slots))
    assert all(at < slot <= until for slot in slots)
    assert len(slots) == cadence.count(at, until)


def test_nothing_is_counted_backwards(make):
    cadence = in_zone(make, parse_span("15m"))
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)

    assert cadence.count(noon, noon - timedelta(hours=1)) == 0


def test_minutes_lie_on_the_grid_of_utc_whatever_the_zone(make):
    cadence = in_zone(make, parse_span("1h"), "Asia/Kathmandu")

    assert cadence.latest(datetime(2026, 11, 1, 12, 34, tzinfo=UTC)) == datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_real_hours_go_on_through_a_change_of_the_clock(make):
    cadence = in_zone(make, parse_span("1h"))
    night = datetime(2026, 10, 24, 22, tzinfo=UTC)

    slots = list(cadence.slots(night, night + timedelta(hours=6)))

    assert slots == [night + timedelta(hours=n) for n in range(1, 7)]


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_series_has_one_slot_on_every_local_day(make, zone):
    cadence = in_zone(make, parse_span("1d"), zone)
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)

    slots = list(cadence.slots(begin, begin + timedelta(days=365)))
    dates = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]

    assert dates == [dates[0] + timedelta(days=n) for n in range(365)]


@pytest.mark.parametrize(
    ("zone", "spring", "autumn"),
    [
        ("Europe/Berlin", date(2026, 3, 29), date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8), date(2026, 11, 1)),
        ("America/Santiago", date(2026, 9, 6), date(2026, 4, 4)),
    ],
)
def test_days_around_a_change_of_the_clock_have_23_and_25_hours(make, zone, spring, autumn):
    cadence = in_zone(make, parse_span("1d"), zone)

    def length(day):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        begin = cadence.latest(noon)
        return cadence.following(begin) - begin

    assert [timedelta(hours=23), timedelta(hours=25)] == [length(spring), length(autumn)]


def test_a_change_of_half_an_hour_makes_a_day_half_an_hour_longer(make):
    cadence = in_zone(make, parse_span("1d"), "Australia/Lord_Howe")
    begin = cadence.latest(datetime(2026, 4, 5, 1, tzinfo=UTC))

    assert cadence.following(begin) - begin == timedelta(hours=24, minutes=30)


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [("America/Santiago", date(2026, 9, 6), 4), ("Asia/Beirut", date(2026, 3, 29), 22)],
)
def test_where_midnight_does_not_exist_the_day_begins_at_its_first_instant(make, zone, day, begins):
    cadence = in_zone(make, parse_span("1d"), zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    slot = cadence.latest(noon)

    assert (slot.hour, slot.minute) == (begins, 0)
    assert slot.astimezone(ZoneInfo(zone)).time().hour == 1
    assert slot.astimezone(ZoneInfo(zone)).date() == day


def test_where_midnight_exists_twice_the_day_begins_at_the_first(make):
    cadence = in_zone(make, parse_span("1d"), "America/Havana")

    slot = cadence.latest(datetime(2026, 11, 1, 15, tzinfo=UTC))

    assert slot == datetime(2026, 11, 1, 4, tzinfo=UTC)


def test_weeks_begin_on_mondays(make):
    cadence = in_zone(make, parse_span("1w"))
    begin = datetime(2026, 1, 1, tzinfo=UTC)

    slots = list(cadence.slots(begin, begin + timedelta(days=60)))

    assert {slot.astimezone(make.berlin).weekday() for slot in slots} == {0}
    assert len(slots) == 9


def test_months_begin_on_the_first(make):
    cadence = in_zone(make, Months())
    begin = datetime(2026, 1, 15, tzinfo=UTC)

    slots = list(cadence.slots(begin, begin + timedelta(days=366)))

    assert [slot.astimezone(make.berlin).date() for slot in slots] == [
        *(date(2026, month, 1) for month in range(2, 13)),
        date(2027, 1, 1),
    ]


def test_quarters_begin_with_their_first_month(make):
    cadence = in_zone(make, Months(3))
    begin = datetime(2026, 2, 15, tzinfo=UTC)

    slots = list(cadence.slots(begin, begin + timedelta(days=365)))

    assert [slot.astimezone(make.berlin).month for slot in slots] == [4, 7, 10, 1]


def test_a_nightly_job_fires_once_in_the_night_that_has_an_hour_twice(make):
    cadence = in_zone(make, Cron("30 2 * * *"))
    noon = datetime(2026, 10, 24, 10, tzinfo=UTC)

    assert list(cadence.slots(noon, noon + timedelta(days=1))) == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_new_york_fires_half_past_one_once_in_the_night_that_has_it_twice(make):
    cadence = in_zone(make, Cron("30 1 * * *"), "America/New_York")
    noon = datetime(2026, 10, 31, 16, tzinfo=UTC)

    slots = list(cadence.slots(noon, noon + timedelta(days=1)))

    assert slots == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]
    assert cadence.latest(datetime(2026, 11, 1, 6, 45, tzinfo=UTC)) == slots[0]


def test_a_nightly_job_whose_time_is_skipped_in_spring_fires_right_after(make):
    cadence = in_zone(make, Cron("30 2 * * *"))
    noon = datetime(2026, 3, 28, 11, tzinfo=UTC)

    slots = list(cadence.slots(noon, noon + timedelta(days=2)))

    assert slots == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]


def test_days_of_a_short_cycle_are_counted_from_its_start(make):
    cadence = Cadence(parse_span("2d"), make.lab(days=10))
    start = make.lab_start

    slots = list(cadence.slots(start, start + timedelta(seconds=30)))

    assert slots == [start + timedelta(seconds=12 * n) for n in (1, 2)]
    assert cadence.latest(start - timedelta(seconds=1)) == start - timedelta(seconds=12)


def test_a_short_cycle_has_no_months(make):
    cadence = Cadence(Months(), make.lab())

    with pytest.raises(ValueError, match="write `every` in days"):
        cadence.latest(make.lab_start)


def test_the_distance_of_slots_is_nominal_for_spans_and_real_for_months(make):
    noon = datetime(2026, 10, 25, 12, tzinfo=UTC)

    assert in_zone(make, parse_span("1d")).nominal(noon) == timedelta(days=1)
    assert in_zone(make, Months()).nominal(datetime(2026, 11, 5, tzinfo=UTC)) == timedelta(days=30)
    assert Cadence(parse_span("2d"), make.lab()).nominal(noon) == timedelta(seconds=12)


@given(source=st.text(max_size=30), seconds=st.integers(1, 10_000_000))
def test_an_offset_is_stable_and_lies_below_its_interval_and_a_minute(source, seconds):
    every = Span(real=timedelta(seconds=seconds))

    first, again = offset(source, every, every.real), offset(source, every, every.real)

    assert first == again
    assert timedelta(0) <= first < min(every.real, timedelta(seconds=60))


def test_offsets_spread_sources_over_the_minute():
    every = parse_span("15m")

    seconds = [offset(f"source-{n}", every, every.real).total_seconds() for n in range(200)]

    assert all(any(ten <= one < ten + 10 for one in seconds) for ten in range(0, 60, 10))


def test_equal_intervals_written_differently_travel_together():
    assert offset("prod", parse_span("60m"), timedelta(hours=1)) == offset(
        "prod", parse_span("1h"), timedelta(hours=1)
    )


def test_intervals_are_written_as_people_write_them():
    assert [str(Months()), str(Months(3)), str(Cron("0 9 * * 1"))] == ["month", "3 months", "0 9 * * 1"]
