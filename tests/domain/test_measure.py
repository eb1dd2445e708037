"""A binding says which instants a question is about, and what its answers amount to."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.measure import WholeCycle
from collector.domain.span import parse_span


def test_a_query_has_one_text_and_a_ratio_two_in_their_order(make):
    assert make.binding().texts == ("p95",)
    assert make.ratio().texts == ("good", "all")


def test_the_window_ends_before_the_slot_by_the_time_to_mature(make):
    binding = make.binding(every=parse_span("1d"), window=parse_span("1d"), matures=parse_span("7d"))
    slot = datetime(2026, 10, 30, tzinfo=make.berlin).astimezone(UTC)

    assert binding.until(make.cycle(), slot) == datetime(2026, 10, 23, tzinfo=make.berlin).astimezone(UTC)
    assert binding.since(make.cycle(), slot) == datetime(2026, 10, 22, tzinfo=make.berlin).astimezone(UTC)


def test_a_window_of_the_cycle_begins_with_it(make):
    binding = make.binding(window=WholeCycle())

    assert binding.since(make.cycle(), make.cycle().grid.starts(40)) == make.cycle().starts


@pytest.mark.parametrize(("unit", "value"), [("%", 25.0), ("", 0.25), ("ms", 0.25)])
def test_a_ratio_is_in_percent_exactly_when_its_unit_says_so(make, unit, value):
    assert make.ratio(unit=unit).value((1.0, 4.0)) == (value, 1.0, 4.0)


def test_a_single_query_is_never_multiplied(make):
    assert make.binding(unit="%").value((0.25,)) == (0.25, None, None)


def test_nothing_of_nothing_is_no_value(make):
    assert make.ratio().value((0.0, 0.0)) is None


def test_nothing_of_something_is_zero(make):
    assert make.ratio().value((0.0, 7.0)) == (0.0, 0.0, 7.0)


@given(num=st.floats(0, 1e9), den=st.floats(1e-3, 1e9))
def test_the_quotient_of_a_reading_is_the_quotient_of_its_parts(make, num, den):
    value, *parts = make.ratio().value((num, den))

    assert value == make.ratio().quotient(*parts)


def test_its_slots_are_those_of_its_interval(make):
    cadence = make.binding(every=parse_span("1d")).cadence(make.cycle())

    assert cadence.following(make.cycle().starts) == make.cycle().grid.starts(1)
