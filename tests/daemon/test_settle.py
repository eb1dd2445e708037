"""A warehouse whose rows come late: read again once a day, restated with both times kept, judged anew."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

HOUR = timedelta(hours=1)
ORDERS = "{source: db, every: 1d, settle: 3d, query: 'SELECT sum(value) FROM facts WHERE day >= :since AND day < :until'}"
COHORT = (
    "{source: db, unit: '%', every: 1d, window: 1d, matures: 7d,"
    " numerator: 'SELECT count(*) FROM facts WHERE day >= :since AND day < :until AND value > 0',"
    " denominator: 'SELECT count(*) FROM facts WHERE day >= :since AND day < :until'}"
)


def noon(number):
    """Give noon of a November day: its facts belong to that day in every zone."""
    return f"2025-11-{number:02d} 12:00:00"


@pytest.fixture
def shop(house, warehouse):
    """Give `open_(measure)`: a daemon over a warehouse with a fact of 100 at each noon of 2025-11; `add(*rows)` and `empty()`."""
    path = warehouse([(noon(number), 100.0) for number in range(1, 31)])

    def open_(measure=ORDERS):
        house.write(
            sources={"db": f"{{kind: sql, url: 'sqlite:///{path}'}}"}, key_results={"orders": measure}
        )
        house.start()
        return house

    def add(*rows):
        connection = sqlite3.connect(path)
        connection.executemany("INSERT INTO facts VALUES (?, ?)", rows)
        connection.commit()
        connection.close()

    def empty():
        """Delete all rows, as a table that is being loaded anew begins."""
        connection = sqlite3.connect(path)
        connection.execute("DELETE FROM facts")
        connection.commit()
        connection.close()

    open_.add, open_.empty = add, empty
    return open_


def by_day(house, name="orders"):
    """Give (value, origin) by the local day that a slot ends."""
    samples = {slot - HOUR: rest for slot, *rest in house.samples(name)}
    return {slot.day: tuple(rest) for slot, rest in samples.items() if slot.month == 11}


def restated(house):
    return house.rows("SELECT slot, at, was, now, why FROM restatements ORDER BY slot")


def passed(house, eventually, times):
    """Wait until so many passes have ended."""
    moments = []

    def ended():
        (now,) = house.rows("SELECT restated FROM currents")[0]
        if now is not None and now not in moments:
            moments.append(now)
        return len(moments) >= times

    eventually(ended)
    house.quiet()


def test_rows_that_come_late_are_found_and_the_day_is_judged_anew(shop, eventually):
    house = shop()
    passed(house, eventually, 1)
    house.step(timedelta(hours=12))
    assert by_day(house)[11] == (100.0, "live")
    shop.add((noon(11), 40.0))
    house.step(timedelta(hours=24))
    eventually(lambda: restated(house))
    house.quiet()
    assert by_day(house)[11] == (140.0, "restated")
    ((slot, at, was, now, why),) = restated(house)
    assert ('"value":100.0' in was.replace(" ", ""), '"value":140.0' in now.replace(" ", "")) == (True, True)
    assert at > slot
    assert why == "late rows"
    assert (140.0,) in house.rows("SELECT value FROM days")


def test_a_table_that_is_empty_for_a_night_leaves_the_days_as_they_are(shop, eventually):
    shop.add(*((f"2025-{month:02d}-{day:02d} 12:00:00", 1.0) for month in (9, 10) for day in range(1, 32)))
    house = shop(ORDERS.replace("sum(value)", "count(*)"))
    passed(house, eventually, 1)
    shop.empty()
    house.step(timedelta(hours=24))
    eventually(lambda: restated(house))
    house.quiet()
    assert {why for *_, why in restated(house)} == {
        "late rows: 0 is implausible, and is used only if it is given again"
    }
    assert by_day(house)[11] == (1.0, "live")
    assert (0.0,) not in house.rows("SELECT value FROM days")


def test_rows_that_come_after_settling_change_nothing(shop, eventually):
    house = shop()
    passed(house, eventually, 1)
    shop.add((noon(2), 40.0))
    house.step(timedelta(hours=24), times=2)
    house.quiet()
    assert by_day(house)[2] == (100.0, "healed")
    assert restated(house) == []


def test_one_pass_from_the_command_line_restates_too(shop, eventually):
    house = shop()
    passed(house, eventually, 1)
    house.stop()
    shop.add((noon(11), 40.0), (noon(10), 7.0))
    house.clock.advance(timedelta(hours=24))
    house.once()
    assert by_day(house)[10] == (107.0, "restated")
    assert house.once().found


def test_a_cohort_counts_once_it_has_matured_and_for_its_own_day(shop):
    shop.add((noon(3), 0.0))
    house = shop(COHORT)
    slots = {slot: value for slot, value, _ in house.samples("orders")}
    assert slots[datetime(2025, 11, 10, 23, tzinfo=UTC)] == 50.0  # the cohort of 3 November, a week after it
    days = dict(house.rows("SELECT day, value FROM days"))
    assert days[33] == 50.0  # 3 November is day 33 from 0
    assert max(days) == 34  # the cohorts of the last week have not matured
    assert house.rows("SELECT count(*) FROM gaps WHERE slot > 1762300000000") == [(0,)]
