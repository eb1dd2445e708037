"""A store in which alerts fired, ended and wait, beside files that work; each change is made as krd makes it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.alert import AlertKind, Condition, Signal, quiet
from collector.domain.announcement import Announcement, Occasion, Severity
from collector.domain.lifecycle import closed, step
from collector.ports.store import Posting
from collector.store import engine


@dataclass
class Alarms:
    """Moves alerts in the store of a world, as another process beside the command."""

    world: object
    store: object
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __getattr__(self, name):
        """Be the world, too: `krd`, `folder`, …"""
        return getattr(self.world, name)

    def ago(self, **length):
        return self.now - timedelta(**length)

    def fire(self, kind, subject, at=None, severity=Severity.TICKET, **words):
        return self.move(kind, subject, Condition.FIRING, at, severity, **words)

    def clear(self, kind, subject, at=None, **words):
        return self.move(kind, subject, Condition.CLEAR, at, **words)

    def move(self, kind, subject, condition, at=None, severity=Severity.TICKET, **words):
        """Let a rule say something, and give the change that follows, as it was kept."""
        at = at or self.now
        fresh = quiet(AlertKind(kind), subject)
        with self.store.write() as tx:
            alert = tx.alerts([fresh.fingerprint]).get(fresh.fingerprint, fresh)
            change = step(alert, Signal(condition, severity=severity), at).transition
            change = replace(change, said=self.words(change, **words))
            tx.add_transitions([change])
        return change

    def close(self, kind, subject, why):
        fresh = quiet(AlertKind(kind), subject)
        with self.store.write() as tx:
            change = closed(tx.alerts([fresh.fingerprint])[fresh.fingerprint], self.now, why)
            tx.add_transitions([replace(change, said=self.words(change))])

    def words(self, change, **more):
        alert = change.alert
        address = alert.subject.partition(":")[2]
        facts = {
            "title": f"{alert.kind.value} of {address or alert.subject}",
            "sentence": "Day 40 of 90, expected 44 %, actual 12 %.",
            "subject": address or alert.subject,
            "team": address.partition("/")[0],
        }
        return Announcement(
            id=change.event, kind=alert.kind.value, family=alert.kind.family, severity=alert.severity,
            occasion=Occasion.FIRST if alert.state.open else Occasion.RESOLVED, at=change.at, episode=alert.episode,
            fingerprint=alert.fingerprint, since=alert.opened, **{**facts, **more},
        )  # fmt: skip

    def post(self, change, notifier="terminal", at=None):
        """Put a letter about a change into the outbox."""
        with self.store.write() as tx:
            tx.enqueue([Posting(notifier, change.said)], at or self.now)

    def claim(self, notifier="terminal"):
        with self.store.write() as tx:
            return tx.claim(notifier, self.now, self.now + timedelta(minutes=1))

    def settle(self, state, note="", due=None):
        """Take the next letter, and write down how it went."""
        bundle = self.claim()
        with self.store.write() as tx:
            assert tx.settle(bundle, state, self.now, due=due, note=note)
        return bundle.letters[0].id


@pytest.fixture
def quiet_world(world):
    """Give a world with a store in which nothing happened."""
    store = engine.open(f"sqlite:///{world.folder}/krd.db")
    yield Alarms(world, store)
    store.close()


@pytest.fixture
def alarms(quiet_world):
    """Give a world in which one key result drifts, a source is down that speaks for another's data, and one is over."""
    made = quiet_world
    made.fire("drift", "now:shop/latency", made.ago(days=2))
    made.fire("source_down", "warehouse", made.ago(hours=3), Severity.INFO)
    made.fire("stale", "now:shop/calls", made.ago(hours=2), Severity.INFO)
    made.fire("drift", "now:shop/slow", made.ago(days=9))
    made.clear("drift", "now:shop/slow", made.ago(days=1), title="slow is back on track")
    return made
