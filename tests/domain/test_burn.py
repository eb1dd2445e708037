"""How fast a budget burns is told by pairs of windows that are as long for the cycle as they should be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.burn import burns_of, windows_of
from collector.domain.judgement import Slot
from collector.domain.span import parse_span

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def often(make):
    """An slo of 99 % in ninety days, counted every five minutes."""
    every = parse_span("5m")
    promise = make.slo(99.0, cycle=make.cycle(days=90, zone="UTC"))
    return replace(promise, binding=replace(promise.binding, every=every, window=every))


@pytest.fixture
def burning(often):
    """Give `burning(bad_at, …)`: the burns ten days into the cycle, with 100 events in each of the slots of 3 days."""
    at = often.cycle.starts + timedelta(days=10)

    def run(bad_at, *, promise=often, fresh=True, keep=lambda _age: True, first_slot=None, now=at):
        slots = [now - n * 5 * MINUTE for n in range(12 * 72 + 1)]
        recent = [Slot(slot, bad_at(now - slot), 100.0) for slot in reversed(slots) if keep(now - slot)]
        return burns_of(promise, promise.binding, recent, first_slot, now + MINUTE, fresh=fresh)

    return run


def test_thresholds_are_scaled_to_the_cycle(often):
    found = windows_of(often, 5 * MINUTE)

    assert found == [
        (HOUR, 5 * MINUTE, pytest.approx(43.2)),
        (6 * HOUR, 30 * MINUTE, pytest.approx(18.0)),
        (72 * HOUR, 6 * HOUR, pytest.approx(3.0)),
    ]


def test_a_window_is_never_shorter_than_an_interval(often):
    assert [(long, short) for long, short, _ in windows_of(often, HOUR)] == [
        (HOUR, HOUR), (6 * HOUR, HOUR), (72 * HOUR, 6 * HOUR)
    ]  # fmt: skip


def test_of_pairs_that_are_the_same_the_larger_share_stands(often):
    day = timedelta(days=1)

    assert windows_of(often, day) == [(day, day, pytest.approx(4.5)), (3 * day, day, pytest.approx(3.0))]


def test_in_a_cycle_of_its_own_days_windows_are_the_same_share_of_the_day(make):
    promise = make.slo(99.0, cycle=make.lab())

    assert windows_of(promise, timedelta(seconds=0.1)) == [
        (timedelta(seconds=0.25), timedelta(seconds=0.1), pytest.approx(48.0)),
        (timedelta(seconds=1.5), timedelta(seconds=0.125), pytest.approx(20.0)),
        (timedelta(seconds=18), timedelta(seconds=1.5), pytest.approx(10 / 3)),
    ]


def test_what_burns_at_the_allowed_rate_burns_at_one(burning):
    assert [burn.rate for burn in burning(lambda _: 1.0)] == pytest.approx([1.0, 1.0, 1.0])
    assert {burn.over for burn in burning(lambda _: 1.0)} == {False}


def test_a_fast_burn_is_seen_in_the_fast_pair(burning):
    burns = burning(lambda age: 50.0 if age < HOUR else 0.0)

    assert [burn.rate for burn in burns] == pytest.approx([50.0, 50 / 6, 50 / 72])
    assert [burn.over for burn in burns] == [True, False, False]


def test_a_burn_that_is_over_is_seen_in_the_short_window(burning):
    burns = burning(lambda age: 50.0 if 10 * MINUTE < age < HOUR else 0.0)

    assert (burns[0].short_rate, burns[0].over) == (0.0, False)


def test_a_slow_burn_is_seen_in_the_slow_pair(burning):
    assert [burn.over for burn in burning(lambda _: 4.0)] == [False, False, True]


def test_stale_data_tells_no_rate(burning):
    burns = burning(lambda _: 50.0, fresh=False)

    assert {(burn.rate, burn.short_rate, burn.over) for burn in burns} == {(None, None, None)}


def test_a_window_without_a_reading_has_no_rate(burning):
    burns = burning(lambda _: 50.0, keep=lambda age: age == timedelta(0) or age > 7 * HOUR)

    assert [burn.rate is None for burn in burns] == [False, False, False]
    assert burning(lambda _: 1.0, keep=lambda _age: False)[0].rate is None


def test_a_cycle_younger_than_a_window_tells_no_rate_of_it(burning, often):
    burns = burning(lambda _: 50.0, now=often.cycle.starts + 2 * HOUR)

    assert [burn.rate for burn in burns] == [pytest.approx(50.0), None, None]


def test_a_series_younger_than_a_window_tells_no_rate_of_it(burning, often):
    began = often.cycle.starts + timedelta(days=9, hours=23)

    assert [burn.rate is None for burn in burning(lambda _: 50.0, first_slot=began)] == [False, True, True]


def test_of_no_events_nothing_burns(burning, often):
    at = often.cycle.starts + timedelta(days=1)
    recent = [Slot(at - n * 5 * MINUTE, 0.0, 0.0) for n in range(12, -1, -1)]

    assert burns_of(often, often.binding, recent, None, at, fresh=True)[0].rate == 0.0


def test_a_keep_burns_by_its_slots(burning, make, often):
    promise = make.keep(90.0, cycle=often.cycle, binding=often.binding)

    assert burning(lambda _: 20.0, promise=promise)[0].rate == pytest.approx(2.0)


def test_what_counts_no_slots_does_not_burn(burning, make):
    assert burning(lambda _: 1.0, promise=make.key_result()) == ()
    assert burning(lambda _: 1.0, promise=make.total()) == ()
