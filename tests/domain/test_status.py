"""The status steps once a closed day, slowly down and more slowly up again."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.alert import Condition
from collector.domain.drift_policy import DEFAULT, DriftPolicy
from collector.domain.shape import Commitment
from collector.domain.status import DayVerdict, Drift, Status, first_judged_day, step_day

LOW, MIDDLE, HIGH = 0.1, 0.4, 0.9
ASPIRATIONAL, COMMITTED = DEFAULT[Commitment.ASPIRATIONAL], DEFAULT[Commitment.COMMITTED]


@pytest.fixture(scope="module")
def walk(make):
    """Give `walk(ps, …)`: the drift after each day with these probabilities."""

    def run(ps, *, start=None, judged_from=0, policy=ASPIRATIONAL, sync=True, covered=True, ahead=True):
        drift, seen = start or Drift(), []
        for p in ps:
            number = drift.day + 1
            verdict = DayVerdict(
                day=number,
                at=make.lab_start + timedelta(days=number + 1),
                p_hit=p,
                ahead=ahead,
                judged=number + 1 >= judged_from,
                covered=covered,
                sync_passed=sync(number) if callable(sync) else sync,
            )
            drift = step_day(drift, verdict, policy)
            seen.append(drift)
        return seen

    return run


def statuses(drifts):
    return [drift.status for drift in drifts]


def test_three_low_days_in_a_row_raise(walk):
    assert statuses(walk([HIGH, LOW, LOW, LOW])) == [Status.ON_TRACK] * 3 + [Status.OFF_TRACK]


def test_one_or_two_low_days_leave_the_status_unchanged(walk):
    assert statuses(walk([HIGH, LOW, LOW, HIGH])) == [Status.ON_TRACK] * 4
    assert statuses(walk([MIDDLE, LOW, LOW, HIGH])) == [Status.AT_RISK] * 3 + [Status.ON_TRACK]


def test_a_day_that_is_not_low_breaks_the_row(walk):
    assert Status.OFF_TRACK not in statuses(walk([LOW, LOW, MIDDLE, LOW, LOW]))


def test_exactly_the_line_is_not_low(walk):
    assert Status.OFF_TRACK not in statuses(walk([0.20] * 10))


def test_low_days_before_the_first_judged_day_count_but_raise_nothing(walk):
    drifts = walk([LOW] * 7, judged_from=7)

    assert statuses(drifts) == [Status.NOT_STARTED] * 6 + [Status.OFF_TRACK]
    assert drifts[5].low == 6
    assert {drift.condition for drift in drifts[:6]} == {Condition.CLEAR}


def test_the_first_judged_day_with_a_short_row_is_at_risk(walk):
    assert statuses(walk([HIGH] * 5 + [LOW, LOW], judged_from=7))[-1] is Status.AT_RISK


def test_off_track_is_left_after_seven_days_above_the_line(walk):
    drifts = walk([LOW] * 3 + [HIGH] * 7)

    assert statuses(drifts)[2:] == [Status.OFF_TRACK] * 7 + [Status.ON_TRACK]
    assert [drift.high for drift in drifts[3:]] == [1, 2, 3, 4, 5, 6, 0]


def test_off_track_is_not_left_before_a_sync_has_passed(walk):
    drifts = walk([LOW] * 3 + [HIGH] * 10, sync=lambda day: day >= 12)

    assert statuses(drifts)[2:] == [Status.OFF_TRACK] * 10 + [Status.ON_TRACK]


def test_one_day_below_the_line_begins_the_seven_anew(walk):
    drifts = walk([LOW] * 3 + [HIGH] * 6 + [MIDDLE] + [HIGH] * 6)

    assert drifts[-1].status is Status.OFF_TRACK
    assert drifts[-1].high == 6


def test_a_committed_key_result_comes_back_only_above_its_own_line(walk):
    start = walk([LOW] * 3)[-1]

    assert walk([0.69] * 20, start=start, policy=COMMITTED)[-1].status is Status.OFF_TRACK
    assert walk([0.70] * 7, start=start, policy=COMMITTED)[-1].status is Status.ON_TRACK
    assert walk([0.50] * 7, start=start, policy=ASPIRATIONAL)[-1].status is Status.ON_TRACK


@pytest.mark.parametrize(
    ("policy", "p", "status"),
    [
        (ASPIRATIONAL, 0.50, Status.ON_TRACK),
        (ASPIRATIONAL, 0.49, Status.AT_RISK),
        (COMMITTED, 0.70, Status.ON_TRACK),
        (COMMITTED, 0.69, Status.AT_RISK),
        (COMMITTED, 0.20, Status.AT_RISK),
    ],
)
def test_between_the_lines_is_at_risk(walk, policy, p, status):
    assert walk([p], policy=policy)[-1].status is status


def test_the_lines_are_those_of_the_design():
    assert (ASPIRATIONAL.on_track, COMMITTED.on_track) == (0.50, 0.70)
    assert {(one.off_track, one.days, one.back) for one in (ASPIRATIONAL, COMMITTED)} == {(0.20, 3, 7)}


def test_a_team_may_draw_its_own_lines(walk):
    eager = DriftPolicy(off_track=0.35, on_track=0.60, days=2, back=3)

    assert statuses(walk([HIGH, 0.34, 0.34], policy=eager)) == [Status.ON_TRACK] * 2 + [Status.OFF_TRACK]
    assert statuses(walk([LOW] * 2 + [0.6] * 3, policy=eager))[-2:] == [Status.OFF_TRACK, Status.ON_TRACK]
    assert walk([0.59], policy=eager)[-1].status is Status.AT_RISK


def test_with_thin_data_the_best_status_is_at_risk(walk):
    assert walk([0.99], covered=False)[-1].status is Status.AT_RISK
    assert walk([LOW] * 3 + [HIGH] * 7, covered=False)[-1].status is Status.AT_RISK


def test_without_a_probability_it_goes_by_pace_and_is_never_off_track(walk):
    assert statuses(walk([None] * 10, ahead=True)) == [Status.ON_TRACK] * 10
    assert statuses(walk([None] * 10, ahead=False)) == [Status.AT_RISK] * 10


def test_without_a_probability_off_track_is_not_left(walk):
    assert walk([LOW] * 3 + [None] * 20)[-1].status is Status.OFF_TRACK


@given(ps=st.lists(st.sampled_from([LOW, HIGH]), max_size=60))
def test_oscillation_makes_at_most_one_episode(walk, ps):
    """Three low days raise; between two of them there are never seven high ones, so it is raised once at most."""
    steady = [p for n, p in enumerate(ps) if not all(one == HIGH for one in ps[max(n - 6, 0) : n + 1])]

    drifts = walk([HIGH, *steady])
    raises = [
        1
        for one, other in pairwise(drifts)
        if other.status is Status.OFF_TRACK and one.status is not Status.OFF_TRACK
    ]

    assert sum(raises) <= 1


@given(ps=st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=60), judged_from=st.integers(0, 8))
def test_off_track_always_rests_on_three_low_days_in_a_row(walk, ps, judged_from):
    drifts = walk(ps, judged_from=judged_from)

    for number, drift in enumerate(drifts):
        raised_now = drift.status is Status.OFF_TRACK and (number == 0 or drifts[number - 1].raised is None)
        if raised_now:
            assert all(p is not None and p < 0.2 for p in ps[number - 2 : number + 1])


@given(ps=st.lists(st.floats(0, 1), max_size=40))
def test_raised_is_known_exactly_while_off_track(walk, ps):
    assert all((drift.raised is not None) == (drift.status is Status.OFF_TRACK) for drift in walk(ps))


def test_the_status_is_the_state_of_the_drift_alert(walk):
    drifts = walk([HIGH, LOW, LOW, LOW, HIGH, LOW, *[HIGH] * 7])

    assert [drift.condition for drift in drifts] == [
        Condition.CLEAR,
        Condition.PENDING,
        Condition.PENDING,
        Condition.FIRING,
        Condition.RECOVERING,
        Condition.FIRING,
        *[Condition.RECOVERING] * 6,
        Condition.CLEAR,
    ]


@pytest.mark.parametrize(
    ("days", "first"), [(5, 2), (26, 2), (40, 3), (65, 5), (91, 7), (92, 7), (100, 7), (365, 7)]
)
def test_the_first_day_of_judgement_is_a_thirteenth_of_the_way(days, first):
    assert first_judged_day(days) == first


@given(ps=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_drift_comes_back_from_its_document_the_same(walk, ps):
    drift = walk(ps)[-1]

    assert Drift.from_document(drift.document()) == drift
