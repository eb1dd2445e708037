"""What the open day brought moves where a count lands, and how likely its limit holds."""

import numpy as np
import pytest

from collector.domain.figures import Numbers
from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.outlook import Form, Outlook
from collector.domain.landing import told, total_since
from collector.domain.shape import Total


def counted(a_day=0.5, days=40, limit=30.0):
    added = np.array([float(n % 2) * 2 * a_day for n in range(days)])
    return forecast(
        Outlook(Form.AT_MOST, added, days, 92, limit, first=0, den=np.ones(days), whole=True)
    ), added.sum()


def test_the_more_the_open_day_uses_the_less_likely_a_limit_holds(make):
    ahead, done = counted()
    promise = make.total(shape=Total(at_most=30))
    seen = [
        told(ahead, promise, Numbers(closed=40, level=done + more, opened=more, spent=(done + more) / 30))
        for more in (0.0, 2.0, 5.0, 30 - done)
    ]

    chances = [one.p_full for one in seen]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == ahead.p_full
    assert chances[-1] < 0.5
    assert all(one.wide[1] > one.wide[0] for one in seen)
    assert seen[-1].landing >= 30


def test_an_error_budget_is_never_decided_before_the_close(make):
    bad, total = np.full(40, 300.0), np.full(40, 10_000.0)
    ahead = forecast(Outlook(Form.EVENTS, bad, 40, 92, 0.01, first=0, window=92, den=total))
    spent = Numbers(closed=40, level=97.0, spent=1.3, exceeded=True)

    lost = told(ahead, make.slo(99.0), spent)

    assert lost.p_hit == 0.01


def test_what_the_open_day_used_of_a_budget_stays_used_past_its_end(make):
    bad, total = np.full(40, 95.0), np.full(40, 10_000.0)
    ahead = forecast(Outlook(Form.EVENTS, bad, 40, 92, 0.01, first=0, window=92, den=total))
    landings = [
        told(
            ahead, make.slo(99.0), Numbers(closed=40, spent=used, opened=used - 0.9, exceeded=used > 1)
        ).landing
        for used in (0.9, 0.95, 1.0, 1.05, 1.2)
    ]

    assert landings == sorted(landings, reverse=True)
    assert landings[-1] <= 99.0 - 0.2


def test_a_budget_that_the_open_day_used_says_what_is_left_of_it_and_how_much_that_takes_from_p(make):
    ahead, done = counted()
    used = Numbers(closed=40, level=done + 2, opened=2.0, spent=(done + 2) / 30)
    more = Numbers(closed=40, level=done + 5, opened=5.0, spent=(done + 5) / 30)
    promise = make.total(shape=Total(at_most=30))

    one, other = (told(ahead, promise, numbers) for numbers in (used, more))
    again = total_since(one, (promise.commitment, promise.shape), more, done + 2)

    assert (one.model["left"], other.model["left"]) == (28 - done, 25 - done)
    assert one.p_full == pytest.approx(ahead.p_full * one.model["less"])
    assert again.model["less"] == pytest.approx(other.model["less"])
