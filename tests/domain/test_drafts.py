"""What a draft would be worth if it began today: too easy, fiction, or a promise."""

import random
from datetime import timedelta

import numpy as np
import pytest

from collector.domain.drafts import FICTION, TOO_EASY, draft_outlook, worth_of
from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.outlook import HISTORY, Form
from collector.domain.shape import Measured, Reach, Total, Typed
from collector.domain.status import Status

EARLY = 10
"""Days before its start at which a draft is looked at here."""


@pytest.fixture
def drafted(make):
    """Give `drafted(promise, values, …)`: the outlook of a draft whose last closed day has the last of these values."""

    def run(promise, values, *, early=EARLY, later=(), **facts):
        first = -early - len(values)
        days = [make.day(first + n, value, **facts) for n, value in enumerate([*values, *later])]
        series = make.series(promise)
        at = promise.cycle.grid.starts(-early)
        return draft_outlook(promise, promise.binding, series.history(at, days=days), at)

    return run


def noisy(level, days=28, seed=1):
    draw = random.Random(seed)
    return [level * (1 + draw.gauss(0, 0.02)) for _ in range(days)]


def with_chance(p):
    return Forecast(p, p, p, 1.0, (1.0, 1.0), (1.0, 1.0), None, 0.1, 0.0)


def test_a_draft_is_foreseen_as_if_its_cycle_began_today(drafted, make):
    values = noisy(900.0)
    outlook = drafted(make.key_result(), values)

    assert (outlook.form, outlook.today, outlook.start, outlook.length) == (Form.LEVEL, 0, 0, 92)
    assert outlook.values.tolist() == values
    assert len(outlook.values) == HISTORY


def test_it_does_not_matter_how_long_before_its_start_it_is_looked_at(drafted, make):
    values = noisy(900.0)
    early, late = (drafted(make.key_result(), values, early=days) for days in (40, 1))

    assert forecast(early) == forecast(late)


def test_days_that_are_not_over_are_not_looked_at(drafted, make):
    values = noisy(900.0)

    seen = drafted(make.key_result(), values, later=[1.0] * 5)

    assert np.array_equal(seen.values, drafted(make.key_result(), values).values)


def test_a_measured_baseline_is_taken_from_the_last_days(drafted, make):
    promise = make.key_result(shape=Reach(Measured(), 450.0))

    assert (
        drafted(promise, [500.0] * 21 + [880.0, 900.0, 900.0, 900.0, 900.0, 900.0, 920.0]).baseline == 900.0
    )
    assert drafted(promise, [500.0] * 21 + [880.0] * 7, later=[1.0] * 7).baseline == 880.0


def test_a_baseline_that_somebody_typed_stays_what_it_is(drafted, make):
    assert drafted(make.key_result(shape=Reach(Typed(700.0), 450.0)), noisy(900.0)).baseline == 700.0


def test_without_a_past_nothing_is_said_of_a_draft(drafted, make):
    promise = make.key_result(shape=Reach(Measured(), 450.0))

    assert drafted(promise, []) is None
    assert worth_of(None) == ()


def test_a_total_has_no_past_and_nothing_is_said_of_it(drafted, make):
    assert drafted(make.total(shape=Total(at_most=3)), [1.0] * 28) is None
    assert drafted(make.total(shape=Total(at_least=30)), [1.0] * 28) is None


def test_a_keep_is_foreseen_from_the_days_before_it(drafted, make):
    outlook = drafted(make.keep(), [100.0] * 28, n=4, inside=4)

    assert (outlook.form, outlook.today) == (Form.STAY, 0)
    assert outlook.target == pytest.approx(9.2)
    assert outlook.inside[-28:].tolist() == [1.0] * 28


def test_an_slo_is_foreseen_from_the_days_before_it(drafted, make):
    outlook = drafted(make.slo(), [99.5] * 28, n=1, num=995.0, den=1000.0)

    assert (outlook.form, outlook.today) == (Form.EVENTS, 0)
    assert outlook.values[-28:].tolist() == [5.0] * 28


def test_what_the_past_holds_already_is_too_easy(drafted, make):
    ahead = forecast(drafted(make.slo(), [99.95] * 28, n=1, num=9_995.0, den=10_000.0))

    assert worth_of(ahead) == (
        f"too easy: P(hit) {ahead.p_hit:.2f} by its past alone, if it began today, above 0.90",
    )


def test_what_the_past_speaks_against_is_fiction(drafted, make):
    ahead = forecast(drafted(make.slo(), [95.0] * 28, n=1, num=950.0, den=1000.0))

    assert worth_of(ahead) == (
        f"fiction: P(hit) {ahead.p_hit:.2f} by its past alone, if it began today, below 0.05",
    )


def test_a_promise_that_asks_for_effort_is_neither(drafted, make):
    ahead = forecast(drafted(make.key_result(), noisy(900.0)))

    assert FICTION < ahead.p_hit < TOO_EASY
    assert worth_of(ahead) == ()


@pytest.mark.parametrize("p", [FICTION, 0.3, 0.5, TOO_EASY])
def test_between_the_lines_nothing_is_said(p):
    assert worth_of(with_chance(p)) == ()


@pytest.mark.parametrize(
    ("p", "word"), [(0.049, "fiction"), (0.01, "fiction"), (0.901, "too easy"), (0.99, "too easy")]
)
def test_beyond_the_lines_one_reason_is_given(p, word):
    (reason,) = worth_of(with_chance(p))

    assert reason.startswith(f"{word}: ")


def test_a_draft_carries_its_reason_and_scores_nothing(make, quarter):
    series, start = make.series(quarter), quarter.cycle.starts
    series.follow(lambda _: 100.0, start - timedelta(days=30), start - timedelta(days=2))

    seen = series.previous

    assert seen.status is Status.DRAFT
    assert seen.reasons == (
        f"too easy: P(hit) {seen.forecast.p_hit:.2f} by its past alone, if it began today, above 0.90",
    )
    assert (seen.score, seen.day) == (None, 0)


def test_once_it_has_begun_a_draft_is_a_draft_no_more(make, quarter):
    series, start = make.series(quarter), quarter.cycle.starts
    series.follow(lambda _: 100.0, start - timedelta(days=30), start + timedelta(days=1))

    assert series.previous.status is Status.NOT_STARTED
    assert not any("began today" in reason for reason in series.previous.reasons)
