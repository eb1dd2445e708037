"""A baseline is the author's word, or what the source said before the cycle, or the first thing it ever said."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.baseline import Baseline, BaselineKind, FirstReading, take_baseline
from collector.domain.shape import LastCycle, Measured, Typed
from collector.domain.span import Span

WEEK = Measured()


@pytest.fixture
def first(make):
    return FirstReading(880.0, make.lab_start + timedelta(days=3))


def take(start, days=(), first=None, *, past_known=True, settled=True):
    return take_baseline(start, days, first, past_known=past_known, settled=settled)


def test_a_number_is_the_authors_word_whatever_the_source_says(make, first):
    days = make.days([1.0] * 7, first=-7)

    assert take(Typed(900.0), days, first, past_known=False) == Baseline(BaselineKind.TYPED, 900.0)


def test_it_is_the_median_of_the_week_before_with_its_spread(make):
    days = make.days([5000, 100, 90, 110, 100, 120, 80, 5000], first=-8)

    taken = take(WEEK, days)

    assert (taken.kind, taken.value, taken.provisional) == (BaselineKind.MEASURED, 100, False)
    assert taken.spread == pytest.approx(1.4826 * 10)


def test_days_of_the_cycle_and_days_too_long_ago_do_not_enter(make):
    days = make.days([1.0] * 10 + [100.0] * 7 + [1.0] * 9, first=-17)

    assert take(WEEK, days).value == 100.0


def test_it_may_be_taken_over_more_days(make):
    days = make.days([200.0] * 21 + [100.0] * 7, first=-28)

    assert take(Measured(Span(days=28)), days).value == 200.0


def test_missing_days_are_not_zeros(make):
    days = make.days([100, None, None, 110, None, None, None], first=-7)

    taken = take(WEEK, days)

    assert taken.value == 105
    assert taken.evidence == {"days": {"-7": 100, "-4": 110}, "readings": 48}


def test_a_day_not_yet_closed_does_not_enter(make):
    assert take(WEEK, [make.day(-2, 100.0), make.day(-1, None)]).value == 100.0


def test_nothing_is_decided_before_the_past_was_asked_for(make, first):
    assert take(WEEK, make.days([100.0] * 7, first=-7), first, past_known=False) is None


def test_it_is_provisional_while_late_data_may_come(make):
    assert take(WEEK, make.days([100.0] * 7, first=-7), settled=False).provisional


def test_a_source_without_a_past_gives_its_first_reading_marked_with_its_own_time(first):
    taken = take(WEEK, [], first)

    assert (taken.kind, taken.value, taken.at) == (BaselineKind.FIRST_READING, 880.0, first.at)
    assert taken.evidence == {"first_reading": 880.0, "at": first.at.isoformat()}


def test_without_any_reading_there_is_none():
    assert take(WEEK) is None


def test_what_the_last_cycle_closed_with_is_not_guessed(make, first):
    assert take(LastCycle(), make.days([100.0] * 7, first=-7), first) is None


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=7))
def test_it_lies_among_the_days_it_was_taken_from(make, values):
    taken = take(WEEK, make.days(values, first=-len(values)))

    assert min(values) <= taken.value <= max(values)
    assert taken.spread >= 0


@pytest.mark.parametrize("kind", BaselineKind)
def test_it_comes_back_from_its_document_the_same(make, kind):
    taken = Baseline(kind, 1.5, spread=0.5, provisional=True, at=make.lab_start, evidence={"readings": 3})

    assert Baseline.from_document(taken.document()) == taken
