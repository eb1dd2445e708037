"""A refused question is asked less often, and a letter waits longer each time, but not for ever."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.backoff import letter_wait, probe_wait, refusal_wait

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
INTERVALS = st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))


@pytest.mark.parametrize("refusals", [0, 1, 2])
def test_the_first_refusals_are_borne(refusals):
    assert refusal_wait(15 * MINUTE, refusals) == timedelta(0)


def test_then_the_wait_doubles_to_an_hour_and_at_last_six(make):
    waits = [refusal_wait(10 * MINUTE, refusals) for refusals in (3, 4, 5, 6, 14, 15, 100)]

    assert waits == [20 * MINUTE, 40 * MINUTE, HOUR, HOUR, HOUR, 6 * HOUR, 6 * HOUR]


@given(every=INTERVALS, refusals=st.integers(3, 1000))
def test_the_wait_is_never_shorter_than_the_interval_and_never_shrinks(every, refusals):
    wait = refusal_wait(every, refusals)

    assert every <= wait <= max(every, 6 * HOUR)
    assert wait <= refusal_wait(every, refusals + 1)


def test_letters_wait_from_five_seconds_to_an_hour():
    waits = [letter_wait(attempts, 1.0, None) for attempts in (1, 2, 3, 20, 1000)]

    assert waits == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20), HOUR, HOUR]


@given(attempts=st.integers(0, 10_000), share=st.floats(0, 1))
def test_jitter_only_shortens(attempts, share):
    assert timedelta(0) <= letter_wait(attempts, share, None) <= letter_wait(attempts, 1.0, None)


def test_what_the_receiver_asks_for_is_heeded():
    assert letter_wait(1, 0.5, 2 * HOUR) == 2 * HOUR
    assert letter_wait(1, 1.0, timedelta(seconds=1)) == timedelta(seconds=5)


def test_a_notifier_is_tried_from_five_seconds_to_a_minute():
    waits = [probe_wait(failures, 1.0, None) for failures in (1, 2, 3, 4, 5, 1000)]

    assert waits == [timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 60, 60)]
    assert probe_wait(1000, 0.5, HOUR) == HOUR
