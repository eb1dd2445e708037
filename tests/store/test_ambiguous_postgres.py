"""A connection that is cut around COMMIT: what became of the transaction is found out, so nothing is lost or doubled."""

import contextlib
import socket
import threading
import time

import pytest

from collector.errors import StoreError
from collector.ports.store import Posting
from collector.store import engine, writes

COMMIT = b"COMMIT\0"


class Line:
    """Stands between krd and the server. When told, it deals with the next COMMIT that passes in its own way, once."""

    def __init__(self, port):
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.deal = None
        self.dealt = 0
        self.open = True
        self._ends, self._threads = [self._listener], []
        self._begin(self._accept)

    def _begin(self, what, *arguments):
        self._threads.append(threading.Thread(target=what, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._ends.append(near)
                if not self.open:
                    hang_up(near)
                    continue
                far = socket.create_connection(self._target)
                self._ends.append(far)
                self._begin(self._pass, near, far, True)
                self._begin(self._pass, far, near, False)

    def _pass(self, source, sink, outward):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                if outward and COMMIT in chunk and self.deal is not None:
                    deal, self.deal = self.deal, None
                    self.dealt += 1
                    deal(self, chunk, source, sink)
                    return
                sink.sendall(chunk)
        hang_up(source)
        hang_up(sink)

    def close(self):
        for end in self._ends:
            hang_up(end)
        for thread in self._threads:
            thread.join(10)
        for end in self._ends:
            end.close()


def hang_up(end):
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def never_arrives(_line, _chunk, near, far):
    hang_up(far)
    hang_up(near)


def answer_is_lost(_line, chunk, near, far):
    hang_up(near)  # first, so that the thread that carries the answer finds no one to give it to
    far.sendall(chunk)
    time.sleep(0.3)
    hang_up(far)


def arrives_late(_line, chunk, near, far):
    hang_up(near)
    time.sleep(1.0)
    far.sendall(chunk)
    time.sleep(0.3)
    hang_up(far)


def arrives_and_the_server_is_out_of_reach(line, chunk, near, far):
    line.open = False
    answer_is_lost(line, chunk, near, far)
    threading.Timer(1.5, setattr, (line, "open", True)).start()


@pytest.fixture
def kind():
    return "postgresql"


@pytest.fixture
def line(server):
    made = Line(server.port)
    yield made
    made.close()


@pytest.fixture
def store(server, line, url):
    """A store whose connections go through the line."""
    opened = engine.open(url.replace(f":{server.port}/", f":{line.port}/"))
    yield opened
    opened.close()


@pytest.fixture
def direct(url):
    """The same store without the line."""
    opened = engine.open(url)
    yield opened
    opened.close()


@pytest.fixture
def tick(store, series, sample, announcement, at):
    """Write what a tick writes: a sample and a letter."""

    def write():
        with store.write() as transaction:
            transaction.add_samples([(series[0], sample())])
            transaction.enqueue([Posting("ops", announcement())], at)

    return write


@pytest.fixture
def kept(direct, at):
    """Count samples and letters past the line."""

    def count():
        with direct.read() as transaction:
            letters = sum(sum(states.values()) for states in transaction.outbox().values())
            return len(transaction.recorded([at])), letters

    return count


@pytest.mark.parametrize("deal", [answer_is_lost, arrives_late, arrives_and_the_server_is_out_of_reach])
def test_a_commit_whose_answer_was_lost_is_found_to_be_kept(line, store, tick, kept, deal, generation):
    before = generation(store)
    line.deal = deal
    tick()
    assert line.dealt == 1
    assert kept() == (1, 1)
    assert generation(store) == before


def test_a_commit_that_never_arrived_is_found_to_be_lost_and_can_be_done_again(
    line, store, tick, kept, generation
):
    before = generation(store)
    line.deal = never_arrives
    with pytest.raises(StoreError, match=r"the connection to it broke .*; nothing of this was kept"):
        tick()
    assert line.dealt == 1
    assert kept() == (0, 0)
    tick()
    assert kept() == (1, 1)
    assert generation(store) == before


def test_another_writer_in_between_does_not_blur_what_was_kept(
    line, store, direct, tick, kept, at, generation
):
    before = generation(store)

    def answer_lost_and_others_write(one, chunk, near, far):
        one.open = False
        answer_is_lost(one, chunk, near, far)
        with direct.write() as transaction:
            transaction.first_run("lab", at)
        one.open = True

    line.deal = answer_lost_and_others_write
    tick()
    assert kept() == (1, 1)
    with store.write() as transaction:
        assert transaction.generation != before
        assert transaction.first_runs() == {"lab": at}


def test_a_fate_that_cannot_be_found_out_is_said_and_is_news_to_the_next_transaction(
    line, store, tick, kept, monkeypatch, generation
):
    before = generation(store)

    def answer_lost_for_good(one, chunk, near, far):
        one.open = False
        answer_is_lost(one, chunk, near, far)

    monkeypatch.setattr(writes, "FATE_LIMIT", 0.5)
    line.deal = answer_lost_for_good
    with pytest.raises(StoreError, match="nobody answered whether it was"):
        tick()
    line.open = True
    assert kept() == (1, 1)
    assert generation(store) != before, "what is remembered has to be read again"
    tick()
    assert kept() == (1, 1)


def test_thirty_cuts_around_commit_lose_nothing_and_double_nothing(line, store, kept, direct, at):
    deals = (never_arrives, answer_is_lost)
    for number in range(30):
        line.deal = deals[number % 2]
        while True:
            try:
                with store.write() as transaction:
                    count = len(transaction.first_runs())
                    transaction.first_run(f"{count}", at)
            except StoreError:
                continue
            break
    with direct.read() as transaction:
        assert len(transaction.first_runs()) == 30
    assert line.dealt == 30
