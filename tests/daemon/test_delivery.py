"""Announcers deliver side by side: whoever fails is left alone, tells of itself through others, and is caught up with."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from collector.clock import WallClock
from collector.daemon.announcers import Announcers
from collector.daemon.sink_trouble import CALM
from collector.daemon.tally import Tally
from collector.domain.alert import AlertKind, AlertState, Transition, quiet
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.speech import Told
from collector.notifiers.webhook import Webhook, WebhookOptions
from collector.ports.catalogue import NotifierEntry, Traits
from collector.ports.notifier import Delivered, NotifierOptions, TryLater
from collector.ports.store import Disabled, LetterState, Posting
from collector.services.retry_letters import retry_letters
from collector.store import engine

MINUTE = timedelta(minutes=1)


def say(alert, at, occasion=Occasion.FIRST, **more):
    facts = {
        "id": f"evt_{alert}_{occasion.value}", "kind": "drift", "family": Family.VALUE, "severity": Severity.TICKET,
        "occasion": occasion, "subject": f"c:shop/{alert}", "team": "shop", "title": f"Off track: {alert}",
        "sentence": "Day 3 of 92.", "at": at, "episode": 1, "fingerprint": alert,
    }  # fmt: skip
    return Announcement(**{**facts, **more})


@dataclass
class Posts:
    """Announcers over a store, with what they said of themselves."""

    store: object
    clock: object
    entries: dict = field(default_factory=dict)
    notifiers: dict = field(default_factory=dict)
    told: list = field(default_factory=list)
    deaf: int = 0
    """So often nobody can listen to what they tell."""
    running: Announcers | None = None
    tally: Tally | None = None

    def webhook(self, name, url, digest="one", **traits):
        self.add(name, Webhook(WebhookOptions(url=url)), digest, **traits)

    def add(self, name, notifier, digest="one", **traits):
        self.notifiers[name] = notifier
        self.entries[name] = NotifierEntry(
            name, "made", NotifierOptions(), traits=Traits(**traits), digest=digest
        )

    def put(self, name, *announcements, group=""):
        with self.store.write() as tx:
            tx.enqueue([Posting(name, one, group) for one in announcements], self.clock.now())
        if self.running is not None:
            self.running.ring()

    def start(self):
        self.tally = Tally(self.clock.now())
        self.running = Announcers(
            self.store,
            self.notifiers,
            self.entries,
            self.clock,
            self.tally,
            lambda *news: self.told.append(news),
        )
        self.running.start()

    def stop(self):
        if self.running is not None:
            self.running.stop(timedelta(seconds=20))
            assert not any(thread.is_alive() for thread in self.running._threads)
            self.running = None

    def hear(self, *news):
        if self.deaf > 0:
            self.deaf -= 1
            return False
        self.told.append(news)
        return True

    @property
    def counts(self):
        """What became of messages: counted when that is written down."""
        return self.tally.vitals(0).sent

    def pass_time(self, by):
        self.clock.advance(by)
        self.running.ring()

    def states(self, name):
        with self.store.read() as tx:
            return {state.value: count for state, count in tx.outbox().get(name, {}).items()}


@pytest.fixture
def posts(tmp_path, house):
    store = engine.open(f"sqlite:///{tmp_path}/krd.db")
    made = Posts(store, house.clock)
    yield made
    made.stop()
    store.close()


def test_a_notifier_that_fails_for_ten_minutes_is_told_of_once_and_again_when_it_delivers(
    posts, receiver, eventually
):
    receiver.answers = [(503, {})] * 10_000
    posts.webhook("ops", receiver.url)
    at = posts.clock.now()
    posts.put("ops", say("a", at))
    posts.start()
    eventually(lambda: posts.counts.get("ops:retried") == 1)
    for minute in range(1, 15):
        tried = posts.counts["ops:retried"]
        posts.pass_time(MINUTE)
        eventually(lambda tried=tried: posts.counts["ops:retried"] > tried)
        if minute < 10:
            assert posts.told == []
    [(name, since, why)] = posts.told
    assert (name, since, why) == ("ops", at, "127.0.0.1 answered 503")

    receiver.answers.clear()
    posts.pass_time(MINUTE)
    eventually(lambda: posts.states("ops") == {"sent": 1})
    assert len(posts.told) == 1
    posts.pass_time(CALM)
    eventually(lambda: posts.told[1:] == [("ops", None, "")])


def test_of_a_dead_letter_others_hear_at_once(posts, receiver, eventually):
    receiver.answers = [(400, {})]
    posts.webhook("ops", receiver.url)
    posts.put("ops", say("a", posts.clock.now()))
    posts.start()
    eventually(lambda: posts.told)

    [(name, since, why)] = posts.told
    assert (name, since, posts.states("ops")) == ("ops", posts.clock.now(), {"dead": 1})
    assert "400" in why


def test_what_nobody_could_listen_to_is_told_again(posts, receiver, eventually):
    receiver.answers = [(400, {})]
    posts.webhook("ops", receiver.url)
    posts.deaf = 2
    posts.put("ops", say("a", posts.clock.now()))
    posts.start()
    eventually(lambda: posts.running.ring() or posts.told)

    assert [name for name, _, _ in posts.told] == ["ops"]


def test_a_notifier_that_is_gone_stays_alone_over_a_restart_until_it_is_another_one(
    posts, receiver, eventually
):
    receiver.answers = [(410, {})]
    posts.webhook("ops", receiver.url)
    at = posts.clock.now()
    posts.put("ops", say("a", at))
    posts.start()
    eventually(lambda: posts.told)
    assert posts.counts == {"ops:gone": 1}
    posts.stop()
    posts.told.clear()

    posts.start()
    eventually(lambda: posts.told)
    posts.pass_time(timedelta(hours=100))
    posts.put("ops", say("b", posts.clock.now()))
    posts.stop()
    assert [(name, since) for name, since, _ in posts.told] == [("ops", at)]
    assert len(receiver.letters) == 1

    posts.webhook("ops", receiver.url, digest="another")
    posts.start()
    eventually(lambda: posts.states("ops") == {"sent": 2})
    eventually(lambda: posts.told[1:] == [("ops", None, "")])


def test_a_person_enables_a_notifier_while_krd_runs(posts, receiver, eventually):
    posts.webhook("ops", receiver.url)
    with posts.store.write() as tx:
        tx.disable(Disabled("ops", "one", posts.clock.now(), "410"))
    posts.put("ops", say("a", posts.clock.now()))
    posts.start()
    eventually(lambda: posts.told)
    assert receiver.letters == []
    with posts.store.write() as tx:
        tx.enable("ops")
    eventually(lambda: posts.states("ops") == {"sent": 1})


def test_a_person_ends_the_rest_that_a_receiver_asked_for(posts, receiver, eventually):
    receiver.answers = [(429, {"retry-after": "86400"})]
    posts.webhook("ops", receiver.url)
    posts.put("ops", say("a", posts.clock.now()))
    posts.start()
    eventually(lambda: posts.counts.get("ops:retried") == 1)
    posts.pass_time(MINUTE)
    posts.put("ops", say("b", posts.clock.now()))
    posts.pass_time(MINUTE)
    assert posts.states("ops") == {"due": 2}

    retry_letters(posts.store, posts.clock.now(), actor="li", notifiers=["ops"])
    posts.running.ring()

    eventually(lambda: posts.states("ops") == {"sent": 2})


def test_a_receiver_that_hangs_delays_no_other_by_a_second(tmp_path, receiver, eventually):
    store = engine.open(f"sqlite:///{tmp_path}/krd.db")
    posts = Posts(store, WallClock())
    hanging, arrived = threading.Event(), {}

    class Hangs:
        def send(self, announcement, at):
            hanging.wait(20)
            return TryLater("it took 20 s")

        def close(self):
            pass

    class Prompt:
        def send(self, announcement, at):
            arrived[announcement.id] = at
            return Delivered()

        def close(self):
            pass

    posts.add("slow", Hangs())
    posts.add("prompt", Prompt(), rate=1000.0)
    posts.start()
    put = {}
    for n in range(60):
        said = say(f"a{n}", posts.clock.now())
        put[said.id] = said.at
        posts.put("slow", said)
        posts.put("prompt", said)
    eventually(lambda: len(arrived) == 60)
    hanging.set()
    posts.stop()
    store.close()

    assert max((arrived[one] - put[one]).total_seconds() for one in put) < 1.0


def test_a_long_outage_is_one_line_in_the_log_and_one_when_it_is_over(posts, receiver, eventually):
    receiver.answers = [(503, {})] * 10_000
    posts.webhook("ops", receiver.url)
    posts.put("ops", say("a", posts.clock.now()))
    with capture_logs() as lines:
        posts.start()
        for _ in range(10):
            tried = posts.counts.get("ops:retried", 0)
            posts.pass_time(MINUTE)
            eventually(lambda tried=tried: posts.counts.get("ops:retried", 0) > tried)
        receiver.answers.clear()
        posts.pass_time(MINUTE)
        eventually(lambda: posts.states("ops") == {"sent": 1})
        posts.stop()
    events = [line["event"] for line in lines if line["log_level"] != "info"]

    assert events.count("notifier_left_alone") == 1
    assert len(events) <= 4
    assert [line["event"] for line in lines].count("notifier_answers_again") == 1


class Forgetful:
    """A notifier whose other side forgets; it keeps what it was told to uphold."""

    def __init__(self):
        self.upheld = []
        self.answer = Delivered()

    def send(self, announcement, at):
        return Delivered()

    def uphold(self, standing, at):
        self.upheld.append((at, [one.id for one in standing]))
        return self.answer

    def close(self):
        pass


def changes(posts, alert, *steps):
    """Keep changes of an alert of which `ops` was told."""
    at = posts.clock.now()
    known = quiet(AlertKind.DRIFT, alert)
    moved, was = [], AlertState.INACTIVE
    for number, (state, worse) in enumerate(steps):
        event = f"evt_{alert}_{number}"
        known = type(known)(
            fingerprint=known.fingerprint, kind=known.kind, subject=alert, state=state, episode=1, step=number,
            since=at, event=event if worse else known.event,
        )  # fmt: skip
        moved.append(Transition(event, known, was, at, said=say(alert, at, id=event)))
        was = state
    told = Told("ops", known.fingerprint, 1, known.state.open, Severity.TICKET, at)
    other = Told("other", known.fingerprint, 1, known.state.open, Severity.TICKET, at)
    with posts.store.write() as tx:
        tx.add_transitions(moved)
        tx.put_told([told, other])


def test_what_stands_is_upheld_with_its_newest_words_until_it_is_over(posts, eventually):
    ops = Forgetful()
    posts.add("ops", ops, resend=MINUTE)
    firing, recovering = AlertState.FIRING, AlertState.RECOVERING
    changes(posts, "a", (firing, True), (firing, True), (recovering, False))
    changes(posts, "b", (firing, True))
    changes(posts, "over", (firing, True), (AlertState.RESOLVED, True))
    posts.start()
    eventually(lambda: len(ops.upheld) == 1)
    posts.pass_time(MINUTE)
    eventually(lambda: len(ops.upheld) == 2)

    assert [sorted(found) for _, found in ops.upheld] == [["evt_a_1", "evt_b_0"]] * 2


def test_upholding_that_fails_is_tried_at_the_next_time_said_once_and_told_of(posts, eventually):
    ops = Forgetful()
    ops.answer = TryLater("503")
    posts.add("ops", ops, resend=2 * MINUTE)
    changes(posts, "a", (AlertState.FIRING, True))
    with capture_logs() as lines:
        posts.start()
        [desk] = posts.running._desks
        eventually(lambda: desk.line.pace.failures == 1)
        for times in range(2, 8):
            posts.pass_time(2 * MINUTE)
            eventually(lambda times=times: desk.line.pace.failures == times)
        ops.answer = Delivered()
        posts.pass_time(2 * MINUTE)
        eventually(lambda: len(ops.upheld) == 8)
        posts.pass_time(CALM)
        eventually(lambda: len(posts.told) == 2)
        posts.stop()

    events = [line["event"] for line in lines]
    assert (events.count("not_upheld"), events.count("upheld_again")) == (1, 1)
    assert [(name, since is None) for name, since, _ in posts.told] == [("ops", False), ("ops", True)]


def test_counts_for_the_metrics_say_what_became_of_every_message(posts, receiver, eventually):
    receiver.answers = [(503, {}), (400, {})]
    posts.webhook("ops", receiver.url)
    posts.start()
    posts.put("ops", say("a", posts.clock.now()))
    eventually(lambda: posts.counts == {"ops:retried": 1})
    posts.put("ops", say("b", posts.clock.now()))
    eventually(lambda: posts.counts == {"ops:retried": 1, "ops:dead": 1})
    posts.pass_time(MINUTE)
    eventually(lambda: posts.states("ops") == {"dead": 1, "sent": 1})
    posts.stop()

    assert posts.counts == {"ops:retried": 1, "ops:dead": 1, "ops:delivered": 1}
    with posts.store.read() as tx:
        [dead] = tx.letters([LetterState.DEAD])
    assert "400" in dead.note
