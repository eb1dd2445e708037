"""A warehouse that is loaded once a day: nothing is read before its rows are there, and nobody hammers it meanwhile."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.health import Health

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PAST = "{source: db, every: 1h, query: 'SELECT sum(value) FROM facts WHERE day < :until'}"
NOW_ONLY = "{source: db, every: 1h, query: 'SELECT sum(value) FROM facts'}"


@pytest.fixture
def shop(house, tmp_path, warehouse):
    """Give `open_(measure)`: a daemon over a warehouse that says how far it is loaded; `load(until)` moves it."""
    path = warehouse([("2025-11-01 00:00:00", 100.0)])
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (finished_at TEXT)")
    connection.commit()

    def open_(measure=PAST, query="SELECT max(finished_at) FROM runs"):
        house.write(
            sources={"db": f"{{kind: sql, url: 'sqlite:///{path}', loaded_until: {{query: '{query}'}}}}"},
            key_results={"orders": measure},
        )
        house.start()
        return house

    def load(until):
        connection.execute("INSERT INTO runs VALUES (?)", (until.strftime("%Y-%m-%d %H:%M:%S"),))
        connection.commit()

    open_.load = load
    yield open_
    connection.close()


def waiting(house):
    return [slot for slot, reason, _ in house.gaps("orders") if reason == "waiting"]


def hour(number):
    return datetime(2025, 11, 12, number, tzinfo=UTC)


def test_slots_past_what_is_loaded_wait_and_are_healed_once_it_is(shop, eventually):
    shop.load(hour(10))
    house = shop()
    assert waiting(house) == []
    house.step(HOUR, times=2)
    assert waiting(house) == [hour(11), hour(12)]
    shop.load(hour(11))
    house.step(2 * MINUTE)
    eventually(lambda: waiting(house) == [hour(12)])
    shop.load(hour(12))
    house.step(2 * MINUTE)
    eventually(lambda: waiting(house) == [])
    assert [slot for slot, *_ in house.samples("orders")][-2:] == [hour(11), hour(12)]


def test_waiting_is_no_fault_of_anybody(shop):
    shop.load(hour(10))
    house = shop()
    house.step(HOUR)
    verdict = house.verdict("orders")
    assert verdict.health is Health.FRESH
    assert "not loaded yet" in verdict.trouble
    assert not house.daemon._watch.of("db").ill


def test_what_cannot_be_asked_for_later_is_read_again_when_it_is_loaded(shop, eventually):
    shop.load(hour(10))
    house = shop(NOW_ONLY)
    house.step(HOUR)
    assert waiting(house) == [hour(11)]
    shop.load(hour(11))
    house.step(2 * MINUTE)
    house.step(2 * MINUTE)
    eventually(lambda: waiting(house) == [])
    assert [slot for slot, *_ in house.samples("orders")] == [hour(10), hour(11)]


def test_nothing_is_read_where_nothing_is_loaded_yet(shop):
    house = shop()
    assert house.samples("orders") == []
    assert hour(10) in waiting(house)


def test_a_query_that_cannot_tell_is_said_as_it_is(shop):
    house = shop(query="SELECT max(ended) FROM nowhere")
    (gap,) = [gap for gap in house.gaps("orders") if gap[0] == hour(10)]
    assert gap[1] == "bad_query"
    assert house.verdict("orders").health is Health.BROKEN


def test_the_source_is_not_asked_again_and_again_while_slots_wait(shop, monkeypatch):
    from connectors.sql import SqlConnector  # noqa: PLC0415 - counted, not replaced

    asked = []
    real = SqlConnector.loaded_until

    def counted(self, deadline):
        asked.append(1)
        return real(self, deadline)

    monkeypatch.setattr(SqlConnector, "loaded_until", counted)
    shop.load(hour(10))
    house = shop()
    house.step(HOUR)
    before = len(asked)
    house.step(timedelta(seconds=1), times=10)
    assert len(asked) - before <= 1
