"""What is to be said arrives once, in its order, under one id; a receiver that fails or refuses harms nothing but its own."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from collector.clock import SetClock
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.backoff import LETTER_HORIZON
from collector.ports.catalogue import NotifierEntry, Traits
from collector.ports.notifier import Delivered, Gone, NotifierOptions, Refused, TryLater
from collector.ports.store import LetterState, Posting
from collector.services.announce import LEASE, Line, Outcome, announce, deliver
from collector.services.retry_letters import retry_letters
from collector.store import engine

AT = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


class Poison(Exception):
    pass


@dataclass
class Receiver:
    """A notifier that keeps what it was told, and answers as `answer(announcement, at)` says."""

    answer: object = lambda said, at: Delivered()
    said: list = field(default_factory=list)
    tried: list = field(default_factory=list)

    def send(self, announcement, at):
        self.tried.append((at, announcement))
        verdict = self.answer(announcement, at)
        if isinstance(verdict, Delivered):
            self.said.append(announcement)
        return verdict

    def close(self):
        pass


@dataclass
class Post:
    """An outbox with one notifier."""

    store: object
    clock: SetClock = field(default_factory=lambda: SetClock(AT))
    receiver: Receiver = field(default_factory=Receiver)
    line: Line = None
    share: float = 1.0

    def __post_init__(self):
        self.open()

    def open(self, digest="one", **traits):
        """Begin anew, as after a restart."""
        entry = NotifierEntry("ops", "made", NotifierOptions(), traits=Traits(**traits), digest=digest)
        self.line = Line(entry, self.receiver)

    def put(self, *announcements, group="", **more):
        with self.store.write() as tx:
            tx.enqueue([Posting("ops", one, group, **more) for one in announcements], self.clock.now())

    def send(self):
        """Give how sending one message went."""
        return deliver(self.store, self.line, self.clock, lambda: self.share)

    def run(self, for_):
        """Do what an announcer does for so long; gives what it sent."""
        ends, sent = self.clock.now() + for_, []
        while self.clock.now() < ends:
            wait = self.wait()
            if wait > timedelta(0):
                self.clock.set(min(self.clock.now() + wait, ends))
            elif (one := self.send()) is not None:
                sent.append(one)
        return sent

    def wait(self):
        """Give how long there is nothing to do."""
        with self.store.read() as tx:
            due = tx.next_due("ops")
        if due is None or "ops" in self.disabled():
            return HOUR
        paced = timedelta(seconds=self.line.pace.wait(self.clock.monotonic()))
        return paced if self.line.pace.open else max(due - self.clock.now(), paced)

    def disabled(self):
        with self.store.read() as tx:
            return {name for name, one in tx.disabled().items() if one.digest == self.line.entry.digest}

    def states(self):
        with self.store.read() as tx:
            return {state.value: count for state, count in tx.outbox().get("ops", {}).items()}

    def notes(self, state):
        with self.store.read() as tx:
            return [letter.note for letter in tx.letters([state])]


def say(alert, occasion=Occasion.FIRST, at=AT, episode=1, **more):
    facts = {
        "id": f"evt_{alert}_{episode}_{occasion.value}", "kind": "drift", "family": Family.VALUE,
        "severity": Severity.TICKET, "occasion": occasion, "subject": f"c:shop/{alert}", "team": "shop",
        "title": f"Off track: {alert}", "sentence": "Day 3 of 92.", "at": at, "episode": episode,
        "fingerprint": alert,
    }  # fmt: skip
    return Announcement(**{**facts, **more})


@pytest.fixture
def post(tmp_path):
    store = engine.open(f"sqlite:///{tmp_path}/krd.db")
    yield Post(store)
    store.close()


def ids(announcements):
    return [one.id for one in announcements]


def test_letters_of_one_group_travel_in_one_message(post):
    post.put(say("a"), say("b"), group="drift:shop")
    post.send()

    [said] = post.receiver.said
    assert ids(said.members) == ["evt_a_1_first", "evt_b_1_first"]
    assert post.states() == {"sent": 2}
    assert post.send() is None


def test_what_is_tried_again_is_the_same_message_to_the_last_letter(post):
    post.receiver.answer = lambda said, at: TryLater("busy") if at == AT else Delivered()
    post.put(say("a"), say("b"), group="drift:shop")
    post.send()
    post.clock.advance(MINUTE)
    post.put(say("c"), group="drift:shop")
    post.run(MINUTE)

    first, second, third = [said for _, said in post.receiver.tried]
    assert (first, third.id) == (second, "evt_c_1_first")


def test_what_happened_while_a_message_failed_is_told_once_after_it(post):
    post.receiver.answer = lambda said, at: TryLater("busy") if at < AT + 2 * HOUR else Delivered()
    post.put(say("a"), group="drift:shop")
    post.run(HOUR)
    post.put(say("b"), say("a", Occasion.RESOLVED), group="drift:shop")
    post.put(say("b", Occasion.RESOLVED), group="drift:shop")
    post.run(2 * HOUR)

    first, second = post.receiver.said
    assert (first.id, first.occasion) == ("evt_a_1_first", Occasion.FIRST)
    assert [(one.fingerprint, one.occasion.value) for one in second.members] == [
        ("b", "passed"),
        ("a", "resolved"),
    ]
    assert post.states() == {"sent": 4}


def test_one_429_and_then_a_resolve_deliver_both(post):
    answers = iter([TryLater("429")])
    post.receiver.answer = lambda said, at: next(answers, Delivered())
    post.put(say("a"), group="drift:shop")
    post.send()
    post.put(say("a", Occasion.RESOLVED), group="drift:shop")
    post.run(MINUTE)

    assert [one.occasion for one in post.receiver.said] == [Occasion.FIRST, Occasion.RESOLVED]


def test_a_receiver_that_asks_for_an_hour_is_left_alone_for_an_hour(post):
    post.receiver.answer = lambda said, at: TryLater("429", HOUR) if at < AT + HOUR else Delivered()
    post.put(say("a"))
    post.put(say("b"))
    post.run(HOUR - SECOND)
    assert len(post.receiver.tried) == 1

    post.run(MINUTE)
    assert sorted(ids(post.receiver.said)) == ["evt_a_1_first", "evt_b_1_first"]


def test_what_is_refused_is_a_dead_letter_at_once_and_holds_up_nothing(post):
    post.receiver.answer = lambda said, at: Refused("404") if said.fingerprint == "a" else Delivered()
    post.put(say("a"))
    post.put(say("b"))
    sent = post.run(MINUTE)

    assert [one.outcome for one in sent] == [Outcome.DEAD, Outcome.DELIVERED]
    assert (post.states(), post.notes(LetterState.DEAD)) == ({"dead": 1, "sent": 1}, ["404"])


def alerts_in(said):
    return {one.fingerprint for one in said.members or (said,)}


@pytest.mark.parametrize("how", ["refused", "raised"])
def test_one_alert_that_cannot_be_taken_costs_none_of_the_others(post, how):
    def answer(said, at):
        if "kr13" not in alerts_in(said):
            return Delivered()
        if how == "raised":
            raise Poison("canary")
        return Refused("the text is not taken", content=True)

    post.receiver.answer = answer
    post.put(*(say(f"kr{n}") for n in range(50)), group="drift:shop")
    post.put(say("other"))
    sent = post.run(10 * MINUTE)

    told = [alert for said in post.receiver.said for alert in alerts_in(said)]
    assert sorted(told) == sorted([f"kr{n}" for n in range(50) if n != 13] + ["other"])
    assert post.states() == {"dead": 1, "sent": 50}
    alone = [said for _, said in post.receiver.tried if alerts_in(said) == {"kr13"}]
    assert len(alone) <= 3
    assert not any("canary" in one.why for one in sent)


def test_one_poisonous_letter_is_dead_after_three_tries_and_delays_nobody(post):
    def answer(said, at):
        if said.fingerprint == "a":
            raise Poison
        return Delivered()

    post.receiver.answer = answer
    post.put(say("a"))
    for n in range(100):
        post.put(say(f"b{n}"))
        began = post.clock.now()
        post.run(5 * SECOND)
        assert post.receiver.said[-1].fingerprint == f"b{n}"
        assert next(at for at, said in reversed(post.receiver.tried) if said.fingerprint == f"b{n}") == began

    assert len([said for _, said in post.receiver.tried if said.fingerprint == "a"]) == 3
    assert post.states() == {"dead": 1, "sent": 100}


def test_a_letter_that_nobody_takes_now_does_not_hold_up_the_others(post):
    post.receiver.answer = lambda said, at: TryLater("503") if said.fingerprint == "a" else Delivered()
    post.put(say("a"))
    for n in range(200):
        post.put(say(f"b{n}"))
        post.run(30 * SECOND)

    delays = {said.fingerprint: at for at, said in reversed(post.receiver.tried)}
    late = [delays[f"b{n}"] - (AT + n * 30 * SECOND) for n in range(200)]
    assert post.states() == {"due": 1, "sent": 200}
    assert max(late) <= MINUTE


def test_what_the_other_side_failed_to_take_counts_for_nothing_when_the_notifier_breaks(post):
    answers = iter(["503"] * 5)

    def answer(said, at):
        if next(answers, None) is not None:
            return TryLater("503")
        raise Poison

    post.receiver.answer = answer
    post.put(say("a"))
    sent = post.run(2 * HOUR)

    assert [one.outcome.value for one in sent] == ["retried"] * 7 + ["dead"]


def test_a_notifier_that_breaks_once_is_given_the_same_message_again_whole(post):
    answers = iter([Poison])

    def answer(said, at):
        for error in answers:
            raise error
        return Delivered()

    post.receiver.answer = answer
    post.put(say("a"), say("b"), group="drift:shop")
    post.run(MINUTE)

    first, second = [said for _, said in post.receiver.tried]
    assert (first, post.states()) == (second, {"sent": 2})


def test_an_address_that_is_gone_is_disabled_and_loses_nothing(post):
    post.receiver.answer = lambda said, at: Gone("410")
    post.put(say("a"))
    post.put(say("b"))
    sent = post.run(HOUR)
    assert [one.outcome for one in sent] == [Outcome.GONE]
    post.open()
    assert (post.run(HOUR), post.states()) == ([], {"due": 2})

    post.receiver.answer = lambda said, at: Delivered()
    post.open(digest="another")
    post.run(MINUTE)
    assert sorted(ids(post.receiver.said)) == ["evt_a_1_first", "evt_b_1_first"]
    with post.store.read() as tx:
        assert tx.disabled() == {}


def test_a_person_sets_going_again_what_was_disabled_or_dead(post):
    post.receiver.answer = lambda said, at: Refused("401") if said.fingerprint == "a" else Gone("410")
    post.put(say("a"))
    post.put(say("b"))
    post.run(MINUTE)
    post.receiver.answer = lambda said, at: Delivered()
    done = retry_letters(post.store, post.clock.now(), actor="li", notifiers=["ops"])
    post.run(MINUTE)

    assert (done.revived, done.enabled) == (1, ("ops",))
    assert sorted(ids(post.receiver.said)) == ["evt_a_1_first", "evt_b_1_first"]
    with post.store.read() as tx:
        [deed] = tx.deeds()
    assert (deed.actor, deed.action, deed.subject) == ("li", "retry", "ops")


def test_who_took_too_long_does_not_settle_what_another_took_over(post):
    def slow(said, at):
        post.clock.advance(LEASE + SECOND)
        with post.store.write() as tx:
            tx.claim("ops", post.clock.now(), post.clock.now() + LEASE)
        return Delivered()

    post.receiver.answer = slow
    post.put(say("a"))

    assert post.send().outcome is Outcome.FENCED
    assert post.states() == {"due": 1}


def test_who_died_after_the_claim_is_followed_by_the_same_message(post):
    post.put(say("a"), say("b"), group="drift:shop")
    with post.store.write() as tx:
        bundle = tx.claim("ops", AT, AT + LEASE)
    assert post.send() is None
    post.put(say("c"), group="drift:shop")
    post.clock.advance(LEASE)
    post.run(MINUTE)

    assert [post.receiver.said[0].id, post.receiver.said[1].id] == [bundle.id, "evt_c_1_first"]


def test_what_never_arrives_is_given_up_after_three_days(post):
    post.receiver.answer = lambda said, at: TryLater("500")
    post.put(say("a"))
    post.run(MINUTE)
    post.clock.set(AT + LETTER_HORIZON - MINUTE)
    post.run(MINUTE)
    assert post.states() == {"due": 1}
    post.run(2 * HOUR)
    assert post.states() == {"dead": 1}


def test_a_time_in_which_nobody_tried_gives_nothing_up(post):
    answers = iter([TryLater("503")])
    post.receiver.answer = lambda said, at: next(answers, Delivered())
    post.put(say("a"))
    post.clock.advance(LETTER_HORIZON + HOUR)
    post.run(MINUTE)

    assert post.states() == {"sent": 1}


def test_a_brief_is_not_sent_after_its_sync(post):
    post.receiver.answer = lambda said, at: TryLater("503") if at < AT + HOUR else Delivered()
    post.put(say("brief"), group="sync:shop", expires=AT + HOUR)
    post.run(3 * HOUR)

    assert (post.receiver.said, post.states()) == ([], {"dead": 1})
    assert post.notes(LetterState.DEAD) == ["the sync is over"]


def test_what_changed_since_the_brief_waits_for_the_brief_and_is_a_message_of_its_own(post):
    post.receiver.answer = lambda said, at: TryLater("503") if at < AT + MINUTE else Delivered()
    post.put(say("brief"), group="sync:shop", expires=AT + 3 * HOUR)
    post.send()
    post.put(say("changes"), group="sync:shop", expires=AT + 3 * HOUR)
    post.run(HOUR)

    assert [(one.fingerprint, one.members) for one in post.receiver.said] == [("brief", ()), ("changes", ())]


def test_what_takes_one_alert_at_a_time_gets_them_apart_and_in_order(post):
    post.open(groups=False)
    again = say("a", episode=2)
    post.put(say("a"), say("a", Occasion.RESOLVED), again, say("b"), group="drift:shop")
    post.run(10 * MINUTE)

    assert all(not said.members for said in post.receiver.said)
    assert [(one.thread, one.occasion.value) for one in post.receiver.said] == [
        ("a:1", "passed"),
        ("a:2", "first"),
        ("b:1", "first"),
    ]


def test_a_message_that_says_a_thing_is_over_goes_after_the_one_that_it_began(post):
    post.open(groups=False)
    post.receiver.answer = lambda said, at: TryLater("503") if at < AT + MINUTE else Delivered()
    post.put(say("a"), group="a")
    post.send()
    post.put(say("a", Occasion.RESOLVED), group="a")
    post.run(10 * MINUTE)

    assert [one.occasion for one in post.receiver.said] == [Occasion.FIRST, Occasion.RESOLVED]


def test_a_single_pass_sends_what_waits_for_others_but_tries_nothing_before_its_time(post):
    post.receiver.answer = lambda said, at: TryLater("429", HOUR) if said.fingerprint == "a" else Delivered()
    post.put(say("a"), group="drift:a")
    post.send()
    post.open()
    post.put(say("b"), group="drift:b", wait=MINUTE)
    sent = announce(post.store, post.line, post.clock, lambda: 1.0, lambda _: None, early=True)
    post.open()
    again = announce(post.store, post.line, post.clock, lambda: 1.0, lambda _: None, early=True)

    assert ([one.outcome for one in sent], again) == ([Outcome.DELIVERED], [])
    assert [said.fingerprint for _, said in post.receiver.tried] == ["a", "b"]
    post.run(HOUR + MINUTE)
    assert [at - AT for at, said in post.receiver.tried if said.fingerprint == "a"][1] == HOUR


def test_a_single_pass_sends_the_others_after_one_that_fails_and_counts_no_try_that_was_none(post):
    post.receiver.answer = lambda said, at: TryLater("503") if said.fingerprint == "a" else Delivered()
    for alert in "abc":
        post.put(say(alert), group=f"drift:{alert}", wait=MINUTE)
    for _ in range(5):
        post.open()
        announce(post.store, post.line, post.clock, lambda: 1.0, lambda _: None, early=True)

    assert [said.fingerprint for _, said in post.receiver.tried] == ["a", "b", "c"]
    with post.store.read() as tx:
        [letter] = tx.letters([LetterState.DUE])
    assert letter.attempts == 1


def test_a_single_pass_does_not_cut_the_interval_of_a_group_short(post):
    post.put(say("a"), group="drift:shop", interval=HOUR)
    post.send()
    post.put(say("b"), group="drift:shop", wait=MINUTE, interval=HOUR)
    again = announce(post.store, post.line, post.clock, lambda: 1.0, lambda _: None, early=True)
    assert again == []

    post.clock.advance(HOUR)
    [sent] = announce(post.store, post.line, post.clock, lambda: 1.0, lambda _: None, early=True)
    assert sent.outcome is Outcome.DELIVERED


def test_a_single_pass_keeps_to_the_rate_and_ends_where_nobody_answers(post):
    waits = []
    for n in range(30):
        post.put(say(f"a{n}"))
    sent = announce(post.store, post.line, post.clock, lambda: 1.0, waits.append)
    assert (len(sent), waits[:5]) == (20, [0.0] * 5)
    assert min(waits[5:]) == 1.0

    post.receiver.answer = lambda said, at: TryLater("503")
    post.open()
    assert len(announce(post.store, post.line, post.clock, lambda: 1.0, waits.append)) == 3


@pytest.mark.parametrize("seed", range(2))
def test_after_six_hours_of_outage_500_events_are_told_in_order_within_ten_minutes(post, seed):
    draw = random.Random(seed)
    back = AT + 6 * HOUR
    post.receiver.answer = lambda said, at: TryLater("refused") if at < back else Delivered()
    episodes, open_ = {}, set()
    for _ in range(500):
        alert = f"kr{draw.randrange(40)}"
        over = alert in open_
        episodes[alert] = episodes.get(alert, 0) + (not over)
        open_ ^= {alert}
        occasion = Occasion.RESOLVED if over else Occasion.FIRST
        group = f"drift:team{int(alert[2:]) % 7}"
        post.put(say(alert, occasion, post.clock.now(), episodes[alert]), group=group)
        post.share = draw.random()
        post.run(6 * HOUR / 510)
    assert post.clock.now() < back
    post.run(back - post.clock.now())
    assert post.receiver.said == []
    post.run(10 * MINUTE)

    assert post.states() == {"sent": 500}, f"seed {seed}"
    told = [  # in one message what is so comes first, whatever its episode
        one
        for said in post.receiver.said
        for one in sorted(said.members or (said,), key=lambda one: one.episode)
    ]
    for alert, episode in episodes.items():
        mine = [one for one in told if one.fingerprint == alert]
        assert [one.episode for one in mine] == sorted(one.episode for one in mine), f"seed {seed}"
        assert (mine[-1].episode, mine[-1].occasion.over) == (episode, alert not in open_), f"seed {seed}"


def test_500_letters_that_cannot_travel_together_are_out_within_ten_minutes_of_the_return(post):
    back = AT + 6 * HOUR
    post.receiver.answer = lambda said, at: TryLater("refused") if at < back else Delivered()
    for n in range(500):
        post.put(say(f"kr{n}"))
    post.run(6 * HOUR)
    post.run(10 * MINUTE)

    assert post.states() == {"sent": 500}
    assert len(ids(post.receiver.said)) == len(set(ids(post.receiver.said))) == 500
