"""`krd db`: the store is looked over, copied while it is used, put back, tidied, and computed anew."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from collector.store.lock import RunLock


def test_a_whole_store_is_said_to_be_whole(measured):
    told = measured.krd("db", "check", "-o", "json")

    assert told.code == 0
    assert (told.json["whole"], told.json["problems"]) == (True, [])
    assert told.json["size"] > 100_000
    assert told.json["free"] > 0
    assert "whole             yes" in measured.krd("db", "check").out


def test_checking_changes_nothing(kept):
    before = (kept.folder / "krd.db").read_bytes()

    kept.krd("db", "check")

    assert (kept.folder / "krd.db").read_bytes() == before


def test_a_row_that_names_what_is_not_there_is_a_problem(kept):
    _run(kept, "DELETE FROM series WHERE id = 1")

    told = kept.krd("db", "check", "-o", "json")

    assert told.code == 1
    assert any("names a row of series" in problem for problem in told.json["problems"])


def test_a_damaged_page_is_a_problem(kept):
    _damage(kept.folder / "krd.db")

    told = kept.krd("db", "check")

    assert told.code == 1
    assert "damaged" in told.out + told.err


def test_a_newer_schema_is_a_problem_and_an_older_one_a_warning(kept):
    _run(kept, "UPDATE alembic_version SET version_num = '9999'")
    newer = kept.krd("db", "check", "-o", "json")
    _run(kept, "UPDATE alembic_version SET version_num = '0001'")
    older = kept.krd("db", "check", "-o", "json")

    assert (newer.code, "newer krd" in newer.json["problems"][0]) == (1, True)
    assert (older.code, "leads it on" in older.json["warnings"][0]) == (0, True)


@pytest.mark.parametrize("verb", ["check", "vacuum", "verify"])
def test_a_store_that_is_not_there_is_not_made(world, verb):
    told = world.krd("db", verb)

    assert (told.code, told.out) == (1, "")
    assert "there is no store" in told.err
    assert not (world.folder / "krd.db").exists()


def test_a_copy_can_be_read_like_the_store(kept):
    told = kept.krd("db", "backup", "copy.db", "-o", "json")

    status = kept.krd("status", "-o", "json").json
    copied = kept.krd("status", "-o", "json", "--database", f"sqlite:///{kept.folder}/copy.db").json
    assert (told.code, told.json["whole"]) == (0, True)
    assert [(one["address"], one["level"]) for one in copied] == [
        (one["address"], one["level"]) for one in status
    ]


def test_a_copy_made_while_someone_writes_is_whole(kept):
    stopping = threading.Event()

    def write():
        number = 0
        while not stopping.is_set():
            number += 1
            _run(
                kept,
                f"INSERT INTO audit (at, actor, action, subject, detail) VALUES ({number}, 'x', 'x', 'x', '{{}}')",
            )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        codes = [kept.krd("db", "backup", f"copy-{number}.db").code for number in range(3)]
    finally:
        stopping.set()
        writer.join(10)

    assert codes == [0, 0, 0]
    for number in range(3):
        with closing(sqlite3.connect(kept.folder / f"copy-{number}.db")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_holds_what_was_only_in_the_log(kept):
    with closing(sqlite3.connect(kept.folder / "krd.db")) as open_, open_:
        open_.execute(
            "INSERT INTO audit (at, actor, action, subject, detail) VALUES (1, 'li', 'test', 'x', '{}')"
        )
        open_.commit()
        kept.krd("db", "backup", "copy.db")

    lines = kept.krd("audit", "-o", "json", "--database", f"sqlite:///{kept.folder}/copy.db").json
    assert [line["actor"] for line in lines] == ["li"]


def test_a_file_that_is_there_is_replaced_only_by_force(kept):
    kept.write("copy.db", "precious")

    refused = kept.krd("db", "backup", "copy.db")
    untouched = (kept.folder / "copy.db").read_text()
    forced = kept.krd("db", "backup", "copy.db", "--force")

    assert (refused.code, untouched) == (2, "precious")
    assert "--force" in refused.err
    assert forced.code == 0
    assert (kept.folder / "copy.db").read_bytes()[:6] == b"SQLite"


@pytest.mark.parametrize(
    ("target", "said"),
    [("nowhere/copy.db", "does not exist"), ("config", "is a folder"), ("krd.db", "is the store itself")],
)
def test_a_target_that_cannot_be_is_refused(kept, target, said):
    told = kept.krd("db", "backup", target, "--force")

    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_a_database_that_something_has_open_is_not_replaced(kept):
    shutil.copy(kept.folder / "krd.db", kept.folder / "other.db")
    kept.write("other.db-wal", "")

    assert "has open" in kept.krd("db", "backup", "other.db", "--force").err


def test_a_damaged_store_gives_no_copy(kept):
    _damage(kept.folder / "krd.db")

    told = kept.krd("db", "backup", "copy.db")

    assert told.code == 1
    assert [file.name for file in kept.folder.iterdir() if "copy.db" in file.name] == []
    assert "krd.db: " in told.err
    assert "damaged" in told.err
    assert "copy.db" not in told.err


def test_a_copy_that_does_not_fit_leaves_nothing_behind(kept):
    full = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000));"
    ignore = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    told = _python(
        kept, full + ignore + "from collector.cli.main import run; run()", "db", "backup", "copy.db"
    )

    assert told.returncode == 1, told
    assert "copy.db" not in {file.name for file in kept.folder.iterdir()}
    assert [file.name for file in kept.folder.iterdir() if "partial" in file.name] == []
    assert "Traceback" not in told.stderr


def test_a_copy_has_the_rights_of_the_store(kept):
    (kept.folder / "krd.db").chmod(0o600)

    kept.krd("db", "backup", "copy.db")

    assert (kept.folder / "copy.db").stat().st_mode & 0o777 == 0o600


def test_putting_a_copy_back_brings_the_old_state_and_keeps_the_new_one_beside(kept):
    kept.krd("db", "backup", "copy.db")
    kept.krd("annotate", "latency", "later")

    told = kept.krd("db", "restore", "copy.db", "--by", "li", "-o", "json")

    [line] = kept.krd("audit", "-o", "json").json
    before = kept.krd("audit", "-o", "json", "--database", f"sqlite:///{told.json['before']}").json
    assert told.code == 0
    assert ".before-restore-" in told.json["before"]
    assert (line["actor"], line["action"], line["subject"]) == ("li", "restore", "copy.db")
    assert [one["action"] for one in before] == ["annotate"]
    assert kept.krd("annotate", "latency", "-o", "json").json == []


def test_what_was_only_in_the_log_is_not_lost_by_putting_back(kept):
    kept.krd("db", "backup", "copy.db")
    with closing(sqlite3.connect(kept.folder / "krd.db")) as open_:
        open_.execute(
            "INSERT INTO audit (at, actor, action, subject, detail) VALUES (1, 'sam', 'test', 'x', '{}')"
        )
        open_.commit()
        before = kept.krd("db", "restore", "copy.db", "-o", "json").json["before"]

    lines = kept.krd("audit", "-o", "json", "--database", f"sqlite:///{before}").json
    assert [line["actor"] for line in lines] == ["sam"]


def test_a_copy_is_put_back_where_there_is_no_store(kept):
    kept.krd("db", "backup", "copy.db")
    for file in kept.folder.glob("krd.db*"):
        file.unlink()

    told = kept.krd("db", "restore", "copy.db", "-o", "json")

    assert (told.code, told.json["before"]) == (0, None)
    assert kept.krd("status").code == 0


def test_nothing_is_put_back_under_a_krd_that_runs(kept):
    kept.krd("db", "backup", "copy.db")
    with RunLock(f"sqlite:///{kept.folder}/krd.db"):
        restored, vacuumed = kept.krd("db", "restore", "copy.db"), kept.krd("db", "vacuum")

    assert (restored.code, vacuumed.code) == (1, 1)
    assert f"pid {os.getpid()}" in restored.err
    assert list(kept.folder.glob("*.before-restore-*")) == []


@pytest.mark.parametrize("what", ["text", "other", "damaged", "newer", "missing", "store"])
def test_what_is_no_good_copy_is_refused_and_the_store_stays(kept, what):
    copy = kept.folder / "copy.db"
    kept.krd("db", "backup", "copy.db")
    match what:
        case "text":
            copy.write_text("not a database at all")
        case "other":
            shutil.copy(kept.folder / "warehouse.db", copy)
        case "damaged":
            _damage(copy)
        case "newer":
            with closing(sqlite3.connect(copy)) as database, database:
                database.execute("UPDATE alembic_version SET version_num = '9999'")
        case "missing":
            copy.unlink()
        case "store":
            copy = kept.folder / "krd.db"
    before = (kept.folder / "krd.db").stat().st_ino

    told = kept.krd("db", "restore", copy)

    assert told.code in (1, 2)
    assert told.err.startswith("krd: ")
    assert (kept.folder / "krd.db").stat().st_ino == before
    assert list(kept.folder.glob("*before-restore*")) == []


def test_vacuuming_gives_room_back(kept):
    _run(kept, "DELETE FROM samples")
    _run(kept, "DELETE FROM evaluation_days")

    told = kept.krd("db", "vacuum", "-o", "json")

    assert told.code == 0
    assert told.json["size"] < told.json["size_before"]
    assert told.json["unused"] == 0


@pytest.mark.parametrize("verb", [("backup", "copy.db"), ("restore", "copy.db")])
def test_on_postgresql_its_own_tools_are_named_without_the_password(kept, verb):
    told = kept.krd("db", *verb, "--database", "postgresql://krd:geheim@127.0.0.1:5/krd")

    tool = "pg_dump" if verb[0] == "backup" else "pg_restore"
    assert (told.code, told.out) == (2, "")
    assert f"{tool} " in told.err
    assert "postgresql://krd@127.0.0.1:5/krd" in told.err
    assert "geheim" not in told.err


def test_everything_comes_out_again(measured):
    told = measured.krd("db", "verify", "-o", "json")

    assert told.code == 0
    assert (told.json["days"], told.json["sentences"], told.json["differences"]) == (176, 3, [])


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE days SET value = value + 1 WHERE series = 1 AND day = 12", "day"),
        ("DELETE FROM days WHERE series = 1 AND day = 12", "day"),
        (
            "UPDATE samples SET value = value + 1 WHERE series = 1 AND slot = (SELECT max(slot) FROM samples)",
            "current",
        ),
        ("UPDATE alerts SET state = 'resolved'", "alert"),
        ("DELETE FROM alerts", "alert"),
        ("""UPDATE evaluation_days SET document = replace(document, 'lands at', 'ends at')""", "sentence"),
    ],
)
def test_what_does_not_come_out_again_is_told_and_ends_with_3(kept, statement, what):
    _run(kept, statement)

    told = kept.krd("db", "verify", "-o", "json")

    assert told.code == 3
    assert what in {one["what"] for one in told.json["differences"]}
    assert what in kept.krd("db", "verify").out


def test_days_whose_samples_were_pruned_are_believed(kept):
    _run(kept, "DELETE FROM samples WHERE series = 1")

    told = kept.krd("db", "verify", "-o", "json")

    assert (told.code, told.json["gone"]) == (0, 68)


def _run(world, statement):
    with closing(sqlite3.connect(world.folder / "krd.db", timeout=20)) as store, store:
        store.execute(statement)


def _damage(file):
    """Write over the middle of the pages behind the first ones."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as content:
        for page in range(3, 40):
            content.seek(page * 4096 + 8)
            content.write(b"\xff" * 3000)


def _python(world, code, *words):
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=world.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
