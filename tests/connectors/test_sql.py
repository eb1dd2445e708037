"""The SQL connector over real SQLite files: what it reads, what it refuses, and that it changes nothing."""

import json
import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from pydantic import ValidationError

from connectors import sql
from connectors.api import ErrorKind, Failure, Moment, NoData, Question, Reading
from connectors.sql_errors import MESSAGE_CHARACTERS, redacted
from connectors.sql_rows import PICK_ROWS
from connectors.sql_session import CannotOpen, _connect_arguments, mysql_session, open_engine, parsed
from connectors.testing import Cases, ConnectorConformance

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECONDS = timedelta(seconds=5)
ENDLESS = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT max(x) FROM r"


def question(text, key="q", at=AT, pick=None, *, historical=False):
    moment = Moment(
        at, at, at - timedelta(days=1), AT - timedelta(days=30), AT + timedelta(days=60), timedelta(days=1)
    )
    return Question(key, text, moment, pick or {}, historical)


@pytest.fixture
def warehouse(tmp_path):
    """A file with a few orders, one an hour, and some cells nobody wants."""
    path = tmp_path / "ware house.db"
    database = sqlite3.connect(path)
    database.executescript(
        """
        CREATE TABLE orders (at TEXT, shop TEXT, amount REAL);
        INSERT INTO orders VALUES
          ('2026-10-22 11:00:00', 'north', 1.5),
          ('2026-11-01 10:30:00', 'north', 10),
          ('2026-11-01 11:00:00', 'north', 20),
          ('2026-11-01 11:30:00', 'south', 30.25),
          ('2026-11-01 12:00:00', 'south', 40);
        CREATE TABLE words (word TEXT);
        INSERT INTO words VALUES ('12,5'), ('1e400'), ('12'), ('NaN');
        """
    )
    database.close()
    return path


@pytest.fixture
def opened(warehouse):
    """Open connectors on the warehouse; all are closed at the end."""
    made = []

    def open_(**options):
        connector = sql.KIND.open(sql.KIND.options(**{"url": f"sqlite:///{warehouse}", **options}))
        made.append(connector)
        return connector

    yield open_
    for connector in made:
        connector.close()


@pytest.fixture
def ask(opened):
    """Ask one question of the warehouse."""

    def ask_(text, pick=None, deadline=SECONDS, *, at=AT, historical=False, **options):
        connector = opened(**options)
        asked = question(text, at=at, pick=pick, historical=historical)
        ((_, outcome),) = connector.fetch([asked], deadline)
        return outcome

    return ask_


def kind_of(outcome):
    assert isinstance(outcome, Failure), outcome
    return outcome.kind


# -- the shape of an answer


def test_one_row_of_one_column_is_the_number(ask):
    reading = ask("SELECT count(*) FROM orders;")
    assert (reading.value, reading.at) == (5.0, AT)
    assert reading.evidence["query"] == "SELECT count(*) FROM orders;"


def test_a_window_is_half_open_in_the_text_format_sqlite_writes(ask):
    reading = ask("SELECT count(*) FROM orders WHERE at >= :since AND at < :until")
    assert reading.value == 3.0
    assert reading.evidence["until"] == "2026-11-01T12:00:00+00:00"


def test_a_warehouse_with_another_clock_is_asked_in_its_own(ask):
    text = "SELECT count(*) FROM orders WHERE at >= :since AND at < :until"
    assert ask(text, times={"zone": "Europe/Berlin"}).value == 4.0


def test_the_number_stands_in_the_column_named_value(ask):
    assert ask("SELECT 'eu' AS region, 7 AS value").value == 7.0


def test_two_columns_without_a_name_for_the_number_are_refused(ask):
    assert kind_of(ask("SELECT 1 AS a, 2 AS b")) == ErrorKind.BAD_VALUE


def test_two_rows_are_refused_and_the_message_names_pick(ask):
    failure = ask("SELECT amount FROM orders")
    assert kind_of(failure) == ErrorKind.BAD_VALUE
    assert "pick" in failure.message


def test_pick_singles_out_a_row(ask):
    text = "SELECT shop, sum(amount) AS total FROM orders GROUP BY shop"
    assert ask(text, {"shop": "south"}).value == 70.25


