"""What is said arrives at least once, always under the same id, and never in vain for ever."""

from datetime import timedelta

import pytest

from collector.app import build
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.ports.store import LetterState, Posting
from collector.services.announce import LEASE, Line, announce

SOURCE = {"prod": "{kind: prometheus, url: 'http://127.0.0.1:9'}"}


def letter(number, at):
    return Announcement(
        id=f"evt_{number}", kind="test", family=Family.DAEMON, severity=Severity.INFO, occasion=Occasion.TEST,
        subject="krd", team="shop", title="A test", sentence="This is a test.", at=at, fingerprint=str(number),
    )  # fmt: skip


@pytest.fixture
def post(house, receiver):
    """Give the store with letters 1 and 2 in the outbox, and `send()`: one handful to the receiver."""
    house.write(
        sources=SOURCE,
        key_results={"one": "{source: prod, query: up}"},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
    )
    app = build(house.settings, house.clock)
    at = house.clock.now()
    with app.store.write() as tx:
        tx.enqueue([Posting("hook", letter(number, at)) for number in (1, 2)], at)
    line = Line(app.configuration.notifiers["hook"], app.notifiers["hook"])
    yield app.store, lambda: announce(app.store, line, house.clock, lambda: 1.0, lambda _seconds: None)
    app.close()


def states(store):
    with store.read() as tx:
        return dict(tx.outbox()["hook"])


def test_429_with_retry_after_waits_that_long_and_is_delivered(house, receiver, post):
    store, send = post
    receiver.answers = [(429, {"retry-after": "600"})]
    send()
    assert [letter for letter, _ in receiver.letters] == ["evt_1"]
    house.clock.advance(timedelta(seconds=599))
    send()
    assert len(receiver.letters) == 1, "no other letter is sent either"
    house.clock.advance(timedelta(seconds=2))
    send()
    assert sorted(letter for letter, _ in receiver.letters) == ["evt_1", "evt_1", "evt_2"]
    assert states(store) == {LetterState.SENT: 2}


def test_503_is_tried_again_and_arrives_under_the_same_id(house, receiver, post):
    store, send = post
    receiver.answers = [(503, {})] * 4
    for _ in range(4):
        send()
        house.clock.advance(timedelta(hours=2))
    assert {"evt_1", "evt_2"} == {letter for letter, _ in receiver.letters}
    assert states(store) == {LetterState.SENT: 2}


def test_400_is_a_dead_letter_and_the_next_one_goes_on(receiver, post):
    store, send = post
    receiver.answers = [(400, {})]
    send()
    assert [letter for letter, _ in receiver.letters] == ["evt_1", "evt_2"]
    assert states(store) == {LetterState.DEAD: 1, LetterState.SENT: 1}


def test_410_ends_the_sending_to_this_address(receiver, post):
    store, send = post
    receiver.answers = [(410, {})]
    sent = send()
    assert 1 == len(sent) == len(receiver.letters)
    assert send() == []
    assert states(store) == {LetterState.DUE: 2}, "nothing is lost: it goes when the address is another one"


def test_who_dies_between_sending_and_writing_it_down_sends_the_same_id_again(house, receiver, post):
    store, send = post
    at = house.clock.now()
    with store.write() as tx:
        bundle = tx.claim("hook", at, at + LEASE)  # claimed, and then the process is gone
    send()
    assert [found for found, _ in receiver.letters] == ["evt_2"], "what is claimed is not sent by another one"
    house.clock.advance(LEASE + timedelta(seconds=1))
    send()
    assert ["evt_2", bundle.id] == [found for found, _ in receiver.letters]
    with store.write() as tx:
        assert not tx.settle(bundle, LetterState.DEAD, house.clock.now(), due=None, note=""), (
            "the old claim is fenced"
        )
    assert states(store) == {LetterState.SENT: 2}


def test_a_letter_that_never_arrives_is_given_up_after_three_days(house, receiver, post):
    store, send = post
    receiver.answers = [(500, {})] * 10_000
    for _ in range(80):
        send()
        house.clock.advance(timedelta(hours=1))
    assert states(store) == {LetterState.DEAD: 2}


def test_a_daemon_with_a_dead_address_keeps_telling_the_others_and_does_not_spin(
    house, prom, receiver, eventually
):
    server = prom()
    other = receiver.url.replace("/hook", "/other")
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT1S}}"},
        key_results={"one": "{source: prod, query: vector(60), every: 6h}"},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}, other: {{kind: webhook, url: '{other}'}}}}",
    )
    receiver.answers = [(410, {})]
    house.start()
    house.step(timedelta(hours=6), times=30)
    eventually(lambda: len(receiver.letters) >= 2)
    with house.running.app.store.read() as tx:
        outbox = tx.outbox()
        disabled = tx.disabled()
    [gone] = disabled
    [alive] = {"hook", "other"} - {gone}
    assert set(outbox[gone]) == {LetterState.DUE}
    assert outbox[alive][LetterState.SENT] >= 1
    sent = house.daemon.tally.vitals(0).sent
    assert {what: times for what, times in sent.items() if what.startswith(gone)} == {f"{gone}:gone": 1}
