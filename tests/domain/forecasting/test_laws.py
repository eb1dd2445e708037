"""What holds for a forecast of any form: it sees no day to come, and nothing but its own key result moves it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast, forecasts

FEW = settings(max_examples=12, deadline=None)


@FEW
@given(data=st.data())
def test_no_day_to_come_enters(make, kind, data):
    """One array holds what is to come beside what is known: whatever stands there, the prefix forecasts the same."""
    whole = data.draw(make.outlook(kind))
    today = data.draw(st.integers(0, whole.today))
    prefix = make.until(whole, today)
    before = forecast(prefix)

    series = (whole.values, whole.num, whole.den, whole.inside)
    for one in series:
        one[make.history + today :] = data.draw(st.sampled_from([np.nan, 0.0, 1e100]))

    assert make.same(forecast(prefix), before, rel=0, near=0)


@FEW
@given(data=st.data())
def test_a_series_that_reaches_past_its_last_known_day_is_refused(make, kind, data):
    outlook = data.draw(make.outlook(kind, readable=True))

    with pytest.raises(ValueError, match="past"):
        forecast(replace(outlook, values=np.append(outlook.values, 1.0)))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_batch_equals_each_by_itself_in_any_order(make, data):
    length = data.draw(st.sampled_from([6, 30, 91, 365]))
    days = st.integers(0, length - 1)
    shared, other = data.draw(days), data.draw(days)
    batch = [
        data.draw(make.outlook(length=length, today=data.draw(st.sampled_from([shared, shared, other]))))
        for _ in range(data.draw(st.integers(2, 9)))
    ]
    order = data.draw(st.permutations(range(len(batch))))

    together = forecasts([batch[number] for number in order])

    for number, found in zip(order, together, strict=True):
        assert make.same(found, forecast(batch[number]))


@FEW
@given(data=st.data())
def test_a_batch_of_one_form_equals_each_by_itself(make, kind, data):
    length = data.draw(st.sampled_from([6, 91, 182]))
    today = st.integers(0, length - 1)
    batch = [data.draw(make.outlook(kind, length=length, today=data.draw(today))) for _ in range(5)]

    for found, outlook in zip(forecasts(batch), batch, strict=True):
        assert make.same(found, forecast(outlook))


def test_nothing_asked_is_nothing_answered():
    assert forecasts([]) == []


@FEW
@given(data=st.data())
def test_a_probability_is_never_certain_of_what_is_undecided(make, kind, data):
    ahead = forecast(data.draw(make.outlook(kind, readable=True)))

    assert all(p in (0.0, 1.0) or 0.01 <= p <= 0.99 for p in (ahead.p_hit, ahead.p_full, ahead.p_most))


@FEW
@given(data=st.data())
def test_the_whole_way_is_never_likelier_than_most_of_it(make, kind, data):
    ahead = forecast(data.draw(make.outlook(kind, readable=True)))

    assert ahead.p_full <= ahead.p_most + 1e-12


@FEW
@given(data=st.data())
def test_a_promise_is_hit_by_its_own_measure(make, kind, data):
    outlook = data.draw(make.outlook(kind, readable=True))
    ahead = forecast(outlook)

    assert ahead.p_hit == (ahead.p_most if outlook.aspirational else ahead.p_full)


@FEW
@given(data=st.data())
def test_ranges_hold_the_landing_and_lie_in_each_other(make, kind, data):
    ahead = forecast(data.draw(make.outlook(kind, readable=True)))

    assert ahead.wide[0] <= ahead.likely[0] <= ahead.landing <= ahead.likely[1] <= ahead.wide[1]


@FEW
@given(data=st.data())
def test_a_crossing_is_a_day_to_come(make, kind, data):
    outlook = data.draw(make.outlook(kind, readable=True))
    ahead = forecast(outlook)

    assert ahead.crosses is None or outlook.today <= ahead.crosses < outlook.length


@FEW
@given(data=st.data())
def test_a_cycle_of_any_length_is_foreseen_on_any_day(make, kind, data):
    outlook = data.draw(make.outlook(kind, length=data.draw(st.integers(6, 365)), readable=True))

    assert all(np.isfinite(list(make.figures(forecast(outlook)).values())))


@FEW
@given(data=st.data())
def test_on_the_first_day_history_alone_is_enough(make, kind, data):
    ahead = forecast(data.draw(make.outlook(kind, today=0, gaps=False)))

    assert all(np.isfinite(list(make.figures(ahead).values())))


@pytest.mark.parametrize("readings", range(4))
@FEW
@given(data=st.data())
def test_fewer_than_four_readings_say_nothing(make, kind, readings, data):
    outlook = data.draw(make.outlook(kind, today=3, gaps=False))
    seen = data.draw(st.permutations(range(len(outlook.values))))[: readings + 1]
    hidden = {}
    for number in (readings, readings + 1):
        values = np.full_like(outlook.values, np.nan)
        values[seen[:number]] = outlook.values[seen[:number]]
        hidden[number] = forecast(replace(outlook, values=values))

    assert hidden[readings] is None
    assert (hidden[readings + 1] is None) == (readings < 3)