def test_a_pick_nobody_has_is_no_data(ask):
    assert isinstance(ask("SELECT shop, 1 AS n FROM orders", {"shop": "west"}), NoData)


def test_a_pick_that_fits_two_rows_is_refused(ask):
    assert kind_of(ask("SELECT shop, amount FROM orders", {"shop": "south"})) == ErrorKind.BAD_VALUE


def test_a_pick_of_a_column_that_is_not_there_is_the_querys_mistake(ask):
    failure = ask("SELECT shop, amount FROM orders", {"store": "south"})
    assert kind_of(failure) == ErrorKind.BAD_QUERY
    assert "shop, amount" in failure.message


def test_numbers_and_times_are_picked_by_their_text(ask):
    assert ask("SELECT 7 AS week, 3 AS n UNION ALL SELECT 8, 4", {"week": "8"}).value == 4.0


def test_more_rows_than_can_be_proved_single_are_refused(ask):
    rows = f"WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x <= {PICK_ROWS}) SELECT x AS k, x AS value FROM r"
    assert kind_of(ask(rows, {"k": "5"})) == ErrorKind.BAD_VALUE


# -- hostile values


@pytest.mark.parametrize(
    "text", ["SELECT NULL", "SELECT avg(amount) FROM orders WHERE 0", "SELECT 1 WHERE 0"]
)
def test_nothing_is_no_data(ask, text):
    assert isinstance(ask(text), NoData)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT word FROM words WHERE word = '12,5'",
        "SELECT word FROM words WHERE word = '1e400'",
        "SELECT word FROM words WHERE word = '12'",
        "SELECT word FROM words WHERE word = 'NaN'",
        "SELECT 9e999",
        "SELECT -9e999",
        "SELECT x'31'",
        "SELECT 9007199254740993",
    ],
)
def test_what_is_not_one_finite_number_is_refused(ask, text):
    assert kind_of(ask(text)) == ErrorKind.BAD_VALUE


@pytest.mark.parametrize(
    ("text", "expected"), [("SELECT 0", 0.0), ("SELECT -3", -3.0), ("SELECT 1e3", 1000.0)]
)
def test_zero_and_negative_numbers_are_numbers(ask, text, expected):
    assert ask(text).value == expected


# -- nothing is written


WRITES = [
    "INSERT INTO orders VALUES ('x', 'x', 1)",
    "DELETE FROM orders",
    "WITH x AS (SELECT 1) DELETE FROM orders",
    "COMMIT; DELETE FROM orders",
    "SELECT 1; DELETE FROM orders",
    "SELECT 1) x; DELETE FROM orders; SELECT * FROM (SELECT 1",
    "SELECT 1) AS x /*",
    "SELECT 1) AS x LIMIT 1 --",
    "ATTACH 'other.db' AS other",
    "PRAGMA journal_mode = DELETE",
    "SELECT * FROM pragma_table_info('orders')",
    "VACUUM INTO 'copy.db'",
    "SELECT load_extension('x')",
    "CREATE TABLE z (a)",
    "DROP TABLE orders",
]


