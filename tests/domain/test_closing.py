"""At the close a promise was kept, or it was not; what was not measured was not kept."""

import pytest

from collector.domain.closing import closed_status
from collector.domain.figures import Numbers
from collector.domain.shape import Commitment, Total
from collector.domain.status import Status


def verdict(key_result, *, stale=False, **numbers):
    return closed_status(key_result, Numbers(closed=92, **numbers), stale=stale)


@pytest.mark.parametrize(
    ("commitment", "progress", "status"),
    [
        (Commitment.COMMITTED, 1.0, Status.ACHIEVED),
        (Commitment.COMMITTED, 0.999, Status.MISSED),
        (Commitment.ASPIRATIONAL, 0.7, Status.ACHIEVED),
        (Commitment.ASPIRATIONAL, 0.699, Status.MISSED),
    ],
)
def test_a_reach_is_judged_by_its_commitment(make, commitment, progress, status):
    assert verdict(make.key_result(commitment=commitment), level=1.0, progress=progress) == (status, ())


@pytest.mark.parametrize(("exceeded", "status"), [(False, Status.ACHIEVED), (True, Status.MISSED)])
def test_an_at_most_total_is_kept_until_it_is_exceeded(make, exceeded, status):
    assert verdict(make.total(), level=3.0, spent=1.0, exceeded=exceeded) == (status, ())


@pytest.mark.parametrize(
    ("commitment", "progress", "status"),
    [
        (Commitment.COMMITTED, 1.0, Status.ACHIEVED),
        (Commitment.COMMITTED, 0.99, Status.MISSED),
        (Commitment.ASPIRATIONAL, 0.7, Status.ACHIEVED),
        (Commitment.ASPIRATIONAL, 0.69, Status.MISSED),
    ],
)
def test_an_at_least_total_succeeds_as_a_reach_from_nothing(make, commitment, progress, status):
    promise = make.total(shape=Total(at_least=10), commitment=commitment)
    assert verdict(promise, level=9.0, progress=progress)[0] is status


def test_nothing_read_is_missed(make):
    assert verdict(make.key_result()) == (Status.MISSED, ("nothing was ever read",))


def test_no_baseline_is_missed(make):
    assert verdict(make.key_result(), level=3.0) == (Status.MISSED, ("there was never a baseline",))


@pytest.mark.parametrize("kind", ["reach", "at_most", "at_least"])
def test_stale_data_achieves_nothing(make, kind):
    promise = {
        "reach": make.key_result(),
        "at_most": make.total(),
        "at_least": make.total(shape=Total(at_least=10)),
    }[kind]

    assert verdict(promise, stale=True, level=1.0, progress=0.9, spent=0.3) == (
        Status.MISSED,
        ("the data was stale at the close",),
    )


def test_a_count_that_had_reached_its_limit_before_stays_reached(make):
    promise = make.total(shape=Total(at_least=10))

    assert verdict(promise, stale=True, level=10.0, progress=1.0) == (Status.ACHIEVED, ())
