"""One question at many instants of the past, answered by a real Prometheus."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.api import ErrorKind, NoData

TEN = timedelta(seconds=10)


def test_an_equidistant_past_is_one_range_query(source, ask, moment_at, as_of):
    moments = [moment_at(as_of - timedelta(hours=back)) for back in range(24, -1, -1)]

    found = dict(source.fetch_range(ask("hours", historical=True), moments, TEN))

    assert source.asked == [("range", "hours")]
    for back in range(25):
        outcome = found[as_of - timedelta(hours=back)]
        if back in (5, 6):
            assert isinstance(outcome, NoData)
        else:
            assert outcome.value == 100.0 - back


@pytest.mark.parametrize("text", ["hours + 0 * $until", "hours @ end()"])
def test_a_text_that_differs_at_each_instant_is_asked_at_each(source, ask, moment_at, as_of, text):
    moments = [moment_at(as_of - timedelta(hours=back)) for back in (3, 2, 1)]

    found = dict(source.fetch_range(ask(text), moments, TEN))

    assert [found[moment.as_of].value for moment in moments] == [97.0, 98.0, 99.0]
    assert [kind for kind, _ in source.asked] == ["instant"] * 3


def test_a_change_of_clocks_splits_a_range(source, ask, moment_at, as_of):
    backs = [30, 26, 22, 18, 13, 9, 4, 0]
    moments = [moment_at(as_of - timedelta(hours=back)) for back in backs]

    found = dict(source.fetch_range(ask("hours"), moments, TEN))

    assert [found[moment.as_of].value for moment in moments] == [100.0 - back for back in backs]
    assert [kind for kind, _ in source.asked].count("range") == 1


def test_several_series_in_a_range_need_a_pick(source, ask, moment_at, as_of):
    moments = [moment_at(as_of - timedelta(minutes=back)) for back in (30, 20, 10)]

    bare = dict(source.fetch_range(ask("latency_ms"), moments, TEN))
    picked = dict(source.fetch_range(ask("latency_ms", pick={"service": "search"}), moments, TEN))

    assert {outcome.kind for outcome in bare.values()} == {ErrorKind.BAD_VALUE}
    assert {outcome.value for outcome in picked.values()} == {120.25}


def test_a_scalar_has_a_range_too(source, ask, moment_at, as_of):
    moments = [moment_at(as_of - timedelta(minutes=back)) for back in (30, 20, 10)]

    found = dict(source.fetch_range(ask("6 * 7"), moments, TEN))

    assert {outcome.value for outcome in found.values()} == {42.0}