@pytest.mark.parametrize("text", WRITES)
def test_a_statement_that_does_more_than_read_is_refused(ask, text, warehouse, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = warehouse.read_bytes()
    assert kind_of(ask(text)) == ErrorKind.BAD_QUERY
    assert warehouse.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [warehouse.name]


@pytest.mark.parametrize(
    "text",
    ["ATTACH 'other.db' AS other", "PRAGMA query_only = 0", "DELETE FROM orders", "VACUUM INTO 'c.db'"],
)
def test_the_session_itself_refuses_what_the_wrapping_would_let_through(
    warehouse, tmp_path, monkeypatch, text
):
    monkeypatch.chdir(tmp_path)
    engine = open_engine(f"sqlite:///{warehouse}", timeout=SECONDS, connections=1, zone=None)
    with (
        engine.connect() as connection,
        pytest.raises(Exception, match=r"not authorized|authorization denied"),
    ):
        connection.exec_driver_sql(text)
    assert [path.name for path in tmp_path.iterdir()] == [warehouse.name]


def test_a_huge_cell_is_refused_before_it_fills_the_memory(ask):
    assert kind_of(ask("SELECT length(zeroblob(900000000))")) == ErrorKind.BAD_QUERY


def test_a_missing_file_is_not_created(ask, tmp_path):
    missing = tmp_path / "typo.db"
    failure = ask("SELECT 1", url=f"sqlite:///{missing}")
    assert kind_of(failure) == ErrorKind.CONFIG
    assert "typo.db" in failure.message
    assert not missing.exists()


def test_a_file_that_is_no_database_is_a_matter_for_a_person(opened, tmp_path):
    (tmp_path / "notes.db").write_text("Dear diary, " * 100)
    health = opened(url=f"sqlite:///{tmp_path / 'notes.db'}").check(SECONDS)
    assert (health.ok, health.kind) == (False, ErrorKind.CONFIG)


def test_a_replaced_file_is_read_anew(opened, warehouse, tmp_path):
    connector = opened()
    list(connector.fetch([question("SELECT 1")], SECONDS))
    fresh = tmp_path / "fresh.db"
    database = sqlite3.connect(fresh)
    database.executescript("CREATE TABLE orders (at); INSERT INTO orders VALUES (1)")
    database.close()
    fresh.replace(warehouse)
    ((_, outcome),) = connector.fetch([question("SELECT count(*) FROM orders")], SECONDS)
    assert outcome.value == 1.0


def test_a_locked_file_is_transient(ask, warehouse):
    writer = sqlite3.connect(warehouse, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    try:
        assert kind_of(ask("SELECT count(*) FROM orders")) == ErrorKind.TRANSIENT
    finally:
        writer.close()


# -- time


def test_a_past_slot_is_answered_as_it_was(ask):
    text = "SELECT count(*) FROM orders WHERE at < :until"
    assert ask(text, at=AT - timedelta(days=10), historical=True).value == 1.0


def test_todays_number_never_stands_under_a_past_date(ask):
    failure = ask("SELECT count(*) FROM orders", historical=True)
    assert kind_of(failure) == ErrorKind.BAD_QUERY
    assert ":until" in failure.message


def test_an_endless_query_ends_at_the_deadline(ask):
    began = time.monotonic()
    assert kind_of(ask(ENDLESS, deadline=timedelta(seconds=0.5))) == ErrorKind.TIMEOUT
    assert time.monotonic() - began < 1.5


def test_a_slow_query_starves_nobody(opened):
    questions = [question(ENDLESS, "slow"), *(question(f"SELECT {n}", str(n)) for n in range(5))]
    outcomes = dict(opened().fetch(questions, timedelta(seconds=1.5)))
    assert kind_of(outcomes.pop("slow")) == ErrorKind.TIMEOUT
    assert {key: outcome.value for key, outcome in outcomes.items()} == {str(n): float(n) for n in range(5)}


def test_a_source_stays_usable_after_a_timeout(opened):
    connector = opened(connections=1)
    list(connector.fetch([question(ENDLESS)], timedelta(seconds=0.2)))
    ((_, outcome),) = connector.fetch([question("SELECT 1")], SECONDS)
    assert isinstance(outcome, Reading)


def test_an_abandoned_fetch_stops_its_statement(opened):
    connector = opened(connections=1)
    answers = connector.fetch([question("SELECT 1", "fast"), question(ENDLESS, "slow")], timedelta(seconds=1))
    next(answers)
    answers.close()
    ((_, outcome),) = connector.fetch([question("SELECT 2")], SECONDS)
    assert outcome.value == 2.0


def test_a_range_answers_every_moment(opened):
    asked = question("SELECT sum(amount) FROM orders WHERE at >= :since AND at < :until")
    moments = [question("", at=at).moment for at in (AT - timedelta(days=10), AT - timedelta(days=5), AT)]
    given = dict(opened().fetch_range(asked, moments, SECONDS))
    assert [given[moment.as_of] for moment in moments][1] == NoData("the query gave NULL")
    assert [given[moments[0].as_of].value, given[AT].value] == [1.5, 60.25]


def test_moments_not_reached_are_timeouts(opened):
    asked = question(f"SELECT CASE WHEN :until > '2026-10-29' THEN ({ENDLESS}) ELSE 1 END")
    moments = [question("", at=AT - timedelta(days=days)).moment for days in (10, 3, 2, 1)]
    given = list(opened(connections=1).fetch_range(asked, moments, timedelta(seconds=0.5)))
    assert sorted(at for at, _ in given) == [moment.as_of for moment in moments]
    assert [type(outcome) for _, outcome in sorted(given)] == [Reading, Failure, Failure, Failure]
    assert {outcome.kind for _, outcome in sorted(given)[1:]} == {ErrorKind.TIMEOUT}


# -- batches


def test_equal_statements_are_sent_once(opened):
    text = "SELECT abs(random() % 1000000007) + 0 * length(:until) AS value, 'a' AS k"
    questions = [question(text, str(n), pick={"k": "a"} if n % 2 else None) for n in range(6)]
    outcomes = dict(opened().fetch(questions, SECONDS))
    assert len({outcome.value for outcome in outcomes.values()}) == 1


def test_the_same_text_at_another_time_is_another_statement(opened):
    text = "SELECT count(*) FROM orders WHERE at < :until"
    questions = [question(text, "now"), question(text, "then", at=AT - timedelta(days=10))]
    outcomes = dict(opened().fetch(questions, SECONDS))
    assert (outcomes["now"].value, outcomes["then"].value) == (4.0, 1.0)


def test_an_unknown_variable_is_refused_before_the_database_is_asked(ask):
    assert "unknown variable :nobody" in ask("SELECT :nobody").message


def test_a_closed_source_says_so(opened):
    connector = opened()
    connector.close()
    ((_, outcome),) = connector.fetch([question("SELECT 1")], SECONDS)
    assert kind_of(outcome) == ErrorKind.TRANSIENT


# -- options and secrets


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://krd:CANARY@db.example/warehouse",
        "postgresql://db.example/warehouse?password=CANARY",
        "snowflake://db.example/x?token=CANARY",
        "CANARY is not a url",
        "postgresql://krd:CANARY@db.example:port/x",
    ],
)
def test_a_password_in_plain_text_is_refused_without_showing_it(url):
    with pytest.raises(ValidationError) as caught:
        sql.KIND.options(url=url)
    assert "CANARY" not in str(caught.value)
    assert "CANARY" not in json.dumps(caught.value.errors(include_input=False))


