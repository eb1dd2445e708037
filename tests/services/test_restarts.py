"""A restart while something waits to be counted changes nothing: what was pending fires at the very same step."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from collector.clock import SetClock
from collector.daemon.watch import Watch
from collector.domain.alert import AlertKind, AlertState
from collector.domain.okr import Guardrail
from collector.domain.outage import Round
from collector.domain.sample import Gap, GapReason, Sample
from collector.services.ask import Due, Found, Healed
from collector.services.ledger import Ledger
from collector.services.tick import Books
from collector.store import engine

RESTARTS = 1_000
SEED = 20261001
HISTORIES = 40
"""More of them are not needed for so many restarts."""
DAYS = 60
STEP = timedelta(hours=6)
GUARD = "guardrail:refunds"
KINDS = (AlertKind.SOURCE_DOWN, AlertKind.GUARDRAIL, AlertKind.DRIFT)
ROUNDS = {
    "good": Round(1, 0),
    "bad": Round(1, 1, GapReason.TRANSIENT, "connection refused"),
    "asks for peace": Round(1, 1, GapReason.RATE_LIMITED, "slow down"),
}


@dataclass
class Krd:
    """The books and the watch over a store, as a daemon has them."""

    store: object
    okrs: object
    clock: SetClock

    def start(self):
        self.watch = Watch(["house"])
        with self.store.read() as tx:
            self.watch.remember(tx.alerts().values())
        self.books = Books(self.store, Ledger(self.okrs), {})
        self.books.enrol(self.clock.now(), self.watch.all())

    def live(self, step):
        """Take one step of a history: a round of the source, and what it gave for each series."""
        at = step.at
        self.clock.set(at)
        self.watch.step("house", ROUNDS[step.round], at)
        found = []
        for account in list(self.books.ledger.accounts.values()):
            value = step.values[account.role] if step.round == "good" else None
            left = Gap(at, GapReason.TRANSIENT) if value is None else Sample(at, value, at, at)
            found.append(Found(Due(account.key_result, account.binding, account.series, at), left, at))
        self.books.keep(at, found=found, standings=self.watch.all())

    def pending(self):
        return [
            kind for (kind, _), one in self.books.ledger.alerts.items() if one.state is AlertState.PENDING
        ]

    def changes(self):
        with self.store.read() as tx:
            moved = [item.transition for item in tx.transitions(0, 100_000)]
        return [(one.at, one.event, one.alert.kind, one.alert.state) for one in moved]


@dataclass(frozen=True)
class Step:
    at: object
    round: str
    values: dict


def history(seed, first):
    """Write what happens: spells in which the source fails, the value goes astray, and the guardrail is broken."""
    dice = random.Random(seed)
    ill = low = broken = False
    value, at = 1000.0, first
    for _ in range(DAYS * int(timedelta(days=1) / STEP)):
        ill = dice.random() < (0.55 if ill else 0.15)
        low = dice.random() < (0.9 if low else 0.1)
        broken = dice.random() < (0.5 if broken else 0.25)
        value += 60 if low else -dice.uniform(0, 60)
        how = dice.choices(["bad", "asks for peace"], [9, 1])[0] if ill else "good"
        yield Step(at, how, {"main": value, GUARD: 9.0 if broken else 1.0})
        at += STEP


@pytest.fixture
def krd(make):
    """Give `open_()`: a krd over a store of its own."""
    stores = []
    often = make.replace(make.daily().every, days=0, real=STEP)
    binding = make.daily(every=often, window=often, answers_the_past=False)
    guardrail = Guardrail("refunds", "Refunds stay low", binding, 5, None)
    key_result = make.key_result(binding, guardrails=(guardrail,), fingerprints={GUARD: "a"})
    okrs = replace(make.promised(key_result), source_owners={"house": "li"})

    def open_():
        stores.append(engine.open("sqlite:///:memory:"))
        made = Krd(stores[-1], okrs, SetClock(make.cycle.starts + timedelta(hours=1)))
        made.start()
        at = made.clock.now()  # there is nothing to be asked for in the past
        healed = [Healed(series, [], at) for series in made.books.ledger.accounts]
        made.books.keep(at, healed=healed, standings=made.watch.all())
        return made

    yield open_
    for store in stores:
        store.close()


@pytest.mark.timeout(300)
def test_a_thousand_restarts_in_a_pending_time_fire_at_the_same_step(krd, make, capsys):
    restarts, waited, fired = 0, Counter(), Counter()
    for number in range(HISTORIES):
        seed = SEED + number
        steady, restless = krd(), krd()
        dice = random.Random(seed)
        for step in history(seed, make.cycle.starts + timedelta(hours=2)):
            steady.live(step)
            restless.live(step)
            pending = restless.pending()
            if pending and dice.random() < 0.8:
                restless.start()
                restarts += 1
                waited.update(kind for kind in KINDS if kind in pending)
        assert steady.changes() == restless.changes(), f"seed {seed}"
        fired.update(kind for _, _, kind, state in steady.changes() if state is AlertState.FIRING)
        if restarts >= RESTARTS and all(waited[kind] >= 50 for kind in KINDS):
            break
    with capsys.disabled():
        told = ", ".join(f"{waited[kind]} in a pending {kind.value}" for kind in KINDS)
        print(f"\nseed {SEED}: {restarts:,} restarts in {number + 1} histories: {told}")

    assert restarts >= RESTARTS
    assert all(waited[kind] >= 50 and fired[kind] >= 10 for kind in KINDS), (waited, fired)
