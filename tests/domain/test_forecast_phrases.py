"""A forecast in a few words, and what of it is said to whom."""

import pytest

from collector.domain.evaluation import Evaluation
from collector.domain.forecast_phrases import crossing_day, crossing_of, ranges_of, spends
from collector.domain.forecasting.forecast import Forecast
from collector.domain.message_facts import facts_of
from collector.domain.shape import Total
from collector.domain.status import Status


@pytest.fixture
def ahead():
    """Give a forecast; `changes` replace parts of it."""

    def give(**changes):
        known = {
            "p_hit": 0.6, "p_full": 0.6, "p_most": 0.9, "landing": 460.0, "likely": (440.0, 480.0),
            "wide": (400.0, 530.0), "crosses": 88, "step": 9.0, "drift": -4.0,
        }  # fmt: skip
        return Forecast(**{**known, **changes})

    return give


def test_the_day_on_which_the_target_is_there_has_a_name(make, ahead):
    promise = make.key_result()
    named = crossing_of(promise, make.evaluation(forecast=ahead()))

    assert named == promise.cycle.grid.name(88)


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (Status.ON_TRACK, {"crosses": None}),
        (Status.ON_TRACK, {"p_hit": 1.0}),
        (Status.OFF_TRACK, {"p_hit": 0.0}),
        (Status.DRAFT, {}),
        (Status.ACHIEVED, {}),
    ],
)
def test_what_is_decided_over_not_begun_or_never_there_has_no_such_day(make, ahead, status, changes):
    judged = make.evaluation(status=status, forecast=ahead(**changes))

    assert crossing_day(judged) is None
    assert crossing_of(make.key_result(), judged) == ""


def test_without_a_forecast_there_is_no_such_day(make):
    assert crossing_day(make.evaluation()) is None


def test_both_ranges_are_told_with_their_unit(make, ahead):
    told = ranges_of(make.key_result(unit="ms"), ahead())

    assert told == "50 %: 440 ms to 480 ms; 90 %: 400 ms to 530 ms"


def test_a_count_to_be_reached_is_no_budget_and_one_to_be_kept_is(make):
    assert [spends(one.shape) for one in (make.keep(), make.slo(), make.key_result())] == [True, True, False]
    assert [spends(one) for one in (Total(at_most=3), Total(at_least=3))] == [True, False]


def test_machines_that_get_a_message_see_both_probabilities_and_both_ranges(make, ahead):
    facts = facts_of(make.evaluation(forecast=ahead(), needed_per_week=-12.0, last_reachable="9 Dec"))

    assert (facts["p_full"], facts["p_most"], facts["crosses"]) == (0.6, 0.9, 88)
    assert (facts["likely"], facts["wide"]) == ([440.0, 480.0], [400.0, 530.0])
    assert (facts["needed_per_week"], facts["last_reachable"]) == (-12.0, "9 Dec")


def test_a_verdict_of_an_earlier_krd_is_read_without_what_it_did_not_know(make, ahead):
    document = make.evaluation(forecast=ahead()).document()
    for unknown in ("p_most", "crosses", "model"):
        del document["forecast"][unknown]

    found = Evaluation.from_document(document).forecast

    assert (found.p_most, found.crosses, found.model) == (0.6, None, {})
    assert (found.p_full, found.wide) == (0.6, (400.0, 530.0))
