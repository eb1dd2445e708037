"""What notifiers were told, and what people lay over alerts and notifiers: kept until it is replaced or taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind
from collector.domain.announcement import Severity
from collector.domain.silence import Ack, Silence
from collector.domain.speech import Told
from collector.ports.store import Disabled

HOUR = timedelta(hours=1)
HOSTILE = "half \ud83d a pair, nul \0, '); DROP TABLE acks;--"
HARMLESS = "half ? a pair, nul ?, '); DROP TABLE acks;--"


@pytest.fixture
def ack(at):
    return Ack("f", 2, Severity.PAGE, at, "li", "on it")


@pytest.fixture
def silence(at):
    return Silence("checkout", "checkout/p95", at, at + HOUR, "li", "a migration", AlertKind.DRIFT)


@pytest.fixture
def told(at):
    return Told("ops", "f", 2, open=True, severity=Severity.TICKET, at=at, repeats=3)


def test_what_a_notifier_was_told_last_takes_the_place_of_before(store, told, at):
    later = replace(told, open=False, severity=Severity.PAGE, at=at + HOUR, repeats=0)
    other = replace(told, notifier="pager")
    with store.write() as transaction:
        transaction.put_told([told, other])
        assert transaction.told() == [told, other]
        transaction.put_told([later])
    with store.read() as transaction:
        assert transaction.told() == [later, other]


def test_the_newest_acknowledgement_of_an_alert_is_kept(store, ack, at):
    newer, other = replace(ack, episode=3, at=at + HOUR), replace(ack, fingerprint="g", note="")
    with store.write() as transaction:
        for one in (ack, other, newer):
            transaction.put_ack(one)
    with store.read() as transaction:
        assert transaction.acks() == [newer, other]


def test_an_acknowledgement_is_taken_back_once(store, ack):
    with store.write() as transaction:
        transaction.put_ack(ack)
        assert transaction.drop_ack(ack.fingerprint)
        assert not transaction.drop_ack(ack.fingerprint)
        assert transaction.acks() == []


def test_silences_come_back_numbered_in_the_order_they_were_made(store, silence, at):
    every = replace(silence, key_result="", kind=None, ends=at + HOUR / 2)
    with store.write() as transaction:
        numbers = [transaction.add_silence(one) for one in (silence, every)]
    with store.read() as transaction:
        assert transaction.silences() == [replace(silence, id=numbers[0]), replace(every, id=numbers[1])]
    assert numbers == [1, 2]


def test_silences_are_given_that_end_after_an_instant(store, silence, at):
    with store.write() as transaction:
        transaction.add_silence(silence)
        transaction.add_silence(replace(silence, ends=at + HOUR * 2))
        assert [one.id for one in transaction.silences(at + HOUR)] == [2]
        assert [one.id for one in transaction.silences(at)] == [1, 2]


def test_a_silence_that_lasts_is_ended_once(store, silence, at):
    with store.write() as transaction:
        number = transaction.add_silence(silence)
        assert not transaction.end_silence(number + 1, at)
        assert not transaction.end_silence(number, at + HOUR)
        assert transaction.end_silence(number, at + HOUR / 2)
        assert not transaction.end_silence(number, at + HOUR / 2)
        [ended] = transaction.silences()
    assert ended == replace(silence, id=number, ends=at + HOUR / 2)


def test_a_silence_that_has_yet_to_begin_is_ended_too(store, silence, at):
    with store.write() as transaction:
        number = transaction.add_silence(silence)
        assert transaction.end_silence(number, at - HOUR)
        assert transaction.silences(at - HOUR) == []


def test_a_notifier_is_disabled_until_it_is_enabled(store, at):
    gone, again = Disabled("ops", "d1", at, "410 Gone"), Disabled("ops", "d2", at + HOUR, "410 again")
    with store.write() as transaction:
        assert not transaction.enable("ops")
        transaction.disable(gone)
        assert transaction.disabled() == {"ops": gone}
        transaction.disable(again)
        assert transaction.disabled() == {"ops": again}
        assert transaction.enable("ops")
        assert transaction.disabled() == {}


def test_hostile_text_of_people_and_servers_is_kept_harmless(store, ack, silence, at):
    with store.write() as transaction:
        transaction.put_ack(replace(ack, author=HOSTILE, note=HOSTILE))
        transaction.add_silence(replace(silence, author=HOSTILE, reason=HOSTILE))
        transaction.disable(Disabled("ops", "d", at, HOSTILE))
    with store.read() as transaction:
        [ack], [silence] = transaction.acks(), transaction.silences()
        assert {ack.author, ack.note, silence.author, silence.reason} == {HARMLESS}
        assert transaction.disabled()["ops"].why == HARMLESS


@pytest.mark.parametrize("what", ["silence", "end", "ack", "drop", "disable"])
def test_whoever_remembers_is_told_of_what_another_process_laid_over(
    store, opened, generation, ack, silence, at, what
):
    other = opened()
    with store.write() as transaction:
        number = transaction.add_silence(silence)
        transaction.put_ack(ack)
    before = generation(store)
    with other.write() as transaction:
        match what:
            case "silence":
                transaction.add_silence(silence)
            case "end":
                transaction.end_silence(number, at)
            case "ack":
                transaction.put_ack(replace(ack, episode=3))
            case "drop":
                transaction.drop_ack(ack.fingerprint)
            case "disable":
                transaction.disable(Disabled("ops", "d", at, "410 Gone"))
    assert generation(store) != before
