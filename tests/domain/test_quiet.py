"""Nights and days off are quiet in the team's own zone, and the waking time between two instants has a half."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.quiet import Quiet

BERLIN = ZoneInfo("Europe/Berlin")
USUAL = Quiet(BERLIN, holidays=frozenset({date(2026, 12, 25)}))


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T08:00", None),
        ("2026-11-23T17:59", None),
        ("2026-11-23T18:00", "2026-11-24T08:00"),
        ("2026-11-27T18:00", "2026-11-30T08:00"),
        ("2026-11-28T12:00", "2026-11-30T08:00"),
        ("2026-12-24T20:00", "2026-12-28T08:00"),
        ("2026-12-25T12:00", "2026-12-28T08:00"),
        ("2026-10-24T23:00", "2026-10-26T08:00"),
    ],
)
def test_a_night_ends_in_the_morning_of_the_next_working_day(at, until):
    assert USUAL.until(berlin(at)) == (berlin(until) if until else None)


def test_equal_bounds_leave_only_days_off_quiet():
    quiet = Quiet(BERLIN, time(0), time(0))

    assert quiet.until(berlin("2026-11-23T03:00")) is None
    assert quiet.until(berlin("2026-11-28T03:00")) == berlin("2026-11-30T00:00")


def test_a_night_may_begin_at_midnight():
    quiet = Quiet(BERLIN, time(0), time(7), days_off=False)

    assert quiet.until(berlin("2026-11-23T23:59")) is None
    assert quiet.until(berlin("2026-11-24T00:00")) == berlin("2026-11-24T07:00")


def test_days_off_need_not_be_quiet():
    quiet = Quiet(BERLIN, days_off=False)

    assert quiet.until(berlin("2026-11-28T12:00")) is None
    assert quiet.until(berlin("2026-11-28T19:00")) == berlin("2026-11-29T08:00")


def test_a_calendar_without_a_working_day_is_quiet_without_end():
    always = Quiet(BERLIN, holidays=frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(900)))

    assert always.until(berlin("2026-11-23T12:00")) is None


@pytest.mark.parametrize(
    ("begin", "end", "half"),
    [
        ("2026-11-27T16:00", "2026-11-30T10:00", "2026-11-30T08:00"),
        ("2026-11-24T10:00", "2026-11-24T16:00", "2026-11-24T13:00"),
        ("2026-11-26T16:00", "2026-11-30T10:00", "2026-11-27T13:00"),
        ("2026-11-28T00:00", "2026-11-29T00:00", "2026-11-28T12:00"),
    ],
)
def test_half_of_the_way_is_counted_in_waking_hours(begin, end, half):
    assert USUAL.halfway(berlin(begin), berlin(end)) == berlin(half)


@given(minutes=st.integers(0, 366 * 24 * 60))
def test_the_end_of_a_quiet_is_later_and_not_quiet(minutes):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    until = USUAL.until(at)

    if until is not None:
        assert until > at
        assert USUAL.until(until) is None
        assert USUAL.until(until - timedelta(seconds=1)) == until
