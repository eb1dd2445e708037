"""Writers take turns, in one process and among several, and each is told when another one wrote."""

import threading
import time

import pytest

from collector.errors import StoreError


@pytest.fixture
def neighbour(opened, store):
    """Another process's store, as far as the database can tell."""
    return opened()


@pytest.fixture
def impatient(opened, store):
    """A store that waits a tenth of a second instead of ten seconds."""
    return opened(lock_limit=0.1)


def test_a_writer_waits_for_another_one(store, neighbour, at):
    def write():
        with neighbour.write() as transaction:
            begun.set()
            time.sleep(1.5)
            transaction.first_run("theirs", at)

    begun = threading.Event()
    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(10)
    began = time.monotonic()
    with store.write() as transaction:
        assert transaction.first_runs() == {"theirs": at}
        assert 1 < time.monotonic() - began < 9
        transaction.first_run("ours", at)
    thread.join()


def test_a_database_locked_past_the_limit_is_said(impatient, neighbour, at):
    with (
        neighbour.write(),
        pytest.raises(StoreError, match=r"another process has kept it locked for more than 0.1 s.*try again"),
        impatient.write(),
    ):
        pass
    with impatient.write() as transaction:
        assert transaction.first_run("lab", at) == at


def test_reading_and_opening_do_not_wait_for_a_writer(impatient, opened, neighbour, at):
    with neighbour.write() as writer:
        writer.first_run("lab", at)
        for store in (impatient, opened(must_exist=True, lock_limit=0.1)):
            with store.read() as transaction:
                assert transaction.first_runs() == {}


def test_writers_of_one_process_wait_for_each_other(store, at):
    counted, failed = 200, []

    def count(name):
        try:
            for number in range(counted // 4):
                with store.write() as transaction:
                    transaction.mark_moment(name, "", "", at.replace(microsecond=number * 1000), "sent")
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=count, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.read() as transaction:
        rows = transaction._connection.exec_driver_sql("SELECT count(*) FROM moments").scalar()
    assert (failed, rows) == ([], counted)


def test_a_writer_that_does_not_end_is_said_to_the_next(impatient):
    with (
        impatient.write(),
        pytest.raises(StoreError, match="another part of krd has been writing"),
        impatient.write(),
    ):
        pass


def test_each_commit_of_another_process_begins_a_generation(store, opened, generation, at):
    other, seen = opened(), [generation(store)]
    for number in range(3):
        with other.write() as transaction:
            transaction.first_run(f"lab {number}", at)
        seen += [generation(store)] * 2
        assert generation(store) == seen[-1]
    assert len(set(seen)) == 4


def test_our_own_commits_and_reads_begin_no_generation(store, generation, at):
    seen = [generation(store)]
    for number in range(3):
        with store.write() as transaction:
            seen.append(transaction.generation)
            transaction.first_run(f"lab {number}", at)
        with store.read() as transaction:
            assert transaction.generation is None
    assert set(seen) == {generation(store)}


def test_writers_of_several_stores_count_without_losing_one(opened, store, at):
    """Each reads what is there and adds one: a lost turn would be a lost number."""

    def count(own):
        for _ in range(25):
            with own.write() as transaction:
                number = len(transaction.first_runs())
                transaction.first_run(f"run {number}", at)

    threads = [threading.Thread(target=count, args=(opened(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.read() as transaction:
        assert len(transaction.first_runs()) == 100


def test_a_commit_of_another_process_between_two_of_ours_stays_seen(store, neighbour, generation, at):
    before = generation(store)
    with neighbour.write() as transaction:
        transaction.first_run("lab", at)
    with store.write() as transaction:
        transaction.claim("ops", at, at)
    assert generation(store) != before


def test_what_we_roll_back_begins_no_generation_and_hides_none(store, neighbour, generation, at):
    seen = [generation(store)]

    def broken_off():
        with store.write() as transaction:
            seen.append(transaction.generation)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()
    with neighbour.write() as transaction:
        transaction.first_run("lab", at)
    with pytest.raises(ZeroDivisionError):
        broken_off()
    first, before, after = seen
    assert first == before != after == generation(store)


def test_what_another_one_rolled_back_is_no_change(store, neighbour, generation, at):
    before = generation(store)

    def broken_off():
        with neighbour.write() as transaction:
            transaction.first_run("lab", at)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()
    with store.write() as transaction:
        assert transaction.generation == before
        assert transaction.first_runs() == {}


def test_a_statement_that_failed_cannot_be_passed_over(store, series, at):
    """A database that ends the transaction at the first failure must not be taken to have kept the rest."""
    kept = True
    try:
        with store.write() as transaction:
            transaction.first_run("lab", at)
            with pytest.raises(Exception, match="no_such_table"):
                transaction._connection.exec_driver_sql("INSERT INTO no_such_table VALUES (1)")
    except StoreError:
        kept = False
    with store.read() as transaction:
        assert transaction.first_runs() == ({"lab": at} if kept else {})
