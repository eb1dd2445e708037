"""What a key result scores follows from its shape, and stays between 0 and 1."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.figures import Numbers
from collector.domain.score import cap_of, score_by, score_of, start_of
from collector.domain.shape import Commitment, Keep, LastCycle, Reach, Slo, Total, Typed
from collector.domain.span import parse_span

REACH, KEEP, SLO = Reach(Typed(900.0), 450.0), Keep(99.0, at_most=200.0), Slo(99.9)


@pytest.mark.parametrize(("progress", "score"), [(0.54, 0.54), (1.2, 1.0), (-0.3, 0.0), (None, None)])
def test_a_reach_scores_its_progress_clamped(progress, score):
    assert score_of(REACH, Numbers(92, progress=progress), None) == score


@pytest.mark.parametrize("shape", [KEEP, SLO])
@pytest.mark.parametrize(
    ("spent", "exceeded", "score"),
    [(0.0, False, 1.0), (1.0, False, 1.0), (1.25, True, 0.8), (None, True, 0.0), (None, False, None)],
)
def test_a_budget_scores_all_until_it_is_overspent(shape, spent, exceeded, score):
    assert score_of(shape, Numbers(92, spent=spent, exceeded=exceeded), None) == score


@pytest.mark.parametrize(
    ("allowed", "start", "count", "score"),
    [
        (3, 9.0, 3.0, 1.0),
        (3, 9.0, 4.0, 5 / 6),  # the 0.83 of DESIGN §5
        (3, 9.0, 9.0, 0.0),
        (3, 9.0, 12.0, 0.0),
        (3, None, 4.0, 2 / 3),
        (3, 2.0, 4.0, 2 / 3),  # it began below its limit: there is no way back to tell
        (3, None, 9.0, 0.0),
        (0, None, 0.0, 1.0),
        (0, None, 1.0, 0.0),
        (0, 4.0, 1.0, 0.75),
    ],
)
def test_an_at_most_total_loses_by_what_is_over(allowed, start, count, score):
    assert score_of(Total(at_most=allowed), Numbers(92, level=count), start) == pytest.approx(score)


def test_an_at_least_total_scores_its_progress_whatever_it_began_from():
    assert score_of(Total(at_least=10, start=Typed(5.0)), Numbers(92, level=8.0, progress=0.8), 5.0) == 0.8


def test_a_count_that_was_never_read_scores_nothing_at_all():
    assert score_of(Total(at_most=3), Numbers(92), 9.0) is None


def test_what_is_broken_scores_just_less_than_a_success():
    assert (cap_of(Commitment.COMMITTED), cap_of(Commitment.ASPIRATIONAL)) == (0.99, 0.69)


def test_only_a_total_that_says_so_began_from_something(make):
    known = make.baseline(7.0)

    assert start_of(Total(at_most=3, start=Typed(9.0)), None) == 9.0
    assert start_of(Total(at_most=3, start=LastCycle()), known) == 7.0
    assert start_of(Total(at_most=3, start=LastCycle()), None) is None
    assert start_of(Total(at_most=3), known) is None
    assert start_of(REACH, known) is None


@given(
    shape=st.one_of(
        st.just(REACH), st.just(KEEP), st.just(SLO),
        st.builds(Total, at_most=st.floats(0, 1e6)), st.builds(lambda n: Total(at_least=n), st.floats(1, 1e6)),
    ),
    progress=st.none() | st.floats(-1e9, 1e9), spent=st.none() | st.floats(0, 1e9), exceeded=st.booleans(),
    level=st.none() | st.floats(0, 1e9), start=st.none() | st.floats(0, 1e6),
)  # fmt: skip
def test_a_score_lies_between_0_and_1(shape, progress, spent, exceeded, level, start):
    numbers = Numbers(9, level=level, progress=progress, spent=spent, exceeded=exceeded or (spent or 0) > 1)

    score = score_of(shape, numbers, start)

    assert score is None or 0.0 <= score <= 1.0


@given(allowed=st.floats(0, 100), start=st.none() | st.floats(0, 200), count=st.floats(0, 300))
def test_one_more_never_scores_more(allowed, start, count):
    scores = [score_of(Total(at_most=allowed), Numbers(9, level=n), start) for n in (count, count + 1)]

    assert scores[1] <= scores[0]


# -- by another promise


def first_score(make, now, promise, values, **facts):
    history = make.series(now).history(now.cycle.starts, days=make.days(values), **facts)
    return score_by(promise, now, now.binding, history, len(values))


def test_the_first_promise_is_scored_by_its_own_baseline_and_target(make):
    now = make.key_result(shape=Reach(Typed(800.0), 600.0))
    first = replace(now, shape=REACH).promise

    assert first_score(make, now, first, [675.0] * 30) == 0.5


def test_the_first_promise_is_scored_at_its_own_deadline(make):
    now = make.key_result()
    first = replace(now, deadline=now.cycle.grid.starts(20)).promise

    assert first_score(make, now, first, [675.0] * 20 + [450.0] * 20) == 0.5


def test_the_first_promise_is_scored_over_its_own_days(make):
    now = make.key_result()
    first = replace(now, judge_over=parse_span("14d")).promise

    assert first_score(make, now, first, [900.0] * 20 + [675.0] * 7 + [450.0] * 7) == 0.75


def test_a_band_that_was_never_counted_tells_no_score(make):
    now = make.keep(share=90.0)
    days = [make.day(n, 100.0, n=4, inside=4) for n in range(10)]
    for shape, score in ((Keep(99.0, at_most=200.0), 1.0), (Keep(90.0, at_most=100.0), None)):
        history = make.series(now).history(now.cycle.starts, days=days, first_slot=now.cycle.starts)

        assert score_by(replace(now, shape=shape).promise, now, now.binding, history, 10) == score


def test_events_tell_no_slo_of_a_measure_without_them(make):
    now = make.key_result()

    assert first_score(make, now, replace(now, shape=SLO).promise, [1.0] * 9) is None


def test_an_overspent_first_promise_shows(make):
    now = make.total(shape=Total(at_most=10))
    first = replace(now, shape=Total(at_most=3, start=Typed(9.0))).promise

    assert first_score(make, now, first, [4.0] * 9, current=4.0) == pytest.approx(5 / 6)


def test_a_day_is_enough_to_score(make):
    now = make.key_result()

    assert first_score(make, now, now.promise, [675.0]) == 0.5
    assert now.cycle.grid.length == timedelta(days=1)
