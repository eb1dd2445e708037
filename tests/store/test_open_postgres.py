"""Opening a database on a server: where the tables go, what the role must be able to do, and what is told when it cannot."""

import re
import subprocess
import sys
import textwrap
import traceback
from pathlib import Path

import psycopg
import pytest

from collector.errors import StoreError
from collector.store import engine, postgres_faults, writes
from collector.store.address import locate

ROOT = Path(__file__).resolve().parent.parent.parent
NO_DRIVER = """
import sys
sys.modules["psycopg"] = None
from collector.errors import StoreError
from collector.store import engine
from collector.store.lock import RunLock
for use in (engine.open, RunLock):
    try:
        use("postgresql://krd:hunter2@127.0.0.1/krd")
    except StoreError as error:
        print(error)
"""


@pytest.fixture
def kind():
    return "postgresql"


@pytest.fixture
def name(server):
    """Name a database with nothing in it."""
    made = server.database()
    yield made
    server.drop(made)


@pytest.fixture
def role(server, canary):
    """Make a role that may only log in, and give its name."""
    server.run(f"CREATE ROLE guest LOGIN PASSWORD '{canary}'")
    yield "guest"
    server.run("DROP ROLE guest")


@pytest.fixture
def refused(canary):
    """Give the text with which opening an address is refused."""

    def text(address, **how):
        with pytest.raises(StoreError) as caught:
            engine.open(address, **how)
        said = "".join(traceback.format_exception(caught.value))
        assert canary not in said
        assert "hunter2" not in said
        return str(caught.value)

    return text


# -- where the tables go


def test_the_tables_go_where_the_search_path_says(server, name, at):
    server.run("CREATE SCHEMA house", name)
    server.run("CREATE TABLE theirs (a integer)", name)
    store = engine.open(server.url(name, options="-csearch_path=house"))
    with store.write() as transaction:
        transaction.first_run("lab", at)
    store.close()
    kept = server.run("SELECT schemaname FROM pg_tables WHERE tablename IN ('cycles', 'writes')", name)
    assert kept == [("house",), ("house",)]


def test_two_stores_of_one_database_do_not_wait_for_each_other(server, name):
    stores = []
    for schema in ("one", "two"):
        server.run(f"CREATE SCHEMA {schema}", name)
        stores.append(engine.open(server.url(name, options=f"-csearch_path={schema}"), lock_limit=0.1))
    with stores[0].write(), stores[1].write() as transaction:
        assert transaction.first_runs() == {}
    for store in stores:
        store.close()


def test_migrations_of_another_program_further_down_the_search_path_are_not_touched(server, name, refused):
    server.run("CREATE SCHEMA house", name)
    server.run("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)", name)
    said = refused(server.url(name, options="-csearch_path=house,public"))
    assert "holds the tables of another program" in said
    engine.open(server.url(name, options="-csearch_path=house")).close()
    assert server.run("SELECT count(*) FROM public.alembic_version", name) == [(0,)]


def test_a_search_path_that_leads_nowhere_is_said(server, name, refused):
    assert "names no schema that is there" in refused(server.url(name, options="-csearch_path=nowhere"))


# -- what it must be


def test_a_database_that_cannot_hold_every_letter_is_refused(server, refused):
    name = server.database("ENCODING 'LATIN1' TEMPLATE template0")
    assert "keeps text as LATIN1" in refused(server.url(name))
    assert server.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", name) == [(0,)]
    server.drop(name)


def test_a_role_that_may_not_make_tables_is_told_what_it_needs(server, name, role, refused):
    said = refused(server.url(name, role))
    assert "permission denied for schema public" in said
    assert "GRANT CREATE ON SCHEMA" in said


def test_a_role_that_may_not_read_the_tables_is_told_so(server, name, role, refused):
    engine.open(server.url(name)).close()
    said = refused(server.url(name, role))
    assert "this role may not do that" in said
    assert server.run("SELECT count(*) FROM cycles", name) == [(0,)]


def test_a_database_that_only_reads_is_said_when_it_is_written(server, opened, url, at):
    opened().close()
    server.run(f"ALTER DATABASE {locate(url).parameters['dbname']} SET default_transaction_read_only = on")
    store = opened()
    with store.read() as transaction:
        assert transaction.first_runs() == {}
    with pytest.raises(StoreError, match="it only reads"), store.write() as transaction:
        transaction.first_run("lab", at)


def test_a_commit_is_safe_from_a_power_cut_even_where_the_server_was_told_otherwise(server, url, opened):
    server.run(f"ALTER DATABASE {locate(url).parameters['dbname']} SET synchronous_commit = off")
    with opened().write() as transaction:
        assert transaction._connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_its_connections_tell_who_they_are(server, opened, url):
    with opened().read():
        named = server.run(
            f"SELECT application_name FROM pg_stat_activity WHERE datname = '{locate(url).parameters['dbname']}'"
        )
    assert named
    assert {one.split(",")[0] for (one,) in named} == {"krd"}


# -- what is told when it cannot be reached


def test_a_wrong_password_is_said_without_it(server, refused):
    said = refused(f"postgresql://postgres:hunter2@127.0.0.1:{server.port}/postgres")
    assert said == (
        f"postgresql://postgres@127.0.0.1:{server.port}/postgres: it does not accept the name or the password;"
        " look at KRD_DATABASE__URL"
    )


