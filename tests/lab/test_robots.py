import sqlite3
import time
from contextlib import closing

import pytest

from collector.lab.robots import Robots


def count(warehouse, kind):
    with closing(sqlite3.connect(warehouse.path)) as reader:
        return reader.execute("SELECT count(*) FROM events WHERE kind = ?", (kind,)).fetchone()[0]


def run_for(seconds, robots):
    robots.start()
    begun = time.monotonic()
    time.sleep(seconds)
    tally, took = robots.tally, time.monotonic() - begun
    robots.stop()
    return tally, took


@pytest.mark.parametrize("latency", [0.03, 0.52])
def test_the_rate_holds_in_a_quick_and_in_a_slow_shop(shop, wish, latency):
    wish.latency = latency
    tally, took = run_for(3.0, Robots(shop.port, lambda: 0.25))
    assert tally.journeys / (took - latency) == pytest.approx(25, rel=0.15)


def test_every_journey_is_a_visitor_in_the_warehouse(shop, warehouse, wait_until):
    robots = Robots(shop.port, lambda: 0.25)
    run_for(1.5, robots)
    wait_until(lambda: count(warehouse, "visit") == robots.tally.journeys > 20, seconds=5)


def test_the_wished_share_orders(shop, warehouse, wait_until):
    robots = Robots(shop.port, lambda: 0.4)
    run_for(2.0, robots)
    tally = robots.tally
    assert tally.orders == pytest.approx(0.4 * tally.journeys, abs=1)
    wait_until(lambda: count(warehouse, "order") == tally.orders, seconds=5)


def test_robots_outlive_a_shop_that_is_down(shop):
    robots = Robots(shop.port, lambda: 0.25, count=4, rate=40)
    shop.stop()
    tally, _ = run_for(0.5, robots)
    assert tally.failed > 4
    assert tally.journeys == 0


def test_robots_never_sent_off_come_back(shop):
    Robots(shop.port, lambda: 0.25).stop()