def test_the_options_of_the_documentation_are_read():
    options = sql.KIND.options.model_validate(
        {
            "url": {"env": "WAREHOUSE_URL"},
            "times": {"zone": "Europe/Berlin"},
            "loaded_until": {"query": "SELECT max(finished_at) FROM etl.runs WHERE ok"},
            "connections": 2,
            "timeout": 10,
        }
    )
    assert str(options.url) == "{env: WAREHOUSE_URL}"


def test_a_secret_that_is_not_there_is_a_matter_for_a_person(opened):
    health = opened(url={"env": "KRD_TEST_NOT_SET"}).check(SECONDS)
    assert (health.ok, health.kind) == (False, ErrorKind.CONFIG)
    assert "KRD_TEST_NOT_SET" in health.message


def test_a_changed_secret_is_used_at_the_next_question(opened, warehouse, tmp_path):
    place = tmp_path / "url"
    place.write_text(f"sqlite:///{tmp_path / 'not-yet.db'}")
    connector = opened(url={"file": str(place)})
    assert not connector.check(SECONDS).ok
    place.write_text(f"sqlite:///{warehouse}\n")
    assert connector.check(SECONDS).ok


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("duckdb:///x.db", "pip install duckdb-engine"),
        ("mysql+pymysql://db.example/x", "pip install pymysql"),
        ("nosuch://db.example/x", "a SQLAlchemy dialect for nosuch"),
        ("sqlite+aiosqlite:///x.db", "pip install"),
        ("sqlite://", "sqlite:///warehouse.db"),
        ("sqlite:///file:x.db?mode=rwc&uri=true", "sqlite:///warehouse.db"),
    ],
)
def test_a_database_that_cannot_be_opened_says_what_to_do(url, advice):
    with pytest.raises(CannotOpen, match=advice):
        open_engine(url, timeout=SECONDS, connections=1, zone=None)