def test_a_database_that_is_not_there_is_said(server, refused):
    assert "it knows no such database or role" in refused(server.url("nowhere"))


def test_a_server_that_is_not_there_is_said(server, refused, new_port):
    assert "nobody listens there; start the server" in refused(server.url("krd", port=new_port()))


def test_a_server_without_a_free_connection_is_said(server, name, role, refused):
    server.run("ALTER ROLE guest CONNECTION LIMIT 0")
    assert "it has no connection left for this role" in refused(server.url(name, role))


@pytest.mark.parametrize(
    "more", [{"bogus": "hunter2"}, {"sslmode": "hunter2"}, {"connect_timeout": "hunter2"}]
)
def test_an_option_that_libpq_does_not_take_is_said_without_its_value(server, refused, more):
    assert "its address has an option that libpq does not know or take" in refused(server.url(**more))


def test_a_driver_that_is_not_installed_is_said_with_what_to_install():
    said = subprocess.run(
        [sys.executable, "-c", NO_DRIVER], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout == (
        "a store on PostgreSQL needs the driver psycopg 3, which cannot be loaded: install krd[postgres]\n"
        * 2
    )


def test_nothing_that_was_opened_shows_the_password(opened, url, canary):
    store = opened()
    shown = [store, store._backend, store._backend.writer, store._backend.readers, store._log, locate(url)]
    assert [one for one in map(repr, shown) if canary in one or "C4nary" in one] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("53100", "the server's disk is full; nothing of this was kept"),
        ("53200", "the server has too little left (OutOfMemory, 53200)"),
        ("40P01", "because of another one (deadlock)"),
        ("40001", "because of another one (serialization failure)"),
        ("57014", "it broke off a statement"),
        (
            "57P01",
            "the connection to it broke (AdminShutdown, 57P01); nothing of this was kept; krd tries again",
        ),
        ("08006", "the connection to it broke"),
        ("58030", "the server's disk gave an error (IoError, 58030)"),
        ("XX001", "it is damaged"),
        ("28P01", "it does not let krd in"),
        ("42P01", "krd's tables are not as krd made them"),
        ("22003", "it refused a value that it cannot keep (NumericValueOutOfRange, 22003)"),
        ("23514", "it refused what breaks its rules (CHECK"),
        ("0A000", "it failed (FeatureNotSupported, 0A000)"),
    ],
)
def test_what_a_server_says_by_a_code_is_said_in_words(code, text):
    error = psycopg.errors.lookup(code)("the server's text with hunter2 in it")
    said = postgres_faults.meaning(error, reading=False, lock_limit=10)
    assert text in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("consuming input failed: SSL connection has been closed unexpectedly", "the connection to it broke"),
        ("server closed the connection unexpectedly\n\tThis probably means", "the connection to it broke"),
        ("the connection is closed", "the connection to it broke"),
        (
            'connection failed: root certificate file "/hunter2" does not exist',
            "its certificate is not accepted",
        ),
        ("connection failed: FATAL:  the database system is starting up", "it is starting"),
        ("connection timeout expired", "it does not answer"),
        ("something new about hunter2", "the connection to it broke (OperationalError)"),
    ],
)
def test_what_a_line_says_without_a_code_is_said_in_words(said, text):
    meant = postgres_faults.meaning(psycopg.OperationalError(said), reading=False, lock_limit=10)
    assert text in meant
    assert "hunter2" not in meant


# -- the page


@pytest.fixture
def page():
    """Give the fenced blocks of the how-to page by language."""
    text = (ROOT / "docs/how-to/run-on-postgresql.md").read_text("utf-8")
    return {
        language: textwrap.dedent(body)
        for language, body in re.findall(r"^ *```(\w+)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    }


def test_the_role_and_the_database_of_the_page_can_hold_a_store(server, page, at):
    for statement in page["sql"].split(";")[:-1]:
        server.run(statement)
    store = engine.open(f"postgresql://krd:secret@127.0.0.1:{server.port}/krd")
    with store.write() as transaction:
        assert transaction.first_run("lab", at) == at
    store.close()
    server.drop("krd")
    server.run("DROP ROLE krd")


def test_the_address_of_the_page_is_one(page):
    name, _, url = page["ini"].strip().partition("=")
    assert name == "KRD_DATABASE__URL"
    found = locate(url)
    assert found.name == "postgresql://krd@db.example/krd"
    assert found.parameters["sslmode"] == "verify-full"


def test_a_change_by_hand_with_the_statement_of_the_page_is_seen(server, opened, url, generation):
    store = opened()
    before = generation(store)
    server.run("INSERT INTO writes SELECT max(n) + 1, 'me' FROM writes", locate(url).parameters["dbname"])
    assert generation(store) != before


def test_the_log_of_writes_stays_short(opened, monkeypatch, generation):
    monkeypatch.setattr(writes, "_KEPT", 20)
    monkeypatch.setattr(writes, "_PRUNED", 10)
    store = opened()
    assert len({generation(store) for _ in range(50)}) == 1
    with store.read() as transaction:
        rows = transaction._connection.exec_driver_sql("SELECT min(n), max(n), count(*) FROM writes").one()
    assert rows == (31, 50, 20)
