"""Opening: what is made where there is nothing, what is led on, and what is refused and left as it is."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from collector.errors import StoreError
from collector.store import engine, migrate, schema
from collector.store.tables import metadata

PARALLEL = """
import os, sys, time
from collector.store import engine, migrate
url, start = sys.argv[1], time.monotonic() + 0.2
children = []
for _ in range(6):
    child = os.fork()
    if not child:
        time.sleep(max(0, start - time.monotonic()))
        try:
            engine.open(url).close()
        except BaseException as error:
            print(error, flush=True)
            os._exit(1)
        os._exit(0)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""

KILLED = """
import os, signal, sys
import sqlalchemy as sa
from collector.store import engine, migrate  # imported once, before the forks
url = sys.argv[1]
for survived in range(0, 40, 2):
    child = os.fork()
    if not child:
        done = 0
        @sa.event.listens_for(sa.Engine, "before_cursor_execute")
        def count(connection, cursor, statement, parameters, context, many):
            global done
            done += statement.lstrip().startswith("CREATE")
            if done > survived:
                os.kill(os.getpid(), signal.SIGKILL)
        engine.open(url)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture
def template():
    """Copy nothing: there is no store yet."""
    return ""


@pytest.fixture
def past_krd(url):
    """Run a statement on the database as another program does."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))

    def run(statement):
        with engine.begin() as connection:
            found = connection.execute(text(statement))
            return found.all() if found.returns_rows else None

    yield run
    engine.dispose()


@pytest.fixture
def refused(url):
    """Give the text with which opening is refused."""

    def text(**how):
        with pytest.raises(StoreError) as caught:
            engine.open(url, **how)
        return str(caught.value)

    return text


def test_a_store_is_made_where_there_is_none(opened, at):
    with opened().write() as transaction:
        transaction.first_run("lab", at)
    with opened(must_exist=True).read() as transaction:
        assert transaction.first_runs() == {"lab": at}


def test_what_was_kept_is_there_after_opening_again(opened, at):
    first = opened()
    with first.write() as transaction:
        transaction.first_run("lab", at)
    first.close()
    with opened(must_exist=True).read() as transaction:
        assert transaction.first_runs() == {"lab": at}


def test_closing_twice_is_harmless_and_using_it_after_is_refused(store):
    store.close()
    store.close()
    with pytest.raises(StoreError, match="the store is closed"), store.write():
        pass
    with pytest.raises(StoreError, match="the store is closed"), store.read():
        pass


def _same_default(_context, _inspected, _column, found, _meant, rendered):
    """On SQLite alembic takes one empty text for another one; the rest is left to it."""
    return False if (found, rendered) == ("('')", "") else None


def test_the_migrations_lead_to_the_tables_as_they_are(store):
    with store.read() as transaction:
        ours = {"compare_server_default": _same_default, "include_name": lambda name, *_: name != "writes"}
        context = MigrationContext.configure(transaction._connection, opts=ours)
        found = compare_metadata(context, metadata)
    changes = [one for change in found for one in (change if isinstance(change, list) else [change])]
    # comments are for the readers of the code; no database is changed for one
    assert [change for change in changes if change[0] != "modify_comment"] == []


def test_the_newest_revision_is_the_one_that_opening_asks_for(store):
    scripts = ScriptDirectory.from_config(migrate.configuration())
    assert scripts.get_heads() == [schema.HEAD]
    with store.read() as transaction:
        ask = transaction._connection.exec_driver_sql
        assert ask("SELECT version_num FROM alembic_version").scalars().all() == [schema.HEAD]


def test_opening_a_store_that_fits_needs_no_alembic(url, opened):
    opened().close()
    script = f"import sys; from collector.store import engine; engine.open({url!r}); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=30).returncode == 0


def test_processes_that_open_at_once_make_one_store(url, python):
    assert python(PARALLEL, url) == f"{[0] * 6}\n"


def test_a_migration_killed_midway_is_run_again(url, python, opened, at):
    ends = [int(line) for line in python(KILLED, url).split()]
    assert ends[-1] == 0
    assert ends.count(-9) >= 10
    with opened().write() as transaction:
        assert transaction.first_run("lab", at) == at


def test_a_newer_schema_is_refused_and_left_as_it_is(opened, past_krd, refused, at):
    store = opened()
    with store.write() as transaction:
        transaction.first_run("lab", at)
    store.close()
    past_krd("UPDATE alembic_version SET version_num = '0999'")
    said = refused()
    assert (
        f"was written by a newer krd (schema 0999, this one knows {schema.HEAD}); run the newer krd" in said
    )
    assert past_krd("SELECT version_num FROM alembic_version") == [("0999",)]
    assert [row.cycle for row in past_krd("SELECT * FROM cycles")] == ["lab"]


def test_tables_of_another_program_are_refused_and_left_as_they_are(past_krd, refused, opened):
    past_krd("CREATE TABLE theirs (a integer)")
    assert "holds the tables of another program" in refused()
    assert past_krd("SELECT * FROM theirs") == []
    past_krd("DROP TABLE theirs")
    opened()


def test_another_programs_migrations_are_not_taken_for_ours(past_krd, refused):
    past_krd("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    past_krd("INSERT INTO alembic_version VALUES ('0001')")
    assert "holds the tables of another program" in refused()
    assert past_krd("SELECT * FROM alembic_version") == [("0001",)]


def test_nothing_is_made_where_a_store_must_be(kind, url, refused, opened):
    assert "start `krd run` first, or name another store" in refused(must_exist=True)
    assert engine.open_if_kept(url) is None
    opened().close()
    store = engine.open_if_kept(url)
    with store.read() as transaction:
        assert transaction.first_runs() == {}
    store.close()
