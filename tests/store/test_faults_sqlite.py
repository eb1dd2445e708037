"""Files, disks and neighbours that misbehave: an error that says what to do, nothing half kept, and on it goes afterwards."""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from collector.errors import StoreError
from collector.ports.store import Posting

SIZE_LIMIT = """
import json, os, resource, sys
from collector.errors import StoreError
from collector.store import engine
url, file = sys.argv[1:]
store = engine.open(url)

def put(cycles):
    with store.write() as transaction:
        for cycle in cycles:
            transaction.first_run(cycle, AT)

from datetime import UTC, datetime
AT = datetime(2026, 11, 30, tzinfo=UTC)
many = [f"{number:05}" + "x" * 500 for number in range(4000)]
put(["before"])
limit = max(os.path.getsize(file), os.path.getsize(file + "-wal")) + 60_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
said = ""
try:
    put(many)
except StoreError as error:
    said = str(error)
with store.read() as transaction:
    kept = sorted(transaction.first_runs())
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
put([*many, "after"])
with store.read() as transaction:
    after = len(transaction.first_runs())
    whole = transaction._connection.exec_driver_sql("PRAGMA integrity_check").scalar()
print(json.dumps([said, kept, after, whole]))
"""

READ_ONLY = """
import os, sys
from collector.errors import StoreError
from collector.store import engine
url, file = sys.argv[1:]
engine.open(url).close()
os.chmod(file, 0o444)
os.chmod(os.path.dirname(file), 0o555)
if os.geteuid() == 0:
    os.setuid(65534)
try:
    store = engine.open(url)
    with store.write():
        pass
except StoreError as error:
    print(error)
"""


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


@pytest.fixture
def neighbour(store, file):
    """Another program's connection to the same database."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=5, check_same_thread=False)
    yield connection
    connection.close()


@pytest.fixture
def impatient(opened):
    """A store that waits a tenth of a second instead of ten seconds."""
    return opened(lock_limit=0.1)


def test_a_full_disk_keeps_nothing_of_a_transaction_and_is_survived(store, series, sample, announcement, at):
    raw = store._backend.writer.raw_connection().driver_connection
    [[pages]] = raw.execute("PRAGMA page_count").fetchall()
    raw.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = sample(evidence={"body": "x" * 100_000})

    def tick():
        with store.write() as transaction:
            transaction.enqueue([Posting("ops", announcement())], at)
            transaction.add_samples([(series[0], big)])

    with pytest.raises(StoreError, match="the disk is full; nothing of this was kept"):
        tick()
    with store.read() as transaction:
        assert transaction.outbox() == {}
        assert transaction.recorded([at]) == set()
    raw.execute("PRAGMA max_page_count = 1000000")
    tick()
    with store.read() as transaction:
        assert transaction.recorded([at]) == {(at, series[0])}
        assert transaction._connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_file_that_may_not_grow_keeps_nothing_of_a_transaction_and_is_survived(url, file, python):
    said, kept, after, whole = json.loads(python(SIZE_LIMIT, url, file))
    assert f"{file}: the disk " in said
    assert "nothing of this was kept" in said
    assert (kept, after, whole) == (["before"], 4002, "ok")


def test_a_file_that_may_not_be_written_is_refused_with_what_to_do():
    # not in tmp_path, whose folders other users may not enter: root becomes one of them
    folder = Path(tempfile.mkdtemp(prefix="krd-read-only-"))
    folder.chmod(0o755)
    try:
        file = folder / "krd.db"
        command = [sys.executable, "-c", READ_ONLY, f"sqlite:///{file}", str(file)]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert said.startswith(f"{file}: it cannot be ")
    assert "rights" in said or "the right to write" in said


def test_a_writer_waits_for_another_program(store, neighbour, at):
    neighbour.execute("BEGIN IMMEDIATE")
    threading.Timer(3, neighbour.execute, ("COMMIT",)).start()
    began = time.monotonic()
    with store.write() as transaction:
        transaction.first_run("lab", at)
    assert 2.9 < time.monotonic() - began < 9


def test_a_database_locked_past_the_limit_is_said(impatient, neighbour, at):
    neighbour.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"another process has kept it locked.*try again"), impatient.write():
        pass
    neighbour.execute("ROLLBACK")
    with impatient.write() as transaction:
        transaction.first_run("lab", at)


def test_reading_does_not_wait_for_a_writer(impatient, neighbour, at):
    with impatient.write() as transaction:
        transaction.first_run("lab", at)
    neighbour.execute("BEGIN IMMEDIATE")
    neighbour.execute("DELETE FROM cycles")
    with impatient.read() as transaction:
        assert transaction.first_runs() == {"lab": at}


def test_opening_and_reading_do_not_wait_for_a_writer_either(store, opened, neighbour, at):
    with store.write() as transaction:
        transaction.first_run("lab", at)
    neighbour.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with opened(must_exist=True).read() as transaction:
        assert transaction.first_runs() == {"lab": at}
    assert time.monotonic() - began < 5


def test_a_commit_of_another_program_begins_a_generation(store, neighbour, generation):
    before = generation(store)
    neighbour.execute("INSERT INTO cycles VALUES ('lab', 0)")
    assert generation(store) != before


@pytest.mark.parametrize(
    "change", [Path.unlink, lambda file: file.rename(f"{file}.old")], ids=["deleted", "moved"]
)
def test_a_file_that_went_away_under_an_open_store_is_said(store, file, change):
    change(file)
    with pytest.raises(StoreError, match="was moved, deleted or replaced"), store.write():
        pass
