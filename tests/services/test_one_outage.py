"""However many sources go down at once, a team hears of it in one message and not again for five minutes."""

import itertools
import random
import resource
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest

from collector.daemon.watch import Watch
from collector.domain.announcement import Occasion
from collector.domain.okr import Team
from collector.domain.outage import Round
from collector.domain.sample import GapReason
from collector.ports.catalogue import NotifierEntry, Traits
from collector.ports.notifier import Delivered, NotifierOptions
from collector.services.announce import Line, announce

SOURCES = 10_000
TEAMS = 10
EVERY = timedelta(seconds=60)
"""How often each source is asked; which one when is spread over this."""
TICK = timedelta(seconds=20)
FIVE_MINUTES = timedelta(minutes=5)
GOOD = Round(1, 0)
BAD = Round(1, 1, GapReason.TRANSIENT, "connection refused")
LONGEST = 120.0
"""Seconds that all of it may take; a machine of two cores needs a quarter of them."""
MOST_MEMORY = 1_000
"""MiB that it may take."""
SEEDS = (3, 5, 8)


@dataclass
class Receiver:
    """A notifier that keeps what it was told, and when."""

    messages: list = field(default_factory=list)

    def send(self, announcement, at):
        self.messages.append((at, announcement))
        return Delivered()

    def close(self):
        pass


@pytest.fixture
def stage(desk, make):
    """Give `set_up(sources, teams)`: a desk with a key result a source, of teams that have a notifier each and share one."""
    return partial(set_up, desk, make)


def set_up(desk, make, sources, teams):
    names = [f"team{n}" for n in range(teams)]
    key_results = [
        make.key_result(
            make.daily(source=f"s{n}", answers_the_past=False),
            address=f"{names[n % teams]}/kr{n}",
            team=names[n % teams],
        )
        for n in range(sources)
    ]
    made = desk()
    okrs = make.promised(*key_results)
    zone = okrs.teams["shop"].zone
    made.okrs = replace(okrs, teams={name: Team(name, zone, "li", (f"to-{name}", "all")) for name in names})
    entries = {
        name: NotifierEntry(name, "made", NotifierOptions(), traits=Traits(rate=10.0))
        for name in [*(f"to-{one}" for one in names), "all"]
    }
    made.routes, made.receivers = entries, {name: Receiver() for name in entries}
    made.lines = [Line(entries[name], receiver) for name, receiver in made.receivers.items()]
    made.watch = Watch(f"s{n}" for n in range(sources))
    made.open()
    made.books.routes = entries
    return made


def pass_by(outage, ticks, round_=None):
    """Let time pass; each source is asked once in `EVERY`, and all goes out that is due."""
    parts = EVERY // TICK
    for tick in range(ticks):
        outage.clock.advance(TICK)
        at = outage.clock.now()
        for n in range(tick % parts, SOURCES if round_ else 0, parts):
            outage.watch.step(f"s{n}", round_, at)
        speak(outage)


def speak(outage):
    """Judge what there is, and send what is due."""
    outage.books.keep(outage.clock.now(), standings=outage.watch.all())
    with outage.store.read() as tx:
        dues = [(line, tx.next_due(line.name)) for line in outage.lines]
    for line in (line for line, due in dues if due is not None and due <= outage.clock.now()):
        announce(outage.store, line, outage.clock, lambda: 0.5, lambda _: None)


@pytest.mark.timeout(LONGEST * 2)
def test_ten_thousand_sources_down_and_up_are_one_message_a_team_and_notifier_in_five_minutes(stage, capsys):
    outage = stage(SOURCES, TEAMS)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    a_minute = EVERY // TICK
    pass_by(outage, 3 * a_minute, BAD)
    pass_by(outage, 5 * a_minute)
    down = {name: list(receiver.messages) for name, receiver in outage.receivers.items()}
    pass_by(outage, 2 * a_minute, GOOD)
    pass_by(outage, 6 * a_minute)
    seconds = time.monotonic() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    with capsys.disabled():
        print(f"\n{SOURCES:,} sources down and up: {seconds:.1f} s, {memory:.0f} MiB more than before")

    for name, receiver in outage.receivers.items():
        times = [at for at, _ in receiver.messages]
        distances = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert min(distances, default=FIVE_MINUTES) >= FIVE_MINUTES, name
        wrong = {one.subject for _, said in down[name] for one in said.members}
        assert len(wrong) == (SOURCES if name == "all" else SOURCES // TEAMS)
        over = [one for _, said in receiver.messages for one in said.members if one.occasion.over]
        assert {one.subject for one in over} == wrong, "whoever heard that it began hears that it is over"
        assert {one.occasion for one in over} <= {Occasion.RESOLVED, Occasion.PASSED}
    assert seconds < LONGEST
    assert memory < MOST_MEMORY


def by_turns(length):
    """Give a source that is up and down by turns, each so long."""
    return lambda at: GOOD if int(at.timestamp() // length.total_seconds()) % 2 else BAD


def by_chance(seed):
    dice = random.Random(seed)
    return lambda _: dice.choice((GOOD, BAD))


FLAPPING = {
    "every other round": by_turns(EVERY),
    "five minutes": by_turns(FIVE_MINUTES),
    "an hour": by_turns(timedelta(hours=1)),
    "six hours": by_turns(timedelta(hours=6)),
    "seven hours": by_turns(timedelta(hours=7)),
    **{f"by chance, seed {seed}": by_chance(seed) for seed in SEEDS},
}


@pytest.mark.parametrize("way", FLAPPING)
def test_a_source_that_fails_half_of_a_day_is_told_of_four_times_at_most(stage, way):
    flapping = stage(1, 1)
    for _ in range(timedelta(hours=24) // EVERY):
        flapping.clock.advance(EVERY)
        flapping.watch.step("s0", FLAPPING[way](flapping.clock.now()), flapping.clock.now())
        speak(flapping)

    told = [said.occasion for _, said in flapping.receivers["all"].messages]
    assert len(told) <= 4, told
    assert told == [said.occasion for _, said in flapping.receivers["to-team0"].messages]
    # three failures in a row are an outage: that never happens where every other round is good
    assert told[:1] == ([] if way == "every other round" else [Occasion.FIRST])
