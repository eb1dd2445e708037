"""A cycle is whole days between local midnights, and a waiting time means the same share of a day everywhere."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cycle import CalendarDays, CycleState, local_midnight
from collector.domain.span import Span, parse_span

ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe"]
MICROSECOND = timedelta(microseconds=1)


def test_a_quarter_reaches_from_local_midnight_to_local_midnight(make):
    quarter = make.cycle()

    assert (quarter.starts, quarter.ends) == (
        datetime(2026, 9, 30, 22, tzinfo=UTC),
        datetime(2026, 12, 31, 23, tzinfo=UTC),
    )


def test_the_same_quarter_begins_at_another_instant_in_another_zone(make):
    assert make.cycle(zone="America/New_York").starts == datetime(2026, 10, 1, 4, tzinfo=UTC)


@given(zone=st.sampled_from(ZONES), number=st.integers(-400, 400))
def test_each_day_ends_where_the_next_begins(zone, number):
    grid = CalendarDays(ZoneInfo(zone), date(2026, 10, 1))

    assert grid.index(grid.starts(number)) == number
    assert grid.index(grid.starts(number + 1) - MICROSECOND) == number


@given(number=st.integers(-400, 400))
def test_short_days_end_where_the_next_begins(make, number):
    grid = make.lab().grid

    assert grid.index(grid.starts(number)) == number
    assert grid.index(grid.starts(number + 1) - MICROSECOND) == number


def test_a_reading_belongs_to_the_day_that_holds_the_instant_just_before_its_until(make):
    quarter = make.cycle()
    midnight = quarter.grid.starts(5)

    assert [quarter.day_of_until(midnight), quarter.day_of_until(midnight + MICROSECOND)] == [4, 5]


def test_days_before_the_cycle_are_negative(make):
    assert make.cycle().day_of(make.cycle().starts - MICROSECOND) == -1
    assert make.lab().day_of(make.lab_start - MICROSECOND) == -1


def test_going_back_days_keeps_the_wall_time_over_a_change_of_the_clock(make):
    after = datetime(2026, 10, 26, 9, tzinfo=make.berlin)

    back = make.cycle().back(after.astimezone(UTC), parse_span("2d"))

    assert back == datetime(2026, 10, 24, 9, tzinfo=make.berlin).astimezone(UTC)


def test_going_back_hours_is_real_time(make):
    after = datetime(2026, 10, 25, 9, tzinfo=make.berlin).astimezone(UTC)

    assert make.cycle().back(after, parse_span("24h")) == after - timedelta(hours=24)


def test_a_day_of_a_short_cycle_is_as_long_as_it_says(make):
    cycle = make.lab()

    assert cycle.ends - cycle.starts == timedelta(seconds=600)
    assert cycle.nominal(Span(days=7, real=timedelta(seconds=1))) == timedelta(seconds=43)
    assert cycle.back(make.lab_start, Span(days=2)) == make.lab_start - timedelta(seconds=12)


def test_waits_shrink_with_a_short_day_and_stay_real_in_a_calendar(make):
    hour = timedelta(hours=1)

    assert make.lab().wait(hour) == timedelta(seconds=0.25)
    assert make.cycle().wait(hour) == hour


def test_only_a_cycle_with_its_own_day_is_short(make):
    assert [make.lab().short, make.cycle().short] == [True, False]


@pytest.mark.parametrize(
    ("ahead", "state"),
    [
        (timedelta(seconds=-1), CycleState.DRAFT),
        (timedelta(0), CycleState.ACTIVE),
        (timedelta(seconds=599), CycleState.ACTIVE),
        (timedelta(seconds=600), CycleState.CLOSING),
        (timedelta(seconds=609), CycleState.CLOSING),
        (timedelta(seconds=610), CycleState.CLOSED),
    ],
)
def test_a_cycle_is_draft_then_active_then_closing_then_closed(make, ahead, state):
    assert make.lab().state(make.lab_start + ahead, settling=timedelta(seconds=10)) is state


def test_days_are_named_for_people(make):
    assert [make.cycle().grid.name(69), make.lab().grid.name(10)] == ["9 Dec", "day 11"]


def test_a_midnight_is_an_instant_in_utc():
    assert local_midnight(date(2026, 10, 26), ZoneInfo("Europe/Berlin")) == datetime(
        2026, 10, 25, 23, tzinfo=UTC
    )
