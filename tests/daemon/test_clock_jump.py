"""A wall clock that jumps repeats no slot, skips none without a gap, makes nothing worse, and is told of once."""

import itertools
from datetime import timedelta

import pytest

from collector.clock import SetClock
from collector.daemon.time_jumps import STEADY, JumpWatch

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
SIXTY = "{source: prod, query: vector(60), every: 15m}"


class JumpingClock(SetClock):
    """A clock whose wall can be set apart from what goes by."""

    skew = timedelta(0)

    def monotonic(self):
        return super().monotonic() - self.skew.total_seconds()

    def jump(self, by):
        self.skew += by
        self.advance(by)


@pytest.fixture
def jumpy(house, prom, receiver, at_once):
    """A house with a clock that jumps; give the line to its source."""
    house.clock = JumpingClock(house.clock.now())
    server = prom()
    house.server = server
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        key_results={"one": SIXTY, "low": "{source: prod, query: vector(99), every: 15m}"},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
        alerts=at_once,
    )
    return house


def jump(house, by):
    house.clock.jump(by)
    house.daemon._alarm.ring()
    house.quiet()


def slots(house, name="one"):
    return [slot for slot, *_ in house.samples(name)]


def whole(house, since):
    """Tell whether every slot since then has exactly one outcome."""
    known = sorted([*slots(house), *(slot for slot, *_ in house.gaps("one"))])
    known = [slot for slot in known if slot >= since]
    return all(later - slot == QUARTER for slot, later in itertools.pairwise(known))


def test_a_jump_backwards_repeats_no_slot_and_waits_for_the_grid(jumpy, receiver, eventually):
    jumpy.start()
    jumpy.step(times=3)
    before = jumpy.samples("one")
    moved = jumpy.transitions()

    jump(jumpy, -2 * HOUR)
    (letter,) = eventually(lambda: receiver.said("clock_jump"))
    jumpy.step(times=8)
    assert jumpy.samples("one") == before
    jumpy.step()

    assert jumpy.samples("one")[:-1] == before
    assert slots(jumpy)[-1] == before[-1][0] + QUARTER
    told = [("clock_jump", "clock", "firing"), ("clock_jump", "clock", "resolved")]
    assert jumpy.transitions() == moved + told
    assert letter["family"] == "daemon"
    assert letter["title"] == "The clock jumped backwards by 7200 s"


def test_a_jump_forwards_heals_what_was_missed_and_raises_nothing_but_itself(jumpy, receiver, eventually):
    jumpy.start()
    jumpy.step(times=3)
    first, moved = slots(jumpy)[0], jumpy.transitions()

    jump(jumpy, 2 * HOUR)
    jumpy.step(times=2)

    assert whole(jumpy, first)
    assert slots(jumpy)[-1] > jumpy.clock.now() - QUARTER
    assert jumpy.transitions() == [*moved, ("clock_jump", "clock", "firing")]
    eventually(lambda: receiver.said("clock_jump"))
    assert receiver.said("stale") == []
    assert jumpy.daemon.board.vitals().clock_jumps == 1


def test_slots_that_cannot_be_asked_for_later_become_gaps(jumpy, warehouse):
    path = warehouse([("2025-11-12", 60.0)])
    jumpy.write(
        sources={"facts": f"{{kind: sql, url: 'sqlite:///{path}'}}"},
        key_results={"one": "{source: facts, query: SELECT value FROM facts, every: 15m}"},
    )
    jumpy.start()
    first = slots(jumpy)[0]

    jump(jumpy, 2 * HOUR)
    jumpy.step()

    missed = [slot for slot, reason, _ in jumpy.gaps("one") if reason == "missed" and slot > first]
    assert missed == [first + n * QUARTER for n in range(1, 8)]
    assert whole(jumpy, first)


def test_a_night_crossed_twice_by_a_jump_counts_once(jumpy):
    jumpy.clock.set(jumpy.clock.now().replace(hour=22, minute=2))  # 23:02 in Berlin
    jumpy.start()
    before = jumpy.verdict("low").drift
    jump(jumpy, 2 * HOUR)
    jumpy.step()
    over = jumpy.verdict("low").drift
    jump(jumpy, -2 * HOUR)
    jumpy.step(times=12)
    again = jumpy.verdict("low").drift

    assert over.day == again.day == before.day + 1
    assert (again.low, again.high, again.status) == (over.low, over.high, over.status)
    assert over.low - before.low <= 1


def test_a_source_that_was_to_be_left_alone_is_not_left_alone_for_longer(jumpy, eventually):
    jumpy.start()
    jumpy.server.mode = "close"
    jumpy.step(times=4)
    assert jumpy.daemon.board.sources()["prod"].down
    jumpy.server.mode = "ok"

    jump(jumpy, -2 * HOUR)
    jumpy.step(timedelta(minutes=2), times=3)

    eventually(lambda: not jumpy.daemon.board.sources()["prod"].down)


def test_several_jumps_are_one_episode_that_ends_once_it_is_steady(jumpy, receiver, eventually):
    jumpy.start()
    for by in (HOUR, -HOUR, HOUR):
        jump(jumpy, by)
        jumpy.step()
    eventually(lambda: receiver.said("clock_jump"))
    jumpy.step(times=5)

    moves = [move for move in jumpy.transitions() if move[0] == "clock_jump"]
    eventually(lambda: receiver.said("clock_jump", "resolved"))
    assert moves == [("clock_jump", "clock", "firing"), ("clock_jump", "clock", "resolved")]
    assert [data["occasion"] for data in receiver.said("clock_jump")] == ["first", "resolved"]
    assert jumpy.daemon.board.vitals().clock_jumps == 3


def test_an_episode_that_a_restart_cut_short_ends_too(jumpy, eventually):
    jumpy.start()
    jump(jumpy, HOUR)
    eventually(lambda: ("clock_jump", "clock", "firing") in jumpy.transitions())
    jumpy.stop()
    jumpy.start()
    jumpy.step(times=5)
    assert ("clock_jump", "clock", "resolved") in jumpy.transitions()


def test_time_that_passes_is_no_jump_however_much_passes_at_once(house):
    clock = JumpingClock(house.clock.now())
    watch = JumpWatch(clock)
    clock.advance(timedelta(days=3))
    assert watch.jumped() is None
    clock.jump(timedelta(seconds=20))
    assert watch.jumped() is None, "a correction"
    clock.jump(timedelta(days=-3))
    assert watch.jumped() == timedelta(days=-3)
    assert watch.jumped() is None
    assert not watch.steadied()
    clock.advance(STEADY)
    assert [watch.steadied(), watch.steadied()] == [True, False]


def test_a_process_that_was_stopped_between_two_readings_has_seen_no_jump(house):
    class Stopped(JumpingClock):
        pause = 0.0

        def now(self):
            at = super().now()
            self.advance(timedelta(seconds=self.pause))
            return at

    clock = Stopped(house.clock.now())
    watch = JumpWatch(clock)
    clock.pause = 600
    assert watch.jumped() is None
    clock.pause = 0
    assert watch.jumped() is None