def test_duckdb_is_opened_without_a_way_to_files_or_to_its_own_settings():
    arguments = _connect_arguments(parsed("duckdb:///x.db"), SECONDS, None)
    assert arguments["read_only"] is True
    assert (arguments["config"]["enable_external_access"], arguments["config"]["lock_configuration"]) == (
        "false",
        "true",
    )


def test_mysql_and_mariadb_name_their_limit_differently():
    assert mysql_session(timedelta(seconds=1.5), None, mariadb=False) == [
        "SET SESSION TRANSACTION READ ONLY",
        "SET SESSION MAX_EXECUTION_TIME=1500",
        "SET SESSION time_zone='+00:00'",
    ]
    assert "SET SESSION max_statement_time=1.500" in mysql_session(
        timedelta(seconds=1.5), "Europe/Berlin", mariadb=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "cannot connect with host=x password=CANARY user=y",
        "cannot connect with password='CANARY AND MORE' user=y",
        "bad dsn postgresql://krd:CANARY@db.example/x",
        "the driver quotes CANARY itself",
    ],
)
def test_foreign_words_are_told_without_secrets(text):
    told = redacted(text, ["CANARY"] if "quotes" in text else [])
    assert "CANARY" not in told
    assert "•••" in told


def test_foreign_words_are_cut_to_one_short_line():
    told = redacted("a\nb " * 1000, [])
    assert len(told) == MESSAGE_CHARACTERS
    assert "\n" not in told


def test_many_threads_share_few_connections(opened):
    connector = opened(connections=2)
    wrong = []

    def asking(number):
        for _ in range(10):
            ((_, outcome),) = connector.fetch([question(f"SELECT {number}")], SECONDS)
            if not (isinstance(outcome, Reading) and outcome.value == number):
                wrong.append(outcome)

    threads = [threading.Thread(target=asking, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []


def test_a_machine_without_threads_to_spare_is_transient_and_costs_no_connection(opened, monkeypatch):
    connector = opened(connections=1)

    def refuse(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as poor:
        poor.setattr(threading.Thread, "start", refuse)
        ((_, outcome),) = connector.fetch([question("SELECT 1")], SECONDS)
    assert kind_of(outcome) == ErrorKind.TRANSIENT
    ((_, outcome),) = connector.fetch([question("SELECT 1")], SECONDS)
    assert isinstance(outcome, Reading)


class TestSqlite(ConnectorConformance):
    kind = sql.KIND
    as_of = AT
    cases = Cases(
        good=[
            ("SELECT count(*) FROM orders", 5.0),
            ("SELECT sum(amount) FROM orders WHERE at >= :since AND at < :until", 50.25),
        ],
        zero="SELECT count(*) FROM orders WHERE shop = 'west'",
        empty="SELECT avg(amount) FROM orders WHERE shop = 'west'",
        text="SELECT '12,5'",
        nan="SELECT 9e999",
        several="SELECT amount FROM orders",
        picked=(
            "SELECT shop, sum(amount) FROM orders GROUP BY shop",
            [({"shop": "north"}, 31.5), ({"shop": "south"}, 70.25)],
        ),
        bad_query="SELECT nothing FROM nowhere",
        past=("SELECT count(*) FROM orders WHERE at < :until", AT - timedelta(days=5), 1.0),
        today_only="SELECT count(*) FROM orders",
        slow=ENDLESS,
        writes=WRITES,
        range=(
            "SELECT sum(amount) FROM orders WHERE at >= :since AND at < :until",
            {AT - timedelta(hours=2): None, AT - timedelta(hours=1): 10.0, AT: 50.25},
        ),
    )
    not_applicable: ClassVar = {
        "unauthorised": "SQLite knows no users",
        "unreachable": "a missing file is a mistake in the configuration, not a passing trouble",
        "secrets": "SQLite has none",
    }

    @pytest.fixture(autouse=True)
    def _source(self, warehouse):
        self.url = f"sqlite:///{warehouse}"

    def make(self, **options):
        return sql.KIND.open(sql.KIND.options(**{"url": self.url, **options}))
