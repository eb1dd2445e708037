"""Progress is raw, equality is met, and a budget of nothing has no share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.progress import Spent, best_pace, last_reachable, progress_of, spent_of

NUMBERS = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("level", "progress"), [(900, 0.0), (675, 0.5), (450, 1.0), (225, 1.5), (1350, -1.0)]
)
def test_progress_is_the_raw_share_of_the_way_down(level, progress):
    assert progress_of(level, 900, 450) == progress


def test_progress_up_goes_up():
    assert progress_of(38, 31, 45) == 0.5


def test_where_there_is_no_way_there_is_no_progress():
    assert progress_of(5, 5, 5) is None


@given(start=NUMBERS, target=NUMBERS)
def test_reaching_the_target_exactly_is_the_whole_way(start, target):
    progress = progress_of(target, start, target)

    assert progress is None if start == target else progress == 1.0


@given(level=NUMBERS, start=NUMBERS, target=NUMBERS)
def test_a_mirrored_way_has_the_same_progress(level, start, target):
    assert progress_of(-level, -start, -target) == progress_of(level, start, target)


@pytest.mark.parametrize(
    ("count", "allowed", "spent"),
    [
        (0, 3, Spent(0.0, exceeded=False)),
        (3, 3, Spent(1.0, exceeded=False)),
        (4, 3, Spent(4 / 3, exceeded=True)),
        (0, 0, Spent(0.0, exceeded=False)),
        (1, 0, Spent(None, exceeded=True)),
    ],
)
def test_a_budget_is_spent_by_its_share_and_exceeded_only_past_it(count, allowed, spent):
    assert spent_of(count, allowed) == spent


def test_the_best_pace_is_the_best_week_ever(make):
    days = make.days([100, 100, 100, 100, 100, 100, 100, 93, 79, 79])

    assert best_pace(days, 10, rising=False) == 3.0


def test_the_best_pace_needs_a_week(make):
    assert best_pace(make.days([1, 2, 3, 4, 5, 6, 7]), 7, rising=True) is None


def test_what_never_moved_towards_the_target_has_no_best_pace(make):
    assert best_pace(make.days(range(20)), 20, rising=False) is None


def test_the_best_pace_does_not_look_ahead(make):
    days = make.days([*range(10), 1000])

    assert best_pace(days, 10, rising=True) == 1.0


def test_the_last_day_leaves_just_enough_days_at_the_best_pace(make):
    assert last_reachable(make.cycle().grid, 100, 70, 3.0, 92) == (82, "22 Dec")


def test_a_part_of_a_day_is_a_whole_day(make):
    assert last_reachable(make.lab().grid, 100, 69, 3.0, 100) == (89, "day 90")
