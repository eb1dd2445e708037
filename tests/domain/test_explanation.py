"""Every verdict shows its arithmetic, in one sentence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.budget import Budget
from collector.domain.explanation import ago, explain, number, percent, signed
from collector.domain.forecasting.forecast import Forecast
from collector.domain.health import Health
from collector.domain.observed import Sampling
from collector.domain.pace import Late, Points, WorkingDays
from collector.domain.shape import Change, Measured, Reach, Total
from collector.domain.status import Status


@pytest.fixture
def typical(make):
    """The arithmetic of day 61."""
    facts = {
        "day": 61,
        "days": 92,
        "status": Status.AT_RISK,
        "baseline": 31.0,
        "target": 70.0,
        "level": 52.0,
        "level_days": 7,
        "progress": 0.54,
        "expected": 0.66,
        "forecast": Forecast(0.21, 0.1, 0.21, 64.0, (59.0, 69.0), (50.0, 78.0), None, 0.5, 0.4),
        "needed_per_week": 3.1,
        "last_reachable": "9 Dec",
    }

    def one(**changes):
        return make.evaluation(**{**facts, **changes})

    return one


def test_the_sentence_of_a_usual_day(make, typical):
    assert explain(make.key_result(), typical()) == (
        "Day 61 of 92, expected 66 %, actual 54 %, lands at 64 (59–69) of 70, P(hit) 0.21, "
        "needs +3.1/week, last reachable 9 Dec"
    )


def test_stale_data_says_since_when_first(make, typical):
    stale = typical(health=Health.STALE, as_of=make.lab_start, at=make.lab_start + timedelta(days=3, hours=5))

    assert explain(make.key_result(), stale).startswith("Stale, at risk as of 3 days ago: Day 61 of 92, ")


def test_broken_data_that_was_never_read_says_so(make, typical):
    broken = typical(health=Health.BROKEN, as_of=None)

    assert explain(make.key_result(), broken).startswith("Broken, nothing was ever read: Day 61")


def test_late_data_is_not_mistrusted_yet(make, typical):
    assert explain(make.key_result(), typical(health=Health.LATE)).startswith("Day 61")


def test_what_was_never_read_says_so(make):
    never = make.evaluation(status=Status.NOT_STARTED, health=Health.NEVER, day=3, days=92)

    assert explain(make.key_result(), never) == "Nothing was read yet: Day 3 of 92, nothing to judge yet"


def test_a_cycle_of_its_own_days_tells_ages_in_them(make, typical):
    stale = typical(health=Health.STALE, as_of=make.lab_start, at=make.lab_start + timedelta(seconds=15))

    assert explain(make.key_result(cycle=make.lab()), stale).startswith(
        "Stale, at risk as of 2.5 days ago: Day 61"
    )


@pytest.mark.parametrize("status", [Status.ACHIEVED, Status.MISSED, Status.RETIRED])
def test_when_nothing_is_judged_any_more_age_is_not_told(make, typical, status):
    assert explain(make.key_result(), typical(status=status, health=Health.STALE)).startswith("Day 61 of 92")


def test_too_few_days_say_so(make, typical):
    few = typical(day=2, forecast=None, last_reachable=None, needed_per_week=2.5)

    assert explain(make.key_result(), few) == (
        "Day 2 of 92, expected 66 %, actual 54 %, too few days to forecast, needs +2.5/week"
    )


def test_what_is_over_needs_no_forecast(make, typical):
    over = typical(status=Status.ACHIEVED, day=92, forecast=None, needed_per_week=None, last_reachable=None)

    assert explain(make.key_result(), over) == "Day 92 of 92, expected 66 %, actual 54 %"


def test_without_a_baseline_the_level_is_shown(make, typical):
    unknown = typical(progress=None, forecast=None, needed_per_week=None, last_reachable=None)

    assert explain(make.key_result(), unknown) == (
        "Day 61 of 92, level 52, no baseline yet, too few days to forecast"
    )


def test_a_budget_tells_what_is_used_beside_the_time(make, typical):
    budget = typical(
        spent=2 / 3, level=2.0, target=3.0, progress=None, needed_per_week=None, last_reachable=None
    )

    assert explain(make.total(), budget) == (
        "Day 61 of 92, 2 of 3 used, 66 % of the time, lands at 64 (59–69) of 3, P(hit) 0.21"
    )


def test_used_of_nothing_allowed_has_no_percent(make, typical):
    over = typical(spent=None, exceeded=True, level=1.0, target=0.0, progress=None, forecast=None)

    assert explain(make.total(), over).startswith("Day 61 of 92, 1 used of none allowed")


def test_an_at_least_total_tells_its_count(make, typical):
    counted = typical(level=54.0, target=100.0)

    assert "actual 54 %, 54 of 100, lands" in explain(make.total(shape=Total(at_least=100)), counted)


def test_a_landing_next_to_nothing_is_nothing(make, typical):
    ahead = Forecast(0.99, 0.99, 0.99, 3.9e-8, (0.0, 1.2e-7), (0.0, 1.0), None, 0.1, 0.0)
    counted = typical(level=0.0, target=40.0, progress=None, spent=0.0, forecast=ahead)

    assert "lands at 0 (0–0) of 40" in explain(make.total(), counted)


@pytest.fixture
def burning(typical):
    """The arithmetic of an error budget on day 53."""

    def one(budget, **changes):
        facts = {"day": 53, "expected": 53 / 92, "level": 99.96, "target": 99.95, "progress": None, "baseline": None,
                 "needed_per_week": None, "last_reachable": None, "budget": budget, "spent": 0.41}  # fmt: skip
        ahead = Forecast(0.31, 0.31, 0.31, 99.94, (99.9, 99.96), (99.8, 99.99), None, 0.01, 0.0)
        return typical(**{"forecast": ahead, **facts, **changes})

    return one


def test_an_error_budget_tells_when_it_is_exhausted(make, burning):
    assert explain(make.slo(99.95), burning(Budget(41.0, 100.0, exhausts="14 Nov"))) == (
        "Day 53 of 92, 41 % of the error budget, 58 % of the time, exhausted on 14 Nov at this rate, P(hit) 0.31"
    )


def test_an_error_budget_that_lasts_names_no_day(make, burning):
    assert explain(make.slo(99.95), burning(Budget(41.0, 100.0))) == (
        "Day 53 of 92, 41 % of the error budget, 58 % of the time, P(hit) 0.31"
    )


def test_a_lost_budget_says_so_past_a_hundred_percent(make, burning):
    lost = burning(Budget(141.0, 100.0, lost=True), spent=1.41, exceeded=True)

    assert "141 % of the error budget, 58 % of the time, already lost, P(hit)" in explain(make.slo(), lost)


def test_a_keep_tells_its_slots(make, burning):
    assert "41 % of the budget (15 of 36.8 slots out of the band), 58 % of the time" in explain(
        make.keep(), burning(Budget(15.0, 36.8))
    )


def test_a_total_says_when_it_is_lost(make, typical):
    lost = typical(spent=4 / 3, exceeded=True, level=4.0, target=3.0, budget=Budget(4.0, 3.0, lost=True),
                   progress=None, needed_per_week=None, last_reachable=None)  # fmt: skip

    assert explain(make.total(), lost).startswith(
        "Day 61 of 92, 4 of 3 used, 66 % of the time, already lost, lands"
    )


def test_at_the_close_a_budget_tells_its_score_and_no_outlook(make, burning):
    over = burning(Budget(141.0, 100.0, lost=True), spent=1.41, exceeded=True, day=92, expected=1.0,
                   status=Status.MISSED, forecast=None, score=0.709)  # fmt: skip

    assert (
        explain(make.slo(), over) == "Day 92 of 92, 141 % of the error budget, 100 % of the time, score 0.71"
    )


@pytest.mark.parametrize(
    ("pace", "name"),
    [
        (Late(date(2026, 11, 16)), " (late, from 16 Nov)"),
        (Points(((date(2026, 11, 1), 1.0),)), " (by points)"),
        (WorkingDays(), " (working days)"),
    ],
)
def test_a_pace_that_is_not_linear_is_named(make, typical, pace, name):
    assert f"expected 66 %{name}, actual 54 %" in explain(make.key_result(pace=pace), typical())
    assert f"expected 66 %{name}, actual" in explain(
        make.total(shape=Total(at_least=9), pace=pace), typical()
    )
    assert "expected 66 %, " in explain(make.key_result(pace=pace, cycle=make.lab()), typical())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change(-40.0, relative=True), "target 18.6 (31 − 40 %), expected"),
        (Change(5.0, relative=False), "target 18.6 (31 + 5 pt), expected"),
    ],
)
def test_a_target_written_as_a_change_is_always_resolved(make, typical, change, text):
    promise = make.key_result(shape=Reach(Measured(), change))

    assert text in explain(promise, typical(target=18.6, forecast=None))


def test_a_small_sample_says_so_beside_its_status(make, typical):
    unsure = typical(sampling=Sampling(84.0, 31.0, 60.0, distinguishable=False))

    assert explain(make.key_result(), unsure).endswith("at risk, not yet distinguishable (n = 84)")
    assert "distinguishable" not in explain(make.key_result(), replace(unsure, status=Status.NOT_STARTED))


def test_a_person_s_word_is_marked_with_its_day(make, typical):
    told = typical(by_hand=True, as_of=make.by_hand().cycle.grid.starts(61))

    assert explain(make.by_hand(), told).startswith("Day 61 of 92, by hand, as of 30 Nov, expected 66 %")
    assert explain(make.by_hand(), replace(told, as_of=None)).startswith("Day 61 of 92, by hand, expected")


def test_both_scores_are_told_where_the_promise_changed(make, typical):
    changed = typical(score=0.54, first_score=0.4)

    assert explain(make.key_result(), changed).endswith("score 0.54, by the promise as first made 0.40")
    assert "score" not in explain(make.key_result(), replace(changed, first_score=None))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (-0.0, "0"),
        (450.0, "450"),
        (1234.5, "1,234"),
        (1_234_567.0, "1,234,567"),
        (12.34, "12.3"),
        (1.234, "1.23"),
        (0.5, "0.5"),
        (0.0012345, "0.001234"),
        (0.00005, "5e-05"),
        (1e16, "1e+16"),
        (-12.0, "-12"),
        (99.96, "99.96"),
        (100.0, "100"),
    ],
)
def test_a_number_keeps_the_figures_that_matter(value, text):
    assert number(value) == text


@given(value=st.floats(1e-12, 1e14))
def test_a_number_shown_is_close_to_the_number_meant(value):
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=0.006)


@given(value=st.floats(-1e14, 1e14))
def test_a_change_always_has_a_sign(value):
    assert signed(value)[0] in "+−"
    assert "-" not in signed(value).replace("e-", "")


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.544, "54 %"), (1.7, "100 %"), (-0.3, "0 %"), (0.0, "0 %")]
)
def test_a_share_is_shown_clamped(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=14), "14 s"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=2, minutes=59), "2 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3, hours=23), "3 days"),
    ],
)
def test_an_age_is_told_in_its_largest_whole_unit(age, text):
    assert ago(age) == text
