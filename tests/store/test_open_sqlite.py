"""Opening a file: what is made, and what is refused and left as it is."""

import hashlib
import os
import sqlite3

import pytest

from collector.errors import StoreError
from collector.store import engine


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def spoil(file, page):
    """Overwrite the content of a page (from 1), behind the header of the file on the first."""
    content = bytearray(file.read_bytes())
    begin, end = max(100, (page - 1) * 4096), page * 4096
    content[begin:end] = b"\xff" * (end - begin)
    file.write_bytes(content)
    return content


def other_programs(file):
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()


@pytest.fixture
def refused(url):
    """Give the text with which opening is refused."""

    def text(address=url, **how):
        with pytest.raises(StoreError) as caught:
            engine.open(address, **how)
        return str(caught.value)

    return text


# -- what is made


def test_a_store_is_made_where_there_is_none(opened, file, at):
    with opened().write() as transaction:
        transaction.first_run("lab", at)
    assert file.exists()


def test_a_path_may_hold_spaces_and_signs(tmp_path):
    folder = tmp_path / "100 % #key results, größer"
    folder.mkdir()
    engine.open(f"sqlite:///{folder}/krd.db").close()
    assert [file.name for file in folder.iterdir()] == ["krd.db"]


def test_a_store_in_memory_works_for_tests(at):
    store = engine.open("sqlite:///:memory:")
    with store.write() as transaction:
        transaction.first_run("lab", at)
    with store.read() as transaction:
        assert transaction.first_runs() == {"lab": at}
    store.close()


def test_a_commit_is_safe_from_a_power_cut(store):
    with store.write() as transaction:
        ask = transaction._connection.exec_driver_sql
        found = {
            name: ask(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


# -- what is refused


@pytest.mark.parametrize("content", [b"not a database, but long enough " * 200, os.urandom(8192), b"x"])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(file, refused, content):
    file.write_bytes(content)
    assert "krd.db: this file is no SQLite database. krd left it as it is" in refused()
    assert file.read_bytes() == content
    assert [one.name for one in file.parent.iterdir()] == ["krd.db"]


@pytest.mark.parametrize("page", [1, 2])
def test_a_damaged_database_is_refused_and_left_as_it_is(opened, file, refused, page):
    opened().close()
    damaged = spoil(file, page)
    said = "it is damaged (database disk image is malformed). krd does not repair or recreate it: stop krd"
    assert said in refused()
    assert file.read_bytes() == damaged


def test_damage_further_in_is_said_when_it_is_met(opened, file, sample, at):
    opened().close()
    with sqlite3.connect(file) as connection:
        [[page]] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'samples'").fetchall()
    connection.close()
    damaged = spoil(file, page)
    store = opened()
    with pytest.raises(StoreError, match="it is damaged"), store.read() as transaction:
        transaction.recorded([at])
    with pytest.raises(StoreError, match="it is damaged"), store.write() as transaction:
        transaction.add_samples([(1, sample())])
    store.close()
    assert file.read_bytes() == damaged


@pytest.mark.parametrize("size", [1, 511, 512, 4096, 50_000])
def test_a_truncated_database_is_never_made_anew(opened, file, refused, size):
    opened().close()
    os.truncate(file, size)
    before = file.read_bytes()
    assert "is no SQLite database" in (said := refused()) or "is damaged" in said
    assert file.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_as_it_is(file, refused):
    other_programs(file)
    before = digest(file)
    assert "holds the tables of another program" in refused()
    assert digest(file) == before


def test_nothing_is_made_where_a_store_must_be(file, refused):
    assert (
        refused(must_exist=True) == f"{file}: there is no store; start `krd run` first, or name another store"
    )
    assert not file.exists()


def test_an_empty_file_is_no_store_where_one_must_be(file, refused):
    file.touch()
    assert "nothing is kept there yet" in refused(must_exist=True)
    assert file.read_bytes() == b""


def test_a_store_that_was_emptied_is_not_begun_anew(file, refused):
    file.touch()
    file.with_name(f"{file.name}.lock").touch()
    assert "krd was served from this file, and now it is empty" in refused()
    assert file.read_bytes() == b""


def test_a_missing_folder_is_said(tmp_path, refused):
    assert f"the folder {tmp_path}/nowhere does not exist" in refused(f"sqlite:///{tmp_path}/nowhere/krd.db")


def test_a_folder_is_no_store(tmp_path, refused):
    assert "is a folder; name the file" in refused(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("postgresql+asyncpg://krd:hunter2@db/krd", "through psycopg 3 alone"),
        ("postgresql://krd:hunter2@db", "names no database"),
        ("postgresql://krd:hunter2@db:port/krd", "is no database URL"),
        ("mysql://krd:hunter2@db/krd", "krd cannot keep its store in mysql"),
        ("sqlite+aiosqlite:///krd.db?key=hunter2", "krd cannot keep its store in sqlite"),
        ("sqlite:///krd.db?key=hunter2", "nothing behind the path"),
        ("sqlite://krd.db", "three slashes"),
        ("sqlite:///file:krd.db", "three slashes"),
        ("krd.db hunter2", "is no database URL"),
        ("", "is no database URL"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secret(refused, address, text):
    said = refused(address)
    assert text in said
    assert "hunter2" not in said
