"""Whoever enters a value by hand is asked for it a day before the brief that would lack it, once a sync."""

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.cadence import Months
from collector.services.nudge import by_hand_of, nudge, nudges_due

SYNC = datetime(2026, 11, 16, 9, tzinfo=UTC)
"""A Monday; its brief is due on Friday at 15:00, so the nudge on Thursday."""
THURSDAY = datetime(2026, 11, 12, 14, tzinfo=UTC)


@pytest.fixture
def asked(desk, make):
    """Give `open_(*values, …)`: a desk, and `due(at)` of its nudges."""

    def open_(*values, **more):
        made = desk(make.key_result(make.by_hand(*values, **more)), at=THURSDAY)

        def due(at=THURSDAY):
            return nudges_due(made.okrs.calendars, by_hand_of(made.okrs), at)

        return made, due

    return open_


def say(desk, due, at=THURSDAY):
    with desk.store.write() as tx:
        desk.books.ledger.load(tx)
        return nudge(desk.books.ledger, tx, due, {}, at)


def test_the_owner_is_asked_by_name_a_day_before_the_brief(asked):
    desk, due = asked()
    assert due(THURSDAY - timedelta(seconds=1)) == []
    (found,) = due()
    said = say(desk, found)
    assert (said.kind, said.subject, said.owner) == ("value_due", "shop/one", "Sam")
    assert said.title == "A value is due from Sam: One"
    assert "by the sync at 2026-11-16T09:00+00:00. There is none yet." in said.sentence
    assert said.lines == ('Sam: krd record shop/one VALUE --as-of DATE --note "…"',)


def test_nobody_is_asked_twice_before_a_sync(asked):
    desk, due = asked()
    (found,) = due()
    assert say(desk, found) is not None
    assert say(desk, found) is None


def test_a_value_that_is_there_is_not_asked_for(asked):
    desk, due = asked((date(2026, 11, 10), 27))
    (found,) = due()
    assert say(desk, found) is None


def test_an_old_value_is_told_with_the_day_it_stands_for(asked):
    desk, due = asked((date(2026, 11, 1), 27))
    said = say(desk, due()[0])
    assert said.sentence.endswith("The last one is 27, as of 1 Nov.")


def test_a_monthly_value_is_enough_until_the_month_is_over(asked):
    desk, due = asked((date(2026, 10, 31), 20), every=Months())
    (found,) = due()
    assert say(desk, found) is None


def test_nobody_is_asked_in_a_cycle_that_is_over_or_retired(asked):
    _, due = asked()
    assert due(datetime(2027, 1, 2, tzinfo=UTC)) == []


def test_a_measure_that_is_read_asks_nobody(desk, make):
    made = desk(make.key_result())
    assert by_hand_of(made.okrs) == []
