"""A source is down after three failing rounds and up after two good ones, however many stand behind it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.alert import Condition
from collector.domain.outage import Round, SourceStanding, after_round
from collector.domain.sample import GapReason

GOOD = Round(asked=10, failed=0)
BAD = Round(asked=10, failed=10, reason=GapReason.TRANSIENT, detail="connection refused")
AUTH = Round(asked=10, failed=10, reason=GapReason.AUTH, detail="401")
BUSY = Round(asked=10, failed=10, reason=GapReason.RATE_LIMITED, retry_after=timedelta(seconds=90))
ROUNDS = st.lists(st.sampled_from([GOOD, BAD, AUTH, BUSY]), max_size=30)


@pytest.fixture
def after(make):
    """Give `after(rounds)`: the standing after each of them, one a minute."""

    def run(*rounds):
        standing, seen = SourceStanding(), []
        for minute, one in enumerate(rounds):
            standing = after_round(standing, one, make.lab_start + timedelta(minutes=minute))
            seen.append(standing)
        return seen

    return run


@pytest.mark.parametrize(
    ("asked", "failed", "good"), [(10, 4, True), (10, 5, False), (1, 1, False), (0, 0, True)]
)
def test_a_round_is_good_while_fewer_than_half_fail(asked, failed, good):
    assert Round(asked, failed).good is good


def test_three_failing_rounds_in_a_row_bring_it_down(after):
    assert [one.down for one in after(BAD, BAD, BAD)] == [False, False, True]
    assert not after(BAD, BAD, GOOD, BAD, BAD)[-1].down


def test_refused_credentials_bring_it_down_at_once(after):
    assert after(AUTH)[-1].down


def test_two_good_rounds_bring_it_up(after):
    seen = after(BAD, BAD, BAD, GOOD, GOOD)

    assert [one.down for one in seen] == [False, False, True, True, False]
    assert [one.condition for one in seen] == [
        Condition.PENDING,
        Condition.PENDING,
        Condition.FIRING,
        Condition.RECOVERING,
        Condition.CLEAR,
    ]


def test_a_relapse_while_recovering_fires_on(after):
    assert after(BAD, BAD, BAD, GOOD, BAD)[-1].condition is Condition.FIRING


def test_one_good_round_ever_says_nothing_yet(after):
    assert [one.condition for one in after(GOOD, GOOD, GOOD)] == [
        Condition.UNKNOWN,
        Condition.CLEAR,
        Condition.CLEAR,
    ]


def test_before_any_round_nothing_is_said():
    assert SourceStanding().condition is Condition.UNKNOWN


def test_a_dead_source_is_probed_after_2_seconds_then_more_up_to_60(after, make):
    waits = [
        one.shut_until - (make.lab_start + timedelta(minutes=minute))
        for minute, one in enumerate(after(*[BAD] * 8))
        if one.shut_until
    ]

    assert waits == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16, 32, 60)]


def test_refused_credentials_are_probed_every_ten_minutes(after, make):
    assert after(AUTH)[-1].shut_until == make.lab_start + timedelta(minutes=10)


def test_a_source_that_asks_for_peace_gets_it_and_is_not_called_down(after, make):
    standing = after(*[BUSY] * 5)[-1]

    assert not standing.down
    assert standing.shut_until == make.lab_start + timedelta(minutes=4, seconds=90)


def test_peace_of_no_length_is_a_minute(after, make):
    silent = Round(asked=1, failed=1, reason=GapReason.RATE_LIMITED)

    assert after(silent)[-1].shut_until == make.lab_start + timedelta(minutes=1)


def test_a_shut_source_is_not_asked_until_its_time(after):
    standing = after(AUTH)[-1]

    assert not standing.admits(standing.shut_until - timedelta(seconds=1))
    assert standing.admits(standing.shut_until)
    assert SourceStanding().admits(standing.shut_until)


def test_it_is_ill_from_its_first_failure_until_it_is_up_again(after):
    assert [one.ill for one in after(GOOD, BAD, GOOD)] == [False, True, False]
    assert [one.ill for one in after(BAD, BAD, BAD, GOOD, GOOD)] == [True, True, True, True, False]


def test_it_remembers_when_and_why_it_went(after, make):
    standing = after(GOOD, BAD, BAD, BAD, BAD)[-1]

    assert (standing.since, standing.reason, standing.detail) == (
        make.lab_start + timedelta(minutes=1),
        GapReason.TRANSIENT,
        "connection refused",
    )


@given(rounds=ROUNDS)
def test_only_good_rounds_bring_it_up(make, rounds):
    standing = SourceStanding()
    for minute, one in enumerate(rounds):
        before, standing = standing, after_round(standing, one, make.lab_start + timedelta(minutes=minute))
        if before.down and not standing.down:
            assert one.good
            assert rounds[minute - 1].good or rounds[minute - 1] is BUSY


@given(rounds=ROUNDS)
def test_only_a_source_that_went_down_fires(make, rounds):
    standing = SourceStanding()
    for minute, one in enumerate(rounds):
        standing = after_round(standing, one, make.lab_start + timedelta(minutes=minute))

    assert (standing.condition in (Condition.FIRING, Condition.RECOVERING)) == standing.down
