"""Lengths of time are read as people write them, and written back so."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.span import ZERO, Span, parse_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", Span(real=timedelta(seconds=90))),
        ("15m", Span(real=timedelta(minutes=15))),
        ("1h30m", Span(real=timedelta(minutes=90))),
        ("7d", Span(days=7)),
        ("2w", Span(days=14)),
        (" 1d 6h ", Span(days=1, real=timedelta(hours=6))),
        ("0s", ZERO),
    ],
)
def test_a_length_is_read(text, span):
    assert parse_span(text) == span


@pytest.mark.parametrize(
    "text", ["", "5", "m", "1.5h", "-1d", "1y", "5 minutes", "1h,30m", "d1", "1000000000h"]
)
def test_what_is_no_length_is_refused_with_the_text_in_the_error(text):
    with pytest.raises(ValueError, match="a length of time"):
        parse_span(text)


@given(days=st.integers(0, 400), seconds=st.integers(0, 10**7))
def test_what_is_written_is_read_back_the_same(days, seconds):
    span = Span(days, timedelta(seconds=seconds))

    assert parse_span(str(span)) == span


def test_days_are_as_long_as_the_cycle_says():
    assert Span(2, timedelta(seconds=1)).nominal(timedelta(seconds=6)) == timedelta(seconds=13)


def test_only_nothing_is_false():
    assert [bool(ZERO), bool(Span(days=1)), bool(Span(real=timedelta(seconds=1)))] == [False, True, True]
