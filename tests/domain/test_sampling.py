"""A ratio says how sure it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.observed import Sampling
from collector.domain.sampling import sampling_of, wilson


def test_the_interval_is_that_of_the_book():
    """Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    known = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }

    assert {case: tuple(round(end, 4) for end in wilson(*case)) for case in known} == known


@given(n=st.integers(1, 10**9), share=st.floats(0, 1))
def test_the_interval_holds_the_estimate_and_stays_a_share(n, share):
    low, high = wilson(share * n, n)

    assert 0 <= low <= share * n / n <= high <= 1


@given(n=st.integers(1, 10**6), share=st.floats(0.01, 0.99))
def test_more_events_are_surer(n, share):
    width = [high - low for low, high in (wilson(share * n * k, n * k) for k in (1, 4))]

    assert width[1] < width[0]


def test_days_are_pooled_and_told_in_the_unit(make):
    window = [make.day(n, 50.0, num=num, den=den) for n, (num, den) in enumerate([(20, 42), (22, 42)])]

    seen = sampling_of(make.ratio(), window, line=55.0)

    assert (seen.n, seen.distinguishable) == (84, False)
    assert (seen.low, seen.high) == pytest.approx((39.54, 60.46), abs=0.01)
    assert sampling_of(make.ratio(unit=""), window, line=0.7) == Sampling(
        84, pytest.approx(0.3954, abs=1e-4), pytest.approx(0.6046, abs=1e-4), distinguishable=True
    )


@pytest.mark.parametrize("parts", [(30.0, 20.0), (-1.0, 20.0), (0.0, 0.0)])
def test_what_is_no_proportion_has_no_interval(make, parts):
    assert sampling_of(make.ratio(), [make.day(0, 1.0, num=parts[0], den=parts[1])], line=1.0) is None


def test_another_form_has_no_interval(make):
    assert sampling_of(make.binding(), [make.day(0, 1.0)], line=1.0) is None
