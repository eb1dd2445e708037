"""A day that closes is foreseen for all key results in one batch; between closes a reading foresees nothing anew."""

from datetime import timedelta

import pytest

from collector.domain import judgement
from collector.domain.span import Span
from collector.services.ask import Found

NAMES = [f"kr-{number}" for number in range(30)]
HISTORY = 28


@pytest.fixture
def asked(monkeypatch):
    """Give what the forecaster was asked, a list of outlooks a call; it answers as ever."""
    calls = []
    answer = judgement.forecasts

    def forecasts(outlooks):
        if outlooks:
            calls.append(list(outlooks))
        return answer(outlooks)

    monkeypatch.setattr(judgement, "forecasts", forecasts)
    return calls


@pytest.fixture
def many(desk, make):
    """Give `open_(every)`: a desk of thirty key results that are read as often, six days into their cycle."""

    def open_(every):
        binding = make.daily(every=Span(real=every), window=Span(real=every))
        of_all = [make.key_result(binding, name) for name in NAMES]
        opened = desk(*of_all, at=make.cycle.starts)
        opened.nothing_before()
        slot = make.cycle.starts
        while slot < make.midnight(5):
            slot += every
            read(opened, slot)
        return opened

    return open_


def read(desk, slot):
    """Record one reading of every key result in one transaction."""
    desk.clock.set(slot)
    values = {name: 100.0 + number + slot.day for number, name in enumerate(NAMES)}
    found = [Found(desk.due(slot, name), desk.sample(slot, value), slot) for name, value in values.items()]
    return desk.books.keep(slot, found=found, standings={})


def test_a_closing_day_is_foreseen_for_all_key_results_in_one_call(many, asked, make):
    desk = many(timedelta(days=1))
    asked.clear()

    read(desk, make.midnight(6))

    assert [len(outlooks) for outlooks in asked] == [30]
    assert {outlook.today for outlook in asked[0]} == {7}
    assert all(account.evaluation.forecast for account in desk.books.ledger.accounts.values())


def test_each_closing_day_is_foreseen_once(many, asked, make):
    desk = many(timedelta(days=1))
    asked.clear()

    for day in range(6, 12):
        read(desk, make.midnight(day))

    assert [(len(outlooks), outlooks[0].today) for outlooks in asked] == [
        (30, day + 1) for day in range(6, 12)
    ]


def test_a_reading_between_closes_foresees_nothing(many, asked, make):
    desk = many(timedelta(hours=6))
    before = {name: desk.account(name).evaluation.forecast for name in NAMES}
    asked.clear()

    for number in (1, 2, 3):
        read(desk, make.midnight(5) + number * timedelta(hours=6))

    assert asked == []
    assert {name: desk.account(name).evaluation.forecast for name in NAMES} == before
    assert None not in before.values()


def test_a_restart_foresees_once_more_and_says_the_same(many, asked, make):
    desk = many(timedelta(days=1))
    forecasts = {name: desk.account(name).evaluation.forecast for name in NAMES}
    asked.clear()

    desk.open()

    assert {name: desk.account(name).evaluation.forecast for name in NAMES} == forecasts
    assert [len(one) for one in asked] == [len(NAMES)]


@pytest.mark.parametrize("every", [timedelta(days=1), timedelta(hours=6), timedelta(hours=1)])
def test_a_forecast_takes_one_number_a_day_however_often_is_read(many, asked, make, every):
    desk = many(every)
    asked.clear()

    slot = make.midnight(5)
    while slot < make.midnight(6):
        slot += every
        read(desk, slot)

    (outlooks,) = asked
    assert len(outlooks) == 30
    assert {len(one.values) for one in outlooks} == {HISTORY + 7}
