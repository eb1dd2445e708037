"""Instants as integers: each its own, whatever zone it is written in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.store.instants import instant, millis

HOUR = 3_600_000
BERLIN = ZoneInfo("Europe/Berlin")


def test_the_hour_that_clocks_show_twice_is_two_hours():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    again = first.replace(fold=1)

    assert first == again, "to Python, which is why none of them may be remembered for the other"
    assert [millis(again) - millis(first), millis(first) - millis(again)] == [HOUR, -HOUR]


def test_an_instant_is_the_same_integer_in_every_zone():
    for hours in range(48):
        at = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(hours=hours, microseconds=1999)

        assert (
            millis(at)
            == millis(at.astimezone(BERLIN))
            == millis(datetime(2026, 10, 24, tzinfo=UTC)) + hours * HOUR + 1
        )
        assert instant(millis(at)) == at - timedelta(microseconds=999)


def test_a_naive_time_is_refused():
    with pytest.raises(TypeError):
        millis(datetime(2026, 1, 1))  # noqa: DTZ001 - naive is the point
