import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from collector.clock import SetClock
from collector.lab.warehouse import DENOMINATOR, LOADED_UNTIL, NUMERATOR, Warehouse, WarehouseFailed

START = datetime(2026, 10, 1, 12, 0, 0, tzinfo=UTC)


def ask(warehouse, query, **bounds):
    with closing(sqlite3.connect(f"file:{warehouse.path}?mode=ro", uri=True)) as reader:
        return reader.execute(query, bounds).fetchone()[0]


@pytest.fixture
def clock():
    return SetClock(START)


@pytest.fixture
def written(tmp_path, clock):
    """Write events at seconds after START; give the closed warehouse."""

    def write(*events):
        warehouse = Warehouse(tmp_path / "warehouse.db", clock, batch_seconds=0.01)
        warehouse.start()
        for user, kind, seconds in events:
            clock.set(START + timedelta(seconds=seconds))
            warehouse.record(user, kind)
        warehouse.stop()
        return warehouse

    return write


WINDOW = {"since": "2026-10-01 12:00:06", "until": "2026-10-01 12:00:12"}


@pytest.mark.parametrize(("second", "counted"), [(5.999999, 0), (6, 1), (6.5, 1), (11.999999, 1), (12, 0)])
def test_a_window_holds_its_beginning_and_not_its_end(written, second, counted):
    assert counted == ask(written(("ada", "visit", second)), DENOMINATOR, **WINDOW)


@pytest.mark.parametrize("until", ["2026-10-01 12:00:07.250", "2026-10-01 12:00:07.250000"])
def test_bounds_may_carry_fractions(written, until):
    warehouse = written(("ada", "visit", 7.249999), ("bob", "visit", 7.25))
    assert ask(warehouse, DENOMINATOR, since=WINDOW["since"], until=until) == 1


def test_a_visitor_who_comes_twice_is_one_visitor(written):
    warehouse = written(("ada", "visit", 7), ("ada", "visit", 8), ("bob", "visit", 9))
    assert ask(warehouse, DENOMINATOR, **WINDOW) == 2


def test_an_order_counts_for_the_window_of_its_visit(written):
    warehouse = written(("ada", "visit", 11.9), ("ada", "order", 12.3), ("bob", "visit", 7))
    assert ask(warehouse, NUMERATOR, **WINDOW) == 1


def test_events_are_there_while_the_shop_still_writes(warehouse, wait_until):
    warehouse.record("ada", "visit")
    wait_until(lambda: ask(warehouse, "SELECT count(*) FROM events") == 1, seconds=5)


def test_everything_recorded_is_written_before_it_stops(written):
    warehouse = written(*((f"user-{n}", "visit", n / 100) for n in range(1000)))
    assert ask(warehouse, "SELECT count(*) FROM events") == 1000


def test_the_warehouse_tells_until_when_it_is_complete(written):
    assert ask(written(("ada", "visit", 7.5)), LOADED_UNTIL) == "2026-10-01 12:00:07.500000"


def test_a_file_that_exists_is_continued(written):
    written(("ada", "visit", 1))
    assert ask(written(("bob", "visit", 2)), "SELECT count(*) FROM events") == 2


def test_a_stopped_warehouse_leaves_one_file(written, tmp_path):
    written(("ada", "visit", 1))
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.db"]


def test_a_directory_that_is_not_there_is_said_with_what_to_do(tmp_path):
    warehouse = Warehouse(tmp_path / "nowhere" / "warehouse.db")
    with pytest.raises(WarehouseFailed, match=r"nowhere.*choose another directory"):
        warehouse.start()
    warehouse.stop()


def test_a_failing_writer_is_told_to_whoever_records_and_stops(tmp_path, wait_until):
    warehouse = Warehouse(tmp_path / "warehouse.db", batch_seconds=0.01)
    warehouse.start()
    with closing(sqlite3.connect(warehouse.path)) as saboteur:
        saboteur.execute("DROP TABLE events")
    warehouse.record("ada", "visit")

    def told():
        try:
            warehouse.record("ada", "visit")
        except WarehouseFailed:
            return True
        return False

    wait_until(told, seconds=5)
    with pytest.raises(WarehouseFailed, match="no such table: events"):
        warehouse.stop()
