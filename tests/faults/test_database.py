"""A database that is damaged, newer, or swapped for an empty file is refused in one clear sentence, and left as it is."""

import os
import signal
import sqlite3

import pytest


@pytest.fixture
def kept(krd, source, eventually):
    """A krd that has run and ended well, with its database in one file."""
    source.mode = "ok"
    krd.lab(source, None, count=3)
    krd.start()
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > 200)
    assert krd.kill(signal.SIGTERM) == 0
    connection = sqlite3.connect(krd.root / "krd.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return krd


def refused(krd, *words):
    """See that every door refuses with the words, without a traceback, and that the file stays as it is."""
    path = krd.root / "krd.db"
    before = path.read_bytes()
    for verb in (("run",), ("once",), ("status",)):
        done = krd.command(*verb)
        assert done.returncode == 1, (verb, done.stdout, done.stderr)
        assert "krd.db" in done.stderr
        assert any(word in done.stderr for word in words), (verb, done.stderr)
        assert "Traceback" not in done.stderr
    assert path.read_bytes() == before


def overwrite(path, at, content):
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def test_a_header_of_garbage_is_refused(kept):
    overwrite(kept.root / "krd.db", 0, os.urandom(100))
    refused(kept, "no SQLite database")


def test_a_database_of_somebody_else_is_refused(kept):
    connection = sqlite3.connect(kept.root / "krd.db")
    connection.execute("PRAGMA application_id = 7")
    connection.commit()
    connection.close()
    refused(kept, "another program", "not krd's", "no store of krd")


def test_a_newer_schema_is_refused(kept):
    connection = sqlite3.connect(kept.root / "krd.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    refused(kept, "newer")


def test_a_truncated_database_is_refused(kept):
    path = kept.root / "krd.db"
    os.truncate(path, path.stat().st_size // 2)
    refused(kept, "damaged")


def test_a_damaged_page_is_said_and_nothing_is_made_anew(kept, source):
    """What a page holds decides when it is noticed; garbage in the root of `key_results` is noticed at the start."""
    path = kept.root / "krd.db"
    connection = sqlite3.connect(path)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'key_results'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    overwrite(path, (root - 1) * size, b"\xff" * size)
    damaged = path.read_bytes()[(root - 1) * size : root * size]

    done = kept.command("run")

    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert "backup" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes()[(root - 1) * size : root * size] == damaged


@pytest.mark.timeout(90)
def test_an_empty_file_swapped_in_while_krd_runs_is_not_filled(krd, source, eventually):
    source.mode = "ok"
    krd.lab(source, None, count=2)
    krd.start()
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > 30)
    path = krd.root / "krd.db"
    path.rename(krd.root / "away.db")
    path.touch()

    status, text = eventually(lambda: (found := krd.get("/readyz")) and found[0] == 503 and found)
    assert status == 503
    assert "moved, deleted or replaced" in text
    assert path.stat().st_size == 0
    assert krd.get("/")[0] == 200
    krd.kill(signal.SIGTERM)
    assert path.stat().st_size == 0
    log = krd.log.read_text()
    assert log.count('"event": "store_refuses"') == 1
    assert "Traceback" not in log
