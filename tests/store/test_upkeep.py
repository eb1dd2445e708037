"""Looking a store over, vacuuming, copying and putting back, on each kind of database."""

import pytest

from collector.errors import StoreError, UsageError
from collector.store.backup import backup
from collector.store.integrity import inspect
from collector.store.restore import restore
from collector.store.schema import HEAD
from collector.store.vacuum import vacuum


def test_a_store_that_was_just_made_is_whole(store, url, kind):
    found = inspect(url)

    assert (found.whole, found.schema, found.warnings) == (True, HEAD, ())
    assert found.engine.startswith({"sqlite": "SQLite ", "postgresql": "PostgreSQL "}[kind])
    assert found.size > 0


def test_looking_changes_nothing(store, url, contents):
    before = contents()

    inspect(url)

    assert contents() == before


def test_vacuuming_loses_nothing(store, url, contents, series):
    before = contents()

    vacuum(url)

    assert contents() == before


def test_a_database_of_another_program_is_left_alone(server):
    name = server.database()
    server.run("CREATE TABLE theirs (a int)", name)

    with pytest.raises(StoreError, match="tables of another program"):
        inspect(server.url(name))


def test_a_database_with_nothing_in_it_is_no_store(server):
    with pytest.raises(StoreError, match="nothing is kept there yet"):
        inspect(server.url(server.database()))


def test_a_server_that_is_not_there_is_told_without_its_password(server, free_port, canary):
    with pytest.raises(StoreError) as told:
        inspect(server.url("krd", port=free_port))

    assert canary not in str(told.value)


@pytest.mark.parametrize(("act", "tool"), [(backup, "pg_dump"), (restore, "pg_restore")])
def test_a_server_has_tools_of_its_own_for_copies(server, tmp_path, at, canary, act, tool):
    more = (at,) if act is restore else ()

    with pytest.raises(UsageError, match=f"{tool} --") as told:
        act(server.url("krd"), tmp_path / "copy", *more)

    assert canary not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_a_database_in_memory_has_nothing_to_copy(tmp_path):
    with pytest.raises(UsageError, match="is gone when krd ends"):
        backup("sqlite:///:memory:", tmp_path / "copy.db")
