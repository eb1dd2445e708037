"""SIGTERM drains within its bound, whatever a source does; a second `krd run` on the same store is refused."""

import signal
import socket
import threading
import time

import pytest

from tests.forked import cold


def test_sigterm_keeps_what_was_found_and_ends_well(krd, source, receiver, eventually):
    source.mode = "ok"
    krd.lab(source, receiver)
    krd.start(begin=cold)
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > 20)
    before = set(krd.rows("SELECT slot, series FROM samples"))
    began = time.monotonic()
    assert krd.kill(signal.SIGTERM) == 0
    assert time.monotonic() - began < 8
    assert before <= set(krd.rows("SELECT slot, series FROM samples"))
    log = krd.log.read_text()
    assert "krd_stopping" in log
    assert '"drained": true' in log
    assert "findings_lost" not in log


class Black:
    """Takes every connection and never says a word: longer than any drain."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.taken = []
        threading.Thread(target=self._take, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def _take(self):
        while True:
            try:
                self.taken.append(self.listener.accept()[0])
            except OSError:
                return

    def close(self):
        self.listener.close()
        for connection in self.taken:
            connection.close()


@pytest.mark.timeout(60)
def test_sigterm_waits_for_a_silent_source_no_longer_than_the_deadline_of_its_question(krd, eventually):
    source = Black()
    try:
        krd.lab(source, None, count=1, timeout="PT6S")
        krd.environment["KRD_DAEMON__DRAIN"] = "1"
        krd.start()
        eventually(lambda: source.taken)
        began = time.monotonic()
        krd.kill(signal.SIGTERM)
        assert time.monotonic() - began < 10
        assert "krd_stopped" in krd.log.read_text()
    finally:
        source.close()


def test_a_second_run_on_the_same_store_is_refused_and_names_the_first(krd, source, eventually):
    source.mode = "ok"
    krd.lab(source, None, count=1)
    first = krd.start()
    krd.environment["KRD_WEB__ENABLED"] = "false"
    second = krd.command("run")
    assert second.returncode == 1
    assert str(first.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert first.poll() is None
    krd.environment.pop("KRD_WEB__ENABLED")


def test_status_and_once_work_beside_a_run(krd, source, eventually):
    source.mode = "ok"
    krd.lab(source, None, count=2)
    krd.start()
    eventually(lambda: krd.rows("SELECT slot FROM samples"))
    done = krd.command("once")
    assert done.returncode == 0, done.stderr
    seen = krd.command("status", "-o", "json")
    assert seen.returncode == 0, seen.stderr
    assert krd.rows("SELECT slot, series FROM samples GROUP BY slot, series HAVING count(*) > 1") == []
