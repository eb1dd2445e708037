"""The forecast sees no day to come, is moved by no change of unit, and is certain only of what is decided."""

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.forecast import Forecast, Outlook, forecast
from collector.domain.shape import Commitment

VALUES = st.lists(st.one_of(st.none(), st.floats(1, 1000)), min_size=6, max_size=60)
COMMITMENTS = st.sampled_from(Commitment)


def known(outlook):
    return len(outlook.days) >= 4


def noisy(values, share=0.005):
    draw = random.Random(7)
    return [value * (1 + draw.gauss(0, share)) for value in values]


def on_pace(days, *, start=100.0, to=40.0, length=100):
    return noisy([start + (to - start) * (n + 0.5) / length for n in range(days)])


@pytest.mark.parametrize("days", [0, 1, 2, 3])
def test_too_few_days_give_no_forecast(make, days):
    assert forecast(make.outlook(on_pace(days))) is None


def test_days_without_a_reading_do_not_count(make):
    assert forecast(make.outlook([100, None, None, 99, None, 98])) is None
    assert forecast(make.outlook([100, None, 99, 98, None, 97])) is not None


@given(values=VALUES, future=st.lists(st.floats(1, 1000), max_size=10), commitment=COMMITMENTS)
def test_no_day_to_come_enters(make, values, future, commitment):
    outlook = make.outlook(values, commitment=commitment)
    ahead = [(outlook.today + n, value) for n, value in enumerate(future)]

    assert forecast(replace(outlook, days=[*outlook.days, *ahead])) == forecast(outlook)


@given(values=VALUES, factor=st.sampled_from([0.001, 0.5, 60.0, 1000.0, 1024.0]), commitment=COMMITMENTS)
def test_another_unit_gives_the_same_probability(make, values, factor, commitment):
    outlook = make.outlook(values, commitment=commitment)
    assume(known(outlook))
    scaled = replace(
        outlook,
        days=[(day, value * factor) for day, value in outlook.days],
        baseline=outlook.baseline * factor,
        target=outlook.target * factor,
    )

    one, other = forecast(outlook), forecast(scaled)

    assert other.p_hit == pytest.approx(one.p_hit, abs=1e-6)
    assert other.landing == pytest.approx(one.landing * factor, rel=1e-6, abs=1e-6 * factor)


@given(values=VALUES, shift=st.integers(-1000, 1000))
def test_another_zero_gives_the_same_probability(make, values, shift):
    outlook = make.outlook(values)
    assume(known(outlook))
    shifted = replace(
        outlook,
        days=[(day, value + shift) for day, value in outlook.days],
        baseline=outlook.baseline + shift,
        target=outlook.target + shift,
    )

    assert forecast(shifted).p_hit == pytest.approx(forecast(outlook).p_hit, abs=1e-6)


@given(values=VALUES, commitment=COMMITMENTS)
def test_falling_and_rising_targets_mirror_each_other(make, values, commitment):
    outlook = make.outlook(values, commitment=commitment)
    assume(known(outlook))
    mirrored = replace(
        outlook,
        days=[(day, -value) for day, value in outlook.days],
        baseline=-outlook.baseline,
        target=-outlook.target,
        rising=True,
    )

    one, other = forecast(outlook), forecast(mirrored)

    assert other.p_hit == pytest.approx(one.p_hit, abs=1e-9)
    assert other.p_full == pytest.approx(one.p_full, abs=1e-9)
    assert other.landing == pytest.approx(-one.landing)


@given(values=VALUES, commitment=COMMITMENTS)
def test_nothing_undecided_is_certain(make, values, commitment):
    outlook = make.outlook(values, commitment=commitment)
    assume(known(outlook))

    ahead = forecast(outlook)

    assert 0.01 <= ahead.p_full <= ahead.p_hit <= 0.99


@given(values=VALUES)
def test_a_harder_line_is_never_likelier(make, values):
    """The walk is held fixed: the line alone moves, as between 70 % of the way and all of it."""
    outlook = make.outlook(values)
    assume(known(outlook))

    ahead = forecast(outlook)

    assert ahead.p_full <= ahead.p_hit


@pytest.mark.parametrize(("start", "to", "rising"), [(100.0, 40.0, False), (40.0, 100.0, True)])
def test_the_farther_the_target_the_less_likely(make, start, to, rising):
    values = on_pace(30, start=start, to=to)
    way = to - start

    chances = [
        forecast(make.outlook(values, baseline=start, target=start + way * share, rising=rising)).p_full
        for share in (0.2, 0.5, 0.8, 1.0, 1.3, 2.0)
    ]

    assert chances == sorted(chances, reverse=True)


@given(values=VALUES, commitment=COMMITMENTS)
def test_ranges_hold_the_median_and_lie_in_each_other(make, values, commitment):
    outlook = make.outlook(values, commitment=commitment)
    assume(known(outlook))

    ahead = forecast(outlook)

    assert ahead.wide[0] <= ahead.likely[0] <= ahead.landing <= ahead.likely[1] <= ahead.wide[1]


@pytest.mark.parametrize("day", [4, 10, 30, 60, 90])
def test_what_is_on_its_pace_is_likelier_than_not(make, day):
    assert forecast(make.outlook(on_pace(day))).p_hit >= 0.5


@pytest.mark.parametrize("day", [7, 14, 30])
def test_a_flat_past_before_the_cycle_does_not_speak_against_its_plan(make, day):
    """The plan begins with the cycle: 28 quiet days before it say how much it wobbles, not that nothing will move."""
    flat = list(enumerate(noisy([100.0] * 28), start=-28))
    outlook = make.outlook(on_pace(day))

    with_past = forecast(replace(outlook, days=[*flat, *outlook.days]))

    assert with_past.p_hit >= 0.45
    assert with_past.p_hit == pytest.approx(forecast(outlook).p_hit, abs=0.2)


