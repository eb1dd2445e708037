"""A notifier is spoken to no faster than it may be, and left alone while it fails, but never for long."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.backoff import LETTER_LONGEST, PROBE_LONGEST
from collector.domain.sending import FAILURES, Pace


def failed(pace, times, now=0.0, share=1.0, asked=None):
    for _ in range(times):
        pace = pace.failed(now, share, asked)
    return pace


def test_after_a_silence_a_burst_goes_at_once_and_then_the_rate_holds():
    pace, now, gone = Pace(rate=1.0), 100.0, []
    for _ in range(10):
        now += pace.wait(now)
        pace = pace.sent(now)
        gone.append(now - 100)

    assert gone == [0, 0, 0, 0, 0, 1, 2, 3, 4, 5]


@given(rate=st.floats(0.01, 50), gaps=st.lists(st.floats(0, 20), min_size=1, max_size=60))
def test_in_any_stretch_no_more_goes_than_the_rate_and_one_burst(rate, gaps):
    pace, now, gone = Pace(rate=rate), 0.0, []
    for gap in gaps:
        now += gap
        now += pace.wait(now)
        pace = pace.sent(now)
        gone.append(now)

    burst = max(1.0, rate * 5)
    for first, begins in enumerate(gone):
        for last in range(first, len(gone)):
            assert last - first + 1 <= burst + rate * (gone[last] - begins) + 1e-6


def test_a_slow_notifier_sends_one_at_a_time():
    pace = Pace(rate=0.1).sent(0.0)

    assert pace.wait(0.0) == pytest.approx(10.0)


def test_two_failures_leave_a_notifier_open_to_other_letters():
    pace = failed(Pace(rate=1.0), FAILURES - 1)

    assert (pace.open, pace.wait(0.0)) == (False, 0.0)


def test_the_third_failure_leaves_only_one_try_at_a_time_and_a_success_ends_that():
    pace = failed(Pace(rate=1.0), FAILURES)

    assert (pace.open, pace.wait(0.0)) == (True, 5.0)
    assert (pace.answered().open, pace.answered().wait(0.0)) == (False, 0.0)


def test_probes_grow_rarer_but_never_rarer_than_one_a_minute():
    waits = [failed(Pace(rate=1.0), FAILURES + times).wait(0.0) for times in range(7)]

    assert waits == [5, 10, 20, 40, 60, 60, 60]
    assert PROBE_LONGEST < LETTER_LONGEST


def test_what_the_receiver_asks_for_holds_for_every_letter_even_once():
    pace = failed(Pace(rate=1.0), 1, asked=timedelta(hours=1))

    assert (pace.rest(0.0), pace.wait(3599.0), pace.wait(3600.0)) == (3600.0, 1.0, 0.0)


def test_what_the_receiver_asks_for_is_not_shortened_by_an_open_breaker():
    pace = failed(Pace(rate=1.0), 10, share=0.0, asked=timedelta(minutes=30))

    assert pace.wait(0.0) == 1800.0


def test_it_is_known_since_when_a_notifier_fails():
    pace = Pace(rate=1.0).failed(7.0, 1.0, None).failed(90.0, 1.0, None)

    assert pace.failing_since == 7.0
    assert pace.answered().failing_since is None


def test_a_defect_says_nothing_of_the_other_side_but_keeps_an_open_breaker_open():
    closed, opened = failed(Pace(rate=1.0), 2), failed(Pace(rate=1.0), 3)

    assert closed.undecided(50.0, 1.0) == closed
    assert opened.undecided(50.0, 1.0).wait(50.0) == 10.0


def test_a_clock_that_goes_back_does_not_lock_the_bucket_up():
    pace = Pace(rate=1.0).sent(1000.0)

    assert pace.wait(0.0) == 0.0
