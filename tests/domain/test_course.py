"""A pace tells how far it should be after each day, and by how many weeks it is ahead."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.calendar import BriefBefore, Calendar, CountedSync
from collector.domain.course import Course, Way, course_of
from collector.domain.pace import Late, Linear, Points, WorkingDays, linear
from collector.domain.span import Span

CHRISTMAS = frozenset({date(2026, 12, 25)})


@pytest.fixture(scope="session")
def line(make):
    """Give `line(pace, …)`: its course over the quarter, from 900 to 450."""

    def draw(pace, *, first=0, days=92, within=None, holidays=CHRISTMAS):
        within = within or make.cycle()
        calendar = Calendar(within, CountedSync(Span(days=7)), BriefBefore(Span(days=1)), holidays)
        return course_of(pace, Way(calendar, first, days, 900.0, 450.0))

    return draw


def test_linear_expects_the_share_of_the_days_that_passed(line):
    course = line(Linear())

    assert [course.expected(day) for day in (0, 23, 46, 92)] == [0.0, 0.25, 0.5, 1.0]


def test_late_expects_nothing_before_its_date_and_then_the_same_every_day(line):
    course = line(Late(date(2026, 11, 16)))  # day 46

    assert [course.expected(day) for day in (0, 46, 69, 92)] == [0.0, 0.0, 0.5, 1.0]


def test_points_are_met_by_the_end_of_their_day(line):
    course = line(Points(((date(2026, 10, 31), 855.0), (date(2026, 11, 30), 675.0))))

    assert [course.expected(day) for day in (0, 31, 46, 61, 92)] == pytest.approx([0.0, 0.1, 0.3, 0.5, 1.0])


def test_points_before_the_beginning_and_past_the_end_say_nothing(line):
    course = line(Points(((date(2026, 9, 1), 0.0), (date(2026, 12, 31), 0.0))))

    assert course == line(Linear())


def test_working_days_rest_on_weekends_and_holidays(line):
    course = line(WorkingDays())  # Thursday, 1 October; 66 weekdays in the quarter, of which Christmas is one

    assert course.expected(2) == course.expected(4) == pytest.approx(2 / 65)
    assert course.expected(5) == pytest.approx(3 / 65)
    assert course.expected(85) == course.expected(86) == pytest.approx(61 / 65)
    assert course.expected(92) == 1.0


def test_without_a_working_day_the_days_count_alike(line):
    course = line(WorkingDays(), first=2, days=4)  # a weekend

    assert course.expected(3) == 0.5


def test_a_baseline_that_begins_late_starts_the_pace_at_its_own_time(line):
    assert line(Linear(), first=46).expected(69) == 0.5
    assert line(Late(date(2026, 10, 10)), first=46) == line(Linear(), first=46)
    assert line(WorkingDays(), first=46).expected(46) == 0.0


def test_a_cycle_of_its_own_days_has_no_dates(line, make):
    paces = (Late(date(2026, 11, 16)), Points(()), WorkingDays())

    assert {line(pace, within=make.lab(), days=100) for pace in paces} == {Course(((0, 0.0), (100, 1.0)))}


@pytest.mark.parametrize(
    ("pace", "elapsed", "progress", "days"),
    [
        (Linear(), 23, 0.25, 0),
        (Linear(), 23, 0.5, 23),
        (Linear(), 46, 0.25, -23),
        (Linear(), 46, -0.25, -69),
        (Linear(), 46, 1.25, 69),
        (Late(date(2026, 11, 16)), 20, 0.0, 0),
        (Late(date(2026, 11, 16)), 20, 0.5, 49),
        (Late(date(2026, 11, 16)), 20, -0.5, -23),
        (Late(date(2026, 11, 16)), 69, 0.0, -23),
        (Points(((date(2026, 11, 30), 855.0),)), 61, 0.55, 15.5),
        (WorkingDays(), 4, 2 / 65, 0),
        (WorkingDays(), 5, 2 / 65, -1),
    ],
)
def test_weeks_ahead_are_the_distance_to_when_it_was_expected(line, pace, elapsed, progress, days):
    assert line(pace).weeks_ahead(elapsed, progress) == pytest.approx(days / 7)


PACES = st.one_of(
    st.just(Linear()),
    st.just(WorkingDays()),
    st.builds(Late, st.dates(date(2026, 9, 1), date(2027, 1, 31))),
    st.lists(st.dates(date(2026, 10, 1), date(2026, 12, 31)), unique=True, max_size=5).map(
        lambda days: Points(
            tuple((day, 900 - 450 * n / (len(days) + 1)) for n, day in enumerate(sorted(days), start=1))
        )
    ),
)


@given(pace=PACES, first=st.integers(0, 91))
def test_a_pace_never_falls_and_goes_from_nothing_to_the_whole(line, pace, first):
    shares = [line(pace, first=first).expected(day) for day in range(first, 93)]

    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


@given(pace=PACES, elapsed=st.integers(0, 92))
def test_what_is_just_as_expected_is_neither_ahead_nor_behind(line, pace, elapsed):
    course = line(pace)

    assert course.weeks_ahead(elapsed, course.expected(elapsed)) == pytest.approx(0.0, abs=1e-9)


@given(pace=PACES, elapsed=st.integers(0, 92), progress=st.floats(-2, 3))
def test_more_progress_is_never_further_behind(line, pace, elapsed, progress):
    course = line(pace)

    assert course.weeks_ahead(elapsed, progress + 0.01) >= course.weeks_ahead(elapsed, progress) - 1e-9


@given(elapsed=st.integers(0, 92), progress=st.floats(-2, 3))
def test_in_the_linear_pace_weeks_are_points_times_weeks(line, elapsed, progress):
    weeks = (progress - linear(elapsed, 92)) * 92 / 7

    assert line(Linear()).weeks_ahead(elapsed, progress) == pytest.approx(weeks, abs=1e-9)
