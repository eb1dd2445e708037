"""Syncs and briefs fall on working days, and nowhere else."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.calendar import (
    BriefBefore,
    BriefOnPreviousWorkingDay,
    Calendar,
    CountedSync,
    WeeklySync,
)
from collector.domain.span import Span, parse_span

MONDAY, FRIDAY = 0, 4


def weekly(make, weekday=MONDAY, *, hour=time(10), weeks=1, holidays=(), brief=None, **cycle):
    brief = brief or BriefOnPreviousWorkingDay(time(15))
    return Calendar(make.cycle(**cycle), WeeklySync(weekday, hour, weeks), brief, frozenset(holidays))


def local(make, *facts):
    return datetime(*facts, tzinfo=make.berlin).astimezone(UTC)


def test_a_sync_keeps_its_hour_of_the_day_over_a_change_of_the_clock(make):
    syncs = list(islice(weekly(make).syncs(local(make, 2026, 10, 18)), 2))

    assert syncs == [local(make, 2026, 10, 19, 10), local(make, 2026, 10, 26, 10)]


def test_the_brief_of_a_monday_goes_out_on_friday(make):
    sync = local(make, 2026, 10, 19, 10)

    assert weekly(make).brief_before(sync) == local(make, 2026, 10, 16, 15)


def test_the_brief_skips_holidays_too(make):
    calendar = weekly(make, holidays=[date(2026, 10, 16), date(2026, 10, 15)])

    assert calendar.brief_before(local(make, 2026, 10, 19, 10)) == local(make, 2026, 10, 14, 15)


def test_a_sync_on_a_holiday_moves_to_the_previous_working_day(make):
    calendar = weekly(make, FRIDAY, holidays=[date(2026, 12, 25), date(2026, 12, 24)])

    assert calendar.next_sync(local(make, 2026, 12, 19)) == local(make, 2026, 12, 23, 10)


def test_a_holiday_on_monday_moves_the_sync_over_the_weekend(make):
    calendar = weekly(make, holidays=[date(2026, 10, 19)])

    assert calendar.next_sync(local(make, 2026, 10, 13)) == local(make, 2026, 10, 16, 10)


def test_a_shut_down_of_two_weeks_holds_one_sync_not_two_on_the_same_day(make):
    shut = [date(2026, 12, 7) + timedelta(days=n) for n in range(14)]
    calendar = weekly(make, FRIDAY, holidays=shut)

    syncs = list(calendar.syncs(local(make, 2026, 11, 29)))

    assert syncs[:2] == [local(make, 2026, 12, 4, 10), local(make, 2026, 12, 25, 10)]


def test_every_second_week_is_counted_from_the_first_week_of_the_cycle(make):
    calendar = weekly(make, FRIDAY, hour=time(14), weeks=2)

    syncs = list(islice(calendar.syncs(local(make, 2026, 9, 1)), 3))

    assert syncs == [
        local(make, 2026, 10, 2, 14),
        local(make, 2026, 10, 16, 14),
        local(make, 2026, 10, 30, 14),
    ]


def test_a_brief_a_day_before_monday_does_not_go_out_on_sunday(make):
    calendar = weekly(make, brief=BriefBefore(parse_span("1d")))

    assert calendar.brief_before(local(make, 2026, 10, 19, 10)) == local(make, 2026, 10, 16, 10)


def test_a_brief_hours_before_the_sync_stays_on_its_day(make):
    calendar = weekly(make, brief=BriefBefore(parse_span("2h")))

    assert calendar.brief_before(local(make, 2026, 10, 19, 10)) == local(make, 2026, 10, 19, 8)


def test_a_cycle_of_its_own_days_counts_its_syncs_from_the_start(make):
    calendar = make.calendar(make.lab())
    syncs = list(islice(calendar.syncs(make.lab_start), 3))

    assert syncs == [make.lab_start + timedelta(seconds=42 * n) for n in (1, 2, 3)]
    assert calendar.brief_before(syncs[0]) == syncs[0] - timedelta(seconds=6)


def test_counted_syncs_keep_midnight_after_a_midnight_that_did_not_exist(make):
    cycle = make.cycle(first=date(2026, 8, 30), days=21, zone="America/Santiago")
    calendar = make.calendar(cycle)

    hours = [sync.astimezone(cycle.grid.zone).hour for sync in calendar.syncs(cycle.starts)]

    assert hours == [1, 0, 0]


def test_a_short_cycle_refuses_weekdays(make):
    calendar = Calendar(make.lab(), WeeklySync(MONDAY, time(10)), BriefBefore(Span(days=1)))

    with pytest.raises(ValueError, match="every: 7d, brief: 1d"):
        calendar.next_sync(make.lab_start)


def test_syncs_end_with_the_first_one_past_the_cycle(make):
    calendar = make.calendar(make.lab(days=10))

    assert list(calendar.syncs(make.lab_start)) == [make.lab_start + timedelta(seconds=n) for n in (42, 84)]
    assert calendar.next_sync(make.lab_start + timedelta(seconds=84)) is None


def test_there_is_no_previous_sync_before_the_first(make):
    calendar = make.calendar(make.lab())
    first = make.lab_start + timedelta(seconds=42)

    assert calendar.previous_sync(first - timedelta(seconds=1)) is None
    assert calendar.previous_sync(first) == first
    assert calendar.previous_sync(first + timedelta(seconds=50)) == first + timedelta(seconds=42)


@given(
    weekday=st.integers(0, 6),
    weeks=st.integers(1, 3),
    holidays=st.sets(st.dates(date(2026, 9, 20), date(2027, 1, 5)), max_size=30),
)
def test_syncs_ascend_and_fall_on_working_days_with_their_brief_before_them(make, weekday, weeks, holidays):
    calendar = weekly(make, weekday, weeks=weeks, holidays=holidays)

    syncs = list(calendar.syncs(local(make, 2026, 9, 1)))

    assert all(one < other for one, other in pairwise(syncs))
    for moment in [*syncs, *(calendar.brief_before(sync) for sync in syncs)]:
        assert calendar.working(moment.astimezone(make.berlin).date())
    assert all(calendar.brief_before(sync) < sync for sync in syncs)


@given(days=st.integers(1, 20), at=st.integers(0, 700))
def test_the_next_sync_is_later_than_now_and_the_previous_one_is_not(make, days, at):
    calendar = Calendar(make.lab(), CountedSync(Span(days=days)), BriefBefore(Span(days=1)))
    now = make.lab_start + timedelta(seconds=at)

    previous, following = calendar.previous_sync(now), calendar.next_sync(now)

    assert previous is None or previous <= now
    assert following is None or following > now