def test_with_a_past_there_is_a_forecast_on_day_one_and_it_is_undecided(make):
    flat = list(enumerate(noisy([100.0] * 28), start=-28))

    ahead = forecast(make.outlook([], days=flat, today=0))

    assert 0.2 < ahead.p_hit < 0.8


def test_what_does_not_move_at_all_will_not_arrive(make):
    assert forecast(make.outlook([100.0] * 40)).p_hit == 0.01


def test_a_constant_series_past_its_target_has_arrived(make):
    ahead = forecast(make.outlook([30.0] * 40))

    assert (ahead.p_hit, ahead.landing) == (0.99, pytest.approx(30.0, abs=0.1))


def test_one_jump_does_not_buy_its_own_excuse(make):
    values = on_pace(20)
    before = forecast(make.outlook(values))
    after = forecast(make.outlook([*values, values[-1] * 10]))

    assert after.p_hit == 0.01
    assert after.step < 3 * before.step


def test_a_jump_mended_is_believed(make):
    broken = [*on_pace(20), *noisy([450.0] * 5), *noisy([30.0] * 3)]

    assert forecast(make.outlook(broken)).p_hit == 0.99


@given(keep=st.sets(st.integers(0, 39), min_size=10))
def test_missing_days_shift_the_probability_but_do_not_break_it(make, keep):
    values = [value if n in keep else None for n, value in enumerate(on_pace(40))]

    ahead = forecast(make.outlook(values))

    assert 0.01 <= ahead.p_hit <= 0.99


def test_a_series_read_once_a_week_on_its_pace_is_likelier_than_not(make):
    values = [value if n % 7 == 6 else None for n, value in enumerate(on_pace(56))]

    assert forecast(make.outlook(values)).p_hit > 0.5


def test_a_step_over_a_gap_counts_as_the_days_it_took(make):
    """A walk of twice the step in four days is the same walk: its variance grows with the days."""
    daily = [50.0 + n % 2 for n in range(13)]
    seldom = [50.0 + 2 * (n // 4 % 2) if n % 4 == 0 else None for n in range(49)]

    assert forecast(make.outlook(seldom)).step == pytest.approx(forecast(make.outlook(daily)).step)


def test_the_longer_the_silence_the_wider_the_range(make):
    outlook = make.outlook(on_pace(30))
    silent = replace(outlook, days=[(day, value) for day, value in outlook.days if day < 20])

    def width(one):
        low, high = forecast(one).wide
        return high - low

    assert width(silent) > width(outlook)


@pytest.mark.parametrize(("close", "p"), [(57.9, 1.0), (58.0, 1.0), (58.1, 0.0)])
def test_at_the_close_the_outcome_is_certain_and_equality_is_met(make, close, p):
    values = [100.0] * 93 + [close] * 7

    ahead = forecast(make.outlook(values))

    assert ahead.p_hit == p
    assert ahead.landing == pytest.approx(close)
    assert ahead.wide == (ahead.landing, ahead.landing)


def test_days_of_the_last_window_that_are_over_are_certain(make):
    values = [*noisy([100.0] * 94), 40.0, 40.0, 40.0, 40.0, 40.0]

    narrow = forecast(make.outlook(values))
    free = forecast(make.outlook(values[:95]))

    assert narrow.wide[1] - narrow.wide[0] < free.wide[1] - free.wide[0]


def test_a_committed_reach_needs_the_whole_way(make):
    values = on_pace(50)

    ahead = forecast(make.outlook(values, commitment=Commitment.COMMITTED))

    assert ahead.p_hit == ahead.p_full


def counted(make, values, limit, *, rising=False, **changes):
    days = [(-1, 0.0), *((n, float(value)) for n, value in enumerate(values))]
    facts = {
        "window": 1,
        "baseline": 0.0,
        "target": float(limit),
        "count": True,
        "whole": True,
        "rising": rising,
    }
    return make.outlook([], days=days, today=len(values), **{**facts, **changes})


def test_a_count_within_its_limit_at_the_close_is_kept(make):
    assert forecast(counted(make, [0] * 50 + [3] * 50, 3)).p_hit == 1.0
    assert forecast(counted(make, [0] * 50 + [4] * 50, 3)).p_hit == 0.0


def test_a_count_that_stays_low_is_likely_kept_and_one_that_runs_is_not(make):
    assert forecast(counted(make, [0] * 60, 30)).p_hit > 0.9
    assert forecast(counted(make, range(25), 30)).p_hit < 0.1


def test_an_at_least_count_on_its_pace_is_likely_and_one_that_stands_is_not(make):
    fast = [n * 1.2 for n in range(50)]

    assert forecast(counted(make, fast, 100, rising=True, whole=False)).p_hit > 0.8
    assert forecast(counted(make, [0] * 50, 100, rising=True)).p_hit < 0.1


def test_a_forecast_comes_back_from_its_document_the_same(make):
    ahead = forecast(make.outlook(on_pace(30)))

    assert Forecast.from_document(ahead.document()) == ahead


@pytest.mark.parametrize("size", [1e-300, 1e-100, 1e90])
def test_the_unit_of_a_measure_changes_no_probability(size):
    def ahead(unit):
        days = [(n, (100 - n + n % 3) * unit) for n in range(30)]
        return forecast(Outlook(days, 30, 91, 7, 100 * unit, 20 * unit, Commitment.COMMITTED, rising=False))

    plain, strange = ahead(1.0), ahead(size)
    assert strange.p_hit == pytest.approx(plain.p_hit)
    assert strange.landing == pytest.approx(plain.landing * size)
