"""A server that restarts, and connections that are cut: nothing acknowledged is lost, nothing is there twice, and on it goes."""

import os
import threading
import time
from datetime import timedelta

import pytest

from collector.errors import AlreadyRunning, StoreError
from collector.store import engine, session_lock
from collector.store.lock import RunLock


@pytest.fixture
def kind():
    return "postgresql"


@pytest.fixture
def url(own_server):
    name = own_server.database()
    yield own_server.url(name)
    own_server.drop(name)


@pytest.fixture
def insist():
    """Do it again while the store refuses, as the daemon's writer does; gives how often it was refused."""

    def act(what, within=30):
        ends, refused = time.monotonic() + within, []
        while True:
            try:
                what()
            except StoreError as error:
                if time.monotonic() > ends:
                    raise
                refused.append(str(error))
                time.sleep(0.05)
            else:
                return refused

    return act


@pytest.fixture
def put(store, at):
    """Keep one number in a transaction of its own."""

    def write(number):
        with store.write() as transaction:
            transaction.mark_moment("team", "cycle", "brief", at + timedelta(seconds=number), "sent")

    return write


@pytest.fixture
def kept(store, at):
    """Give the numbers that are there, with repetitions."""

    def read():
        with store.read() as transaction:
            rows = transaction._connection.exec_driver_sql("SELECT moment FROM moments ORDER BY moment")
            return [round(moment / 1000 - at.timestamp()) for (moment,) in rows]

    return read


def test_writing_and_reading_go_on_after_each_of_five_immediate_restarts(own_server, put, kept, insist):
    for number in range(5):
        put(number)
        own_server.restart()
        insist(lambda: None)
        insist(kept)
    put(5)
    assert kept() == [0, 1, 2, 3, 4, 5]


def test_a_transaction_that_a_restart_meets_keeps_nothing_and_the_next_one_is_kept(
    own_server, store, put, kept, at
):
    def met():
        with store.write() as transaction:
            transaction.first_run("lab", at)
            own_server.restart()
            transaction.first_run("other", at)

    with pytest.raises(StoreError, match=r"the connection to it broke .*; nothing of this was kept"):
        met()
    put(1)
    with store.read() as transaction:
        assert transaction.first_runs() == {}
    assert kept() == [1]


def test_while_the_server_is_away_it_is_said_and_then_it_goes_on(own_server, store, put, kept, insist):
    put(1)
    own_server.stop()
    try:
        with pytest.raises(StoreError, match="nobody listens there; start the server"):
            put(2)
        with pytest.raises(StoreError, match="nobody listens there"), store.read():
            pass
    finally:
        own_server.start()
    insist(lambda: put(2))
    assert kept() == [1, 2]


def test_connections_that_an_administrator_ends_lose_nothing_and_double_nothing(
    own_server, put, kept, insist
):
    """Cut at random moments: before, inside and after a transaction, and while COMMIT is on its way."""
    stopping = threading.Event()

    def cut():
        while not stopping.wait(0.01):
            own_server.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'krd,%'"
            )

    thread = threading.Thread(target=cut)
    thread.start()
    refused = []
    try:
        for number in range(150):
            refused += insist(lambda number=number: put(number))
    finally:
        stopping.set()
        thread.join()
    assert kept() == list(range(150))
    assert refused, "some were cut inside"


def test_a_foreign_change_is_seen_over_a_restart_too(own_server, store, opened, put, generation, at):
    put(1)
    before = generation(store)
    other = opened()
    own_server.restart()
    with other.write() as transaction:
        transaction.first_run("lab", at)
    after = generation(store)
    assert after != before
    own_server.restart()
    assert generation(store) == after


# -- the lock of a run


def test_the_lock_is_taken_again_after_a_restart(own_server, store, url, monkeypatch):
    monkeypatch.setattr(session_lock, "LOOK_AGAIN", 0.1)
    with RunLock(url):
        own_server.restart()
        ends = time.monotonic() + 20
        while not _is_refused(url):
            assert time.monotonic() < ends
            time.sleep(0.1)
    with RunLock(url):
        pass


def test_a_run_that_lost_its_lock_to_another_one_says_so_once_and_has_it_back_at_its_end(
    own_server, store, url, monkeypatch
):
    said = []
    monkeypatch.setattr(session_lock, "LOOK_AGAIN", 1.0)
    monkeypatch.setattr(
        session_lock.log, "error", lambda event, **facts: said.append((event, facts["error"]))
    )
    with RunLock(url):
        own_server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'krd run,%'"
        )
        with RunLock(url):
            time.sleep(2.5)
        [(event, error)] = said
        assert event == "run_lock_lost"
        assert f"is served by another krd run, pid {os.getpid()} on " in error
        ends = time.monotonic() + 20
        while not _is_refused(url):
            assert time.monotonic() < ends
            time.sleep(0.1)


def _is_refused(url):
    lock = RunLock(url)
    try:
        lock.acquire()
    except AlreadyRunning:
        return True
    except StoreError:
        return False
    lock.release()
    return False


def test_a_store_can_be_opened_after_a_restart(own_server, store, url):
    own_server.restart()
    engine.open(url, must_exist=True).close()
