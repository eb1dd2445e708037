"""What is too strange to be believed at once, and when it is believed after all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.measure import Binding, ByHand, Events, Query
from collector.domain.plausibility import USED, Confirmed, HeldBack, Known, doubted, judge
from collector.domain.span import Span

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = Span(days=1)


def known(last=500.0, seen=(400.0, 600.0), bounds=None, row=()):
    held = [(AT + timedelta(hours=n), value) for n, value in enumerate(row)]
    return Known(bounds, last, lambda: seen, lambda: held)


@pytest.mark.parametrize("factor", [100, 1000, 60, 1024, 1 / 100, 1 / 1000, 1 / 60, 1 / 1024, 95, 65])
def test_a_jump_by_the_factor_of_a_unit_is_held(factor):
    assert isinstance(judge(500 * factor, known()), HeldBack)


@pytest.mark.parametrize("factor", [0.5, 2, 10, 40, 80, 120, 300, 1 / 10, 1 / 30])
def test_any_other_change_is_used(factor):
    assert judge(500 * factor, known()) == USED


def test_a_flip_of_the_sign_and_a_sudden_zero_are_held():
    assert "another sign" in judge(-500, known()).why
    assert "comes suddenly" in judge(0, known()).why


@pytest.mark.parametrize("value", [-500.0, 0.0, 50_000.0])
def test_a_series_that_was_there_before_is_left_alone(value):
    assert judge(value, known(seen=(-1000, 60_000))) == USED


def test_the_first_reading_ever_is_held_against_its_bounds_only():
    assert judge(0, known(last=None, seen=None)) == USED
    assert isinstance(judge(0, known(last=None, seen=None, bounds=(1, 60_000))), HeldBack)


def test_the_edges_of_plausible_belong_to_it():
    assert judge(1, known(last=2, bounds=(1, 60_000))) == USED
    assert judge(60_000, known(last=55_000, bounds=(1, 60_000))) == USED
    assert "outside of plausible: [1, 60000]" in judge(60_001, known(bounds=(1, 60_000))).why


def test_what_is_out_of_bounds_is_held_though_it_was_seen_before():
    assert isinstance(judge(70_000, known(seen=(1, 90_000), bounds=(1, 60_000))), HeldBack)


def test_two_further_readings_that_agree_confirm():
    first, second = AT, AT + timedelta(hours=1)
    assert isinstance(judge(50_000, known(row=[50_000])), HeldBack)
    assert judge(51_000, known(row=[50_000, 49_000])) == Confirmed((first, second))


def test_a_zero_is_confirmed_by_zeros():
    assert isinstance(judge(0, known(row=[0, 0])), Confirmed)


@pytest.mark.parametrize("row", [[50_000, 0], [50_000, -500], [500_000, 500_000], [0, 50_000]])
def test_readings_that_are_strange_in_different_ways_confirm_nothing(row):
    assert isinstance(judge(50_000, known(row=row)), HeldBack)


def test_only_the_readings_right_before_confirm():
    held = judge(50_000, known(row=[50_000, 0, 50_000, 50_000]))
    assert held == Confirmed((AT + timedelta(hours=2), AT + timedelta(hours=3)))


def test_what_is_out_of_bounds_is_confirmed_within_a_factor_of_two():
    bounded = {"bounds": (1, 1000), "last": 900.0}
    assert isinstance(judge(1100, known(row=[1200, 1500], **bounded)), Confirmed)
    assert isinstance(judge(1100, known(row=[1200, 2500], **bounded)), HeldBack)


def test_events_and_values_by_hand_are_not_doubted():
    assert doubted(Binding("prod", Query("a"), DAY, DAY))
    assert not doubted(Binding("prod", Events("a", "b", bad=True), DAY, DAY))
    assert not doubted(Binding("", ByHand("li"), DAY, DAY))


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(finite, finite, st.lists(finite, max_size=4))
def test_every_number_is_judged_and_says_why(value, last, row):
    match judge(value, known(last=last, seen=(last, last), row=row)):
        case HeldBack(why=why):
            assert why
        case Confirmed(slots=slots):
            assert len(slots) >= 2


@given(finite, st.tuples(finite, finite).map(sorted))
def test_what_lies_within_everything_seen_is_never_held(last, seen):
    assert judge(seen[0], known(last=last, seen=tuple(seen))) == USED
