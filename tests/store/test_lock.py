"""One `krd run` a database, found by name, freed by death."""

import os
import signal
import subprocess
import sys

import pytest

from collector.errors import AlreadyRunning
from collector.store.lock import RunLock

HOLD = """
import sys
from collector.store.lock import RunLock
with RunLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(url):
    """Hold the lock in another process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_is_refused_with_the_pid_of_the_first(url, holder):
    with pytest.raises(AlreadyRunning, match=rf" is served by another krd run, pid {holder.pid}\b"):
        RunLock(url).acquire()


def test_the_lock_is_free_when_its_holder_was_killed(url, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    with RunLock(url):
        pass


def test_the_lock_holds_within_one_process_too(url):
    with RunLock(url), pytest.raises(AlreadyRunning, match=f"pid {os.getpid()}"):
        RunLock(url).acquire()
    with RunLock(url):
        pass


def test_releasing_twice_is_harmless(url):
    lock = RunLock(url)
    lock.acquire()
    lock.release()
    lock.release()
    with RunLock(url):
        pass


def test_the_lock_excludes_nobody_from_the_store(url, holder, opened, at):
    with opened().write() as transaction:
        assert transaction.first_run("lab", at) == at
