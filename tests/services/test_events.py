"""Events of an slo: what a source may answer, and what is made of it."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.measure import Binding, Events
from collector.domain.sample import Gap, GapReason, Origin, Sample
from collector.domain.span import Span
from collector.services.ask import ASSUMED, Due, left_by
from connectors.api import NoData, Reading

AT = datetime(2026, 11, 12, tzinfo=UTC)
HOUR = Span(real=timedelta(hours=1))


def left(counted, total, *, bad=True):
    binding = Binding("prod", Events("bad", "all", bad=bad), HOUR, HOUR, unit="%")
    outcomes = [NoData("nothing") if one is None else Reading(float(one), AT) for one in (counted, total)]
    return left_by(Due(None, binding, 1, AT), outcomes, AT, Origin.LIVE)


def test_bad_events_are_taken_from_all_of_them():
    sample = left(5, 200)
    assert (sample.value, sample.num, sample.den) == (97.5, 195.0, 200.0)


def test_good_events_are_counted_as_they_are():
    sample = left(150, 200, bad=False)
    assert (sample.value, sample.num, sample.den) == (75.0, 150.0, 200.0)


def test_a_counter_that_nobody_raised_counts_nothing_and_the_evidence_says_so():
    sample = left(None, 200)
    assert (sample.num, sample.den) == (200.0, 200.0)
    assert sample.evidence[ASSUMED] == "`bad` matched nothing and counts as 0; is its name right?"
    assert ASSUMED not in left(0, 200).evidence


def test_without_all_events_there_is_a_gap_whatever_else_was_said():
    for counted in (None, 5):
        assert left(counted, None) == Gap(AT, GapReason.NO_DATA, "nothing")


@pytest.mark.parametrize(("counted", "total"), [(-5, 2), (9, 2), (1, -3)])
def test_counts_that_cannot_be_are_no_readings(counted, total):
    found = left(counted, total)
    assert isinstance(found, Gap)
    assert found.reason is GapReason.BAD_VALUE


def test_two_estimates_may_differ_a_little():
    sample = left(1003.2, 1000, bad=False)
    assert isinstance(sample, Sample)
    assert (sample.num, sample.value) == (1000.0, 100.0)
