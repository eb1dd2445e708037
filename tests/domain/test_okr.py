"""A key result counts its days to its own deadline, and its level over whole days."""

from datetime import timedelta

import pytest

from collector.domain.cycle import CycleState
from collector.domain.span import parse_span


@pytest.fixture
def hurried(make):
    """Due half-way through the lab's cycle, with late data for two days."""
    cycle = make.lab()
    binding = make.binding(settle=parse_span("1d"), matures=parse_span("1d"))
    return make.key_result(cycle=cycle, binding=binding, deadline=cycle.grid.starts(50))


def test_without_a_deadline_the_cycle_counts(make):
    assert (make.key_result().days, make.key_result().ends) == (92, make.cycle().ends)


def test_its_days_end_with_its_deadline(hurried):
    assert hurried.days == 50


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (-1, CycleState.DRAFT),
        (0, CycleState.ACTIVE),
        (299, CycleState.ACTIVE),
        (300, CycleState.CLOSING),
        (311, CycleState.CLOSING),
        (312, CycleState.CLOSED),
    ],
)
def test_it_closes_by_its_deadline_once_late_data_has_come(make, hurried, seconds, state):
    assert hurried.state(make.lab_start + timedelta(seconds=seconds)) is state


@pytest.mark.parametrize(("judge_over", "days"), [("7d", 7), ("1d", 1), ("36h", 2), ("1h", 1), ("2w", 14)])
def test_the_level_is_taken_over_whole_days(make, judge_over, days):
    assert make.key_result(judge_over=parse_span(judge_over)).level_days == days


def test_in_a_short_cycle_real_time_is_many_days(make):
    assert make.key_result(cycle=make.lab(), judge_over=parse_span("15s")).level_days == 3


def test_it_is_named_by_cycle_and_address(make):
    assert make.key_result().key == "2026-Q4:checkout/p95"
