"""The writing thread outlives every defect, and whoever waits for it is told when it is over."""

import threading
import time
from datetime import timedelta

import pytest

from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.daemon.writer import Ended, Work, Writer
from collector.services.tick import Errand

SECOND = timedelta(seconds=1)


class Books:
    """Books that keep everything, once they may; errands are run."""

    def __init__(self):
        self.go, self.entered = threading.Event(), threading.Event()
        self.go.set()

    def keep(self, at, errand=None, **_):
        self.entered.set()
        assert self.go.wait(10)
        return list(errand.act(None, None, {}, at)) if errand else []


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def writer(house, books):
    """Give `open_(idle)`: a writer that runs."""
    made = []

    def open_(idle=lambda: None):
        at = house.clock.now()
        made.append(Writer(books, Watch([]), Tally(at), house.clock, lambda *_: None, idle))
        made[-1].start()
        return made[-1]

    yield open_
    books.go.set()
    for one in made:
        one.stop(SECOND)


def test_a_defect_in_idle_work_does_not_end_the_writer(writer):
    tried = []

    def idle():
        tried.append(1)
        raise ZeroDivisionError

    made = writer(idle)
    for _ in range(3):
        work = Work()
        made.put(work)
        assert work.done.wait(5)
        time.sleep(0.05)
    assert len(tried) >= 2
    assert not made.ended


def test_an_errand_that_fails_is_not_taken_for_kept_and_the_next_one_runs(writer):
    made, kept = writer(), []
    works = [
        Work(errand=Errand(act), kept=lambda act=act: kept.append(act))
        for act in (lambda *_: 1 / 0, lambda *_: [])
    ]
    for work in works:
        made.put(work)
    assert all(work.done.wait(5) for work in works)
    assert len(kept) == 1


def test_who_waits_for_work_goes_on_once_it_was_kept(writer):
    writer().see_through(Work())


def test_who_hands_something_over_after_the_end_is_told(writer):
    made = writer()
    made.stop(SECOND)
    assert not made.put(Work())
    with pytest.raises(Ended):
        made.see_through(Work())


def test_who_waits_for_work_that_came_behind_the_end_is_told(writer, books):
    made, told = writer(), threading.Event()
    books.go.clear()
    made.put(Work())
    assert books.entered.wait(5)
    stopping = threading.Thread(target=made.stop, args=(5 * SECOND,), daemon=True)
    stopping.start()
    while made.waiting() < 1:
        time.sleep(0.01)

    def wait():
        try:
            made.see_through(Work())
        except Ended:
            told.set()

    threading.Thread(target=wait, daemon=True).start()
    while made.waiting() < 2:
        time.sleep(0.01)
    books.go.set()
    assert told.wait(5)
    stopping.join(5)
