"""What a pass over the past reads is handed on together, in its order, and nothing waits long or is left behind."""

from contextlib import suppress
from dataclasses import dataclass

import pytest

from collector.daemon import batch
from collector.daemon.batch import LONGEST, MOST, Batch


@dataclass(frozen=True)
class Part:
    name: str
    findings: tuple = ()


@pytest.fixture
def kept():
    return []


@pytest.fixture
def clock(monkeypatch):
    """Give a monotonic clock that stands still until it is set."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(batch, "time", clock)
    return clock


def test_what_comes_within_a_second_is_kept_together_and_in_order(kept, clock):
    gathered = Batch(kept.append)
    for name in "abc":
        gathered.add(Part(name))
    assert kept == []

    clock.now += LONGEST
    gathered.add(Part("d"))

    assert [[one.name for one in parts] for parts in kept] == [["a", "b", "c", "d"]]


def test_a_slow_source_is_kept_as_it_answers(kept, clock):
    gathered = Batch(kept.append)
    for name in "ab":
        clock.now += 5 * LONGEST
        gathered.add(Part(name))

    assert [[one.name for one in parts] for parts in kept] == [["a"], ["b"]]


def test_a_second_is_counted_from_the_end_of_keeping(clock):
    kept = []

    def keep(parts):
        kept.append(parts)
        clock.now += 10 * LONGEST

    gathered = Batch(keep)
    clock.now += LONGEST
    for name in "abc":
        gathered.add(Part(name))

    assert [[one.name for one in parts] for parts in kept] == [["a"]]


def test_no_more_readings_wait_than_memory_is_meant_for(kept, clock):
    gathered = Batch(kept.append)
    for name in "abcd":
        gathered.add(Part(name, (None,) * (MOST // 2)))

    assert [[one.name for one in parts] for parts in kept] == [["a", "b"], ["c", "d"]]


def test_the_end_of_a_pass_hands_on_what_is_left_once(kept, clock):
    gathered = Batch(kept.append)
    gathered.add(Part("a"))
    gathered.flush()
    gathered.flush()

    assert [[one.name for one in parts] for parts in kept] == [["a"]]


def test_what_was_read_before_a_pass_broke_off_is_kept(kept, clock):
    with suppress(LookupError), Batch(kept.append) as gathered:
        gathered.add(Part("a"))
        raise LookupError("a defect")

    assert [[one.name for one in parts] for parts in kept] == [["a"]]


def test_what_cannot_be_kept_is_not_said_to_be(clock):
    def refuse(parts):
        raise RuntimeError("the writer is over")

    gathered = Batch(refuse)
    gathered.add(Part("a"))

    with pytest.raises(RuntimeError, match="over"):
        gathered.flush()
