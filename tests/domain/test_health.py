"""Health is an axis of its own: it grows worse with age alone, and only a reading makes it better."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.health import Health, Patience, Pulse, judge_health, next_change
from collector.domain.sample import GapReason

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
BROKEN = [GapReason.AUTH, GapReason.BAD_QUERY, GapReason.BAD_VALUE, GapReason.CONFIG]


def pulse(as_of, failing=None):
    return Pulse(attempted=as_of, succeeded=as_of, as_of=as_of, failing=failing)


@pytest.mark.parametrize(
    ("every", "age", "health"),
    [
        (QUARTER, timedelta(0), Health.FRESH),
        (QUARTER, 1.5 * QUARTER, Health.FRESH),
        (QUARTER, 1.5 * QUARTER + timedelta(seconds=1), Health.LATE),
        (
            QUARTER,
            timedelta(minutes=75),
            Health.LATE,
        ),  # one interval and an hour is longer than three intervals
        (QUARTER, timedelta(minutes=75, seconds=1), Health.STALE),
        (DAY, 1.5 * DAY, Health.FRESH),
        (DAY, 3 * DAY, Health.LATE),
        (DAY, 3 * DAY + timedelta(seconds=1), Health.STALE),
    ],
)
def test_data_is_late_past_one_and_a_half_intervals_and_stale_past_three_or_one_and_an_hour(
    make, every, age, health
):
    assert judge_health(pulse(make.lab_start), Patience.of(every), make.lab_start + age) is health


def test_in_a_short_day_the_hour_is_its_share_of_the_day(make):
    patience = Patience.of(timedelta(seconds=2), grace=make.lab().wait(timedelta(hours=1)))

    assert (patience.late, patience.stale) == (timedelta(seconds=3), timedelta(seconds=6))


def test_what_was_never_read_is_never(make):
    assert judge_health(pulse(None), Patience.of(DAY), make.lab_start) is Health.NEVER


@pytest.mark.parametrize("reason", BROKEN)
@pytest.mark.parametrize("read", [True, False])
def test_what_a_person_has_to_mend_is_broken_even_when_young_or_never_read(make, reason, read):
    broken = pulse(make.lab_start if read else None, reason)

    assert judge_health(broken, Patience.of(DAY), make.lab_start) is Health.BROKEN


@pytest.mark.parametrize("reason", [reason for reason in GapReason if reason not in BROKEN])
def test_a_gap_that_may_heal_leaves_the_health_to_age(make, reason):
    assert judge_health(pulse(make.lab_start, reason), Patience.of(DAY), make.lab_start) is Health.FRESH


def test_stale_broken_and_never_freeze_and_nothing_else_does():
    assert {health for health in Health if health.freezes} == {Health.STALE, Health.BROKEN, Health.NEVER}


@given(every=st.integers(1, 10**6), ages=st.lists(st.integers(0, 10**7), min_size=2, max_size=10))
def test_without_a_reading_health_never_gets_better(make, every, ages):
    order = [Health.FRESH, Health.LATE, Health.STALE]
    patience = Patience.of(timedelta(seconds=every))

    seen = [
        order.index(judge_health(pulse(make.lab_start), patience, make.lab_start + timedelta(seconds=age)))
        for age in sorted(ages)
    ]

    assert seen == sorted(seen)


@given(every=st.integers(1, 10**5), age=st.integers(0, 10**6))
def test_health_stays_until_its_next_change_and_is_another_one_right_after(make, every, age):
    patience, at = Patience.of(timedelta(seconds=every)), make.lab_start + timedelta(seconds=age)
    now = judge_health(pulse(make.lab_start), patience, at)

    change = next_change(pulse(make.lab_start), patience, at)

    if change is None:
        assert now is Health.STALE
        return
    assert judge_health(pulse(make.lab_start), patience, change) is now
    assert judge_health(pulse(make.lab_start), patience, change + timedelta(microseconds=1)) is not now


@pytest.mark.parametrize("reading", [pulse(None), Pulse(None, None, None, GapReason.AUTH)])
def test_what_does_not_age_has_no_next_change(make, reading):
    assert next_change(reading, Patience.of(DAY), make.lab_start) is None
