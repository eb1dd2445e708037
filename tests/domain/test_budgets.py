"""A keep and an slo spend a budget of the whole cycle; every number of it can be had by hand."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.budget import allowed_of, exhausted_on, rate_of
from collector.domain.forecasting.forecasts import forecasts
from collector.domain.landing import foretold
from collector.domain.numbers import numbers_of


def foreseen(promise, numbers):
    """Add what is foreseen of them."""
    ahead = forecasts([numbers.outlook])[0] if numbers.outlook is not None else None
    return foretold(promise, numbers, ahead)


@pytest.fixture(scope="session")
def kept(make):
    """Give `kept(outs, …)`: the numbers of a keep of 90 % after days of 4 slots with so many out of the band."""

    def run(outs, *, open_day=None, share=90.0, first_slot=None, readings=4, promise=None):
        promise = promise or make.keep(share)
        days = [
            make.day(n, 1.0, n=readings, inside=readings - out)
            for n, out in enumerate(outs)
            if out is not None
        ]
        current = None
        if open_day is not None:
            days.append(make.day(len(outs), None, n=open_day[0], inside=open_day[0] - open_day[1]))
            current = 1.0
        numbers = numbers_of(promise, promise.binding, days, None, len(outs), current, first_slot)
        return foreseen(promise, numbers)

    return run


@pytest.fixture(scope="session")
def served(make):
    """Give `served(days, …)`: the numbers of an slo of 99 % after days of (bad, all)."""

    def run(counts, *, open_day=None, past=(), objective=99.0):
        promise = make.slo(objective)
        counted = [*enumerate(past, start=-len(past)), *enumerate(counts)]
        days = [make.day(n, 99.0, n=1, num=total - bad, den=total) for n, (bad, total) in counted]
        if open_day is not None:
            bad, total = open_day
            days.append(make.day(len(counts), None, n=1, num=total - bad, den=total))
        now = 1.0 if open_day else None
        return foreseen(promise, numbers_of(promise, promise.binding, days, None, len(counts), now))

    return run


def test_a_keep_may_leave_its_band_in_a_share_of_the_slots_of_the_cycle(kept):
    numbers = kept([1] * 23)

    # 368 slots of 6 h are due in 92 days
    assert numbers.budget.allowed == pytest.approx(36.8)
    assert (numbers.budget.used, numbers.spent) == (23.0, pytest.approx(23 / 36.8))
    assert (numbers.level, numbers.target, numbers.expected) == (75.0, 90.0, 0.25)
    assert (numbers.exceeded, numbers.budget.lost) == (False, False)


def test_the_open_day_is_spent_from_but_its_slots_are_no_closed_day(kept):
    numbers = kept([1] * 23, open_day=(2, 2))

    assert (numbers.budget.used, numbers.expected, numbers.closed) == (25.0, 0.25, 23)


def test_a_day_without_a_reading_spends_nothing(kept):
    assert kept([1, None, 1]).budget.used == 2.0


def test_slots_before_the_first_reading_ever_were_not_due(kept, make):
    begun = make.keep().cycle.grid.starts(46)

    assert kept([0], first_slot=begun + timedelta(hours=1)).budget.allowed == pytest.approx(46 * 4 * 0.1)


def test_one_more_than_allowed_is_lost_for_good(kept):
    numbers = kept([4] * 10)

    assert (numbers.exceeded, numbers.budget.lost, numbers.p_hit) == (True, True, 0.0)
    assert numbers.budget.exhausts is None


def test_without_a_reading_nothing_is_spent_or_left(kept):
    numbers = kept([None, None])

    assert (numbers.spent, numbers.level, numbers.budget, numbers.judgeable) == (None, None, None, False)


def test_the_day_it_runs_out_follows_from_the_last_week(kept):
    numbers = kept([0] * 23 + [2] * 7)  # 14 of 36.8 used, 22.8 left at 2 a day: 11.4 days from 31 October on

    assert numbers.budget.exhausts == "11 Nov"


def test_a_budget_that_lasts_names_no_day(kept):
    assert kept([1] + [0] * 22).budget.exhausts is None


def test_an_slo_allows_its_share_of_the_events_expected_in_the_cycle(served):
    numbers = served([(5, 1000)] * 23)

    assert numbers.budget.allowed == pytest.approx(0.01 * 92_000)
    assert (numbers.budget.used, numbers.spent) == (115.0, pytest.approx(0.125))
    assert (numbers.level, numbers.target) == (99.5, 99.0)


def test_what_the_open_day_holds_is_a_part_of_what_is_expected(served):
    assert served([(5, 1000)] * 23, open_day=(1, 400)).budget.allowed == pytest.approx(920)
    assert served([(0, 1000)] * 91, open_day=(1, 3000)).budget.allowed == pytest.approx(940)


def test_at_the_close_the_actual_events_count(served):
    numbers = served([(0, 1000)] * 46 + [(5, 200)] * 46)

    assert numbers.budget.allowed == pytest.approx(0.01 * (46_000 + 9_200))


def test_before_a_day_is_closed_the_days_before_the_cycle_tell_the_traffic(served):
    assert served([], open_day=(1, 10), past=[(0, 500)] * 7).budget.allowed == pytest.approx(460)


def test_with_nothing_before_the_open_day_tells_the_traffic_by_its_slots(served):
    assert served([], open_day=(1, 100)).budget.allowed == pytest.approx(92)


def test_exactly_the_budget_is_kept(served):
    numbers = served([(0, 1000)] * 72 + [(1, 1000)] * 20, objective=99.95)

    assert served([(0, 100)] * 92).spent == 0.0
    assert numbers.budget.allowed == 46.0
    assert served([(1, 1000)] * 46 + [(0, 1000)] * 46, objective=99.95).exceeded is False
    assert served([(1, 1000)] * 47 + [(0, 1000)] * 45, objective=99.95).exceeded is True


def test_where_nothing_happened_nothing_is_judged(served):
    numbers = served([(0, 0)] * 10)

    assert (numbers.level, numbers.spent, numbers.exceeded, numbers.forecast) == (None, None, False, None)
    assert not numbers.judgeable


def test_a_day_without_events_takes_nothing_from_the_others(served):
    assert served([(5, 1000), (0, 0), (5, 1000)]).level == 99.5


def test_a_budget_that_burns_even_lands_where_it_ends(served):
    numbers = served([(5, 1000)] * 46)

    assert numbers.forecast.landing == pytest.approx(99.5, abs=0.05)
    assert numbers.forecast.likely[0] <= numbers.forecast.landing <= numbers.forecast.likely[1] <= 100
    assert numbers.p_hit == 0.99


def test_a_budget_that_burns_double_is_not_likely_to_last(served):
    assert served([(20, 1000)] * 30).p_hit < 0.05


def test_too_few_days_tell_no_probability(served):
    assert served([(5, 1000)] * 3).forecast is None
    assert served([(5, 1000)] * 4).forecast is not None


@given(outs=st.lists(st.integers(0, 4), min_size=1, max_size=30), more=st.integers(0, 29))
def test_another_slot_out_of_the_band_never_spends_less(kept, outs, more):
    worse = list(outs)
    worse[more % len(outs)] = min(worse[more % len(outs)] + 1, 4)

    before, after = kept(outs), kept(worse)

    assert after.spent >= before.spent
    assert after.level <= before.level


@given(counts=st.lists(st.tuples(st.integers(0, 50), st.integers(50, 1000)), min_size=1, max_size=92))
def test_an_slo_spends_more_than_all_exactly_when_it_is_below_its_objective_at_the_close(served, counts):
    counts = (counts * 92)[:92]

    numbers = served(counts)

    bad, total = sum(bad for bad, _ in counts), sum(total for _, total in counts)
    assert numbers.exceeded == (100 * bad > total)
    assert numbers.level == pytest.approx(100 - 100 * bad / total)


@given(objective=st.sampled_from([90.0, 95.0, 99.0, 99.5, 99.9, 99.95, 99.99]), tens=st.integers(1, 10**9))
def test_the_allowance_of_a_round_number_is_round(objective, tens):
    assert allowed_of(objective, tens * 10_000.0) == round((100 - objective) * 100) * tens


@pytest.mark.parametrize(
    ("left", "rate", "day"),
    [(59.0, 5.0, 64), (60.0, 5.0, 64), (0.1, 5.0, 53), (0.0, 5.0, None), (59.0, 0.0, None), (195.0, 5.0, None), (194.0, 5.0, 91)],
)  # fmt: skip
def test_a_day_is_exhausted_by_its_end(left, rate, day):
    assert exhausted_on(left, rate, closed=53, days=92) == day


def test_the_rate_is_taken_over_the_last_days():
    points = [(-1, 0.0), (0, 5.0), (1, 10.0), (2, 10.0), (3, 12.0)]

    assert (rate_of(points, 2), rate_of(points, 7), rate_of(points[:1], 7)) == (1.0, 3.0, 0.0)
