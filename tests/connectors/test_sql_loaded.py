"""How far a warehouse is loaded: one instant, however it is written, or a failure that says what to mend."""

import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import ValidationError

from connectors import sql
from connectors.api import ErrorKind, Failure
from connectors.sql_loaded import loaded_instant
from connectors.sql_rows import Rows
from connectors.sql_statement import Times

SECONDS = timedelta(seconds=5)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def loaded(tmp_path):
    """Give `ask(query, **options)` of a warehouse whose runs ended at noon."""
    path = tmp_path / "warehouse.db"
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE runs (finished_at TEXT, ok INTEGER);"
        "INSERT INTO runs VALUES ('2026-11-01 12:00:00', 1), ('2026-11-01 13:00:00', 0);"
    )
    database.close()

    def ask(query, **options):
        made = sql.KIND.options(url=f"sqlite:///{path}", loaded_until={"query": query}, **options)
        connector = sql.KIND.open(made)
        assert connector.capabilities.loads
        try:
            return connector.loaded_until(SECONDS)
        finally:
            connector.close()

    return ask


def one(cell, **times):
    return loaded_instant(Rows(("x",), [(cell,)], 0.0), Times(**times))


def test_the_newest_good_run_tells_how_far_it_is_loaded(loaded):
    assert loaded("SELECT max(finished_at) FROM runs WHERE ok") == NOON


def test_a_naive_instant_is_read_in_the_zone_of_the_source(loaded):
    said = loaded("SELECT max(finished_at) FROM runs WHERE ok", times={"zone": "Europe/Berlin"})
    assert said == NOON - timedelta(hours=1)


@pytest.mark.parametrize("query", ["SELECT max(finished_at) FROM runs WHERE ok > 9", "SELECT 1 WHERE 1 = 0"])
def test_null_and_no_row_mean_that_nothing_is_loaded(loaded, query):
    assert loaded(query) is None


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("SELECT finished_at FROM runs", ErrorKind.BAD_VALUE),
        ("SELECT finished_at, ok FROM runs LIMIT 1", ErrorKind.BAD_VALUE),
        ("SELECT 'soon'", ErrorKind.BAD_VALUE),
        ("SELECT 17", ErrorKind.BAD_VALUE),
        ("SELECT x'00'", ErrorKind.BAD_VALUE),
        ("SELECT max(at) FROM nowhere", ErrorKind.BAD_QUERY),
    ],
)
def test_anything_else_than_one_instant_is_a_failure(loaded, query, kind):
    said = loaded(query)
    assert isinstance(said, Failure)
    assert said.kind is kind


@pytest.mark.parametrize(
    ("cell", "times"),
    [
        (NOON, {}),
        (NOON.astimezone(timezone(timedelta(hours=5))), {"zone": "Europe/Berlin"}),
        (datetime(2026, 11, 1, 13), {"zone": "Europe/Berlin"}),  # noqa: DTZ001 - a naive column's cell
        ("2026-11-01T12:00:00Z", {}),
        ("2026-11-01 14:00:00+02:00", {}),
        (" 2026-11-01T12:00 ", {}),
        (int(NOON.timestamp()), {"format": "epoch"}),
        (Decimal(int(NOON.timestamp()) * 1000), {"format": "epoch-ms"}),
    ],
)
def test_an_instant_may_be_written_in_many_ways(cell, times):
    assert one(cell, **times) == NOON


def test_a_date_is_loaded_up_to_its_midnight():
    assert one(date(2026, 11, 1), zone="Europe/Berlin") == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert one("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("cell", [True, float("nan"), 1e300, [1], "9999-99-99"])
def test_garbage_is_refused_and_says_what_it_must_give(cell):
    said = one(cell, format="epoch")
    assert said.kind is ErrorKind.BAD_VALUE
    assert "must give one instant" in said.message


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT max(at) FROM runs WHERE at < :until", "no variables"),
        ("DELETE FROM runs", "must be one SELECT"),
    ],
)
def test_a_query_that_cannot_tell_it_is_refused_with_the_files(query, why):
    with pytest.raises(ValidationError, match=why):
        sql.KIND.options(url="sqlite:///x.db", loaded_until={"query": query})


def test_a_source_that_says_nothing_of_it_does_not_load_in_batches():
    connector = sql.KIND.open(sql.KIND.options(url="sqlite:///x.db"))
    assert not connector.capabilities.loads
    assert connector.loaded_until(SECONDS) is None


def test_a_database_that_is_gone_is_a_failure_and_never_nothing(tmp_path):
    options = sql.KIND.options(url=f"sqlite:///{tmp_path}/gone.db", loaded_until={"query": "SELECT 1"})
    said = sql.KIND.open(options).loaded_until(SECONDS)
    assert said.kind is ErrorKind.CONFIG
