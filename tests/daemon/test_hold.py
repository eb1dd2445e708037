"""Strange readings over a real daemon: held, told, confirmed, or released by a person beside it."""

import sqlite3
from datetime import timedelta

import pytest

from collector.services.release import Decision, decide

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(house, warehouse, receiver, at_once):
    """Give a daemon that reads the newest fact each hour and tells a receiver; and `say(value)`."""
    path = warehouse([("2025-11-01", 450.0)])
    house.write(
        sources={"db": f"{{kind: sql, url: 'sqlite:///{path}'}}"},
        key_results={
            "latency": "{source: db, every: 1h, query: 'SELECT value FROM facts ORDER BY rowid DESC LIMIT 1'}"
        },
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
        alerts=at_once,
    )
    text = (house.root / "krd.yaml").read_text()
    (house.root / "krd.yaml").write_text(text.replace("{lead: li}", "{lead: li, notify: [hook]}"))

    def say(value):
        connection = sqlite3.connect(path)
        connection.execute("INSERT INTO facts VALUES ('2025-11-12', ?)", (value,))
        connection.commit()
        connection.close()

    house.say = say
    house.start()
    house.step(HOUR)
    return house


def states(house):
    return [state for (state,) in house.rows("SELECT state FROM samples ORDER BY slot")]


def test_a_reading_in_another_unit_moves_nothing_and_is_told(shop, receiver, eventually):
    shop.say(0.45)
    shop.step(HOUR)
    assert states(shop) == ["used", "used", "held"]
    assert shop.verdict("latency").current == 450.0
    assert receiver.said("implausible") == []
    shop.step(HOUR)
    (said,) = eventually(lambda: receiver.said("implausible", "first"))
    assert said["title"] == "Readings held as implausible: Do latency"
    assert any("--release" in line for line in said["lines"])
    assert any("did a unit change?" in line for line in said["lines"])


def test_two_further_readings_make_it_the_truth(shop, receiver, eventually):
    shop.say(0.45)
    shop.step(HOUR, times=2)
    eventually(lambda: receiver.said("implausible", "first"))
    shop.step(HOUR)
    assert states(shop) == ["used"] * 5
    assert shop.verdict("latency").current == 0.45
    assert shop.verdict("latency").held is None
    eventually(lambda: receiver.said("implausible", "resolved"))


def test_a_person_releases_beside_the_daemon(shop):
    shop.say(0.45)
    shop.step(HOUR)
    app = shop.running.app
    okrs = app.configuration.okrs
    (key_result,) = okrs.key_results.values()
    from collector.app import open_store  # noqa: PLC0415 - another process opens its own

    beside = open_store(shop.settings)
    try:
        decision = Decision(True, "li", "it is seconds now", shop.clock.now())
        decide(beside, okrs, app.configuration.notifiers, key_result, [], decision)
    finally:
        beside.close()
    shop.step(timedelta(seconds=1))
    assert states(shop) == ["used"] * 3
    assert shop.verdict("latency").current == 0.45
    assert shop.verdict("latency").held is None


def test_a_restart_forgets_nothing_of_a_row(shop):
    shop.say(0.45)
    shop.step(HOUR, times=2)
    shop.stop()
    shop.start()
    shop.step(HOUR)
    assert states(shop) == ["used"] * 5
