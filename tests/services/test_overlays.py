"""What is said under every combination of overlays, through the real books and the real outbox: all 64 rows."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from collector.domain.alert import AlertKind, Condition, Signal, quiet
from collector.domain.announcement import Announcement, Occasion, Severity
from collector.domain.lifecycle import step
from collector.domain.policy import AlertPolicy
from collector.domain.quiet import Quiet
from collector.domain.silence import Ack, Silence
from collector.domain.speech import Told
from collector.ports.catalogue import NotifierEntry, Traits
from collector.ports.notifier import NotifierOptions
from collector.ports.store import LetterState
from collector.services.ledger import Ledger
from collector.services.speak import speak

NIGHT = Quiet(ZoneInfo("Europe/Berlin"), time(18), time(8))
NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
MIDNIGHT = NOON + timedelta(hours=11)
OPS = NotifierEntry("ops", "webhook", NotifierOptions(), traits=Traits(quiet=True))
SAID = {
    # told, open, acked: what is said when nothing keeps it back
    (False, False, False): [],
    (False, False, True): [],
    (False, True, False): ["first"],
    (False, True, True): ["first"],  # somebody has it in hand; who has not heard of it hears once
    (True, False, False): ["resolved"],
    (True, False, True): ["resolved"],
    (True, True, False): ["repeat"],
    (True, True, True): [],
}
"""Silences, quiet hours and an alert that speaks for it keep all of that back."""
ROWS = list(product((False, True), repeat=6))


def words(kind, alert, change):
    occasion = Occasion.FIRST if alert.state.open else Occasion.RESOLVED
    return Announcement(
        id=change.event, kind=kind.value, family=kind.family, severity=alert.severity, occasion=occasion,
        subject=alert.subject.partition(":")[2] or alert.subject, team="", title="It is so", sentence="It is.",
        at=change.at, episode=alert.episode, fingerprint=alert.fingerprint,
    )  # fmt: skip


@pytest.fixture
def scene(desk, make):
    """Give the books of one key result whose data is stale, and `move(kind, subject, condition, at)`."""
    books = desk(make.key_result())
    team = replace(books.okrs.teams["shop"], alerts=AlertPolicy(quiet=NIGHT))
    books.okrs = replace(books.okrs, teams={"shop": team})

    def move(kind, subject, condition, at):
        with books.store.write() as tx:
            fresh = quiet(kind, subject)
            alert = tx.alerts([fresh.fingerprint]).get(fresh.fingerprint, fresh)
            change = step(alert, Signal(condition, severity=Severity.TICKET), at).transition
            tx.add_transitions([replace(change, said=words(kind, change.alert, change))])
        return change.alert

    books.move = move
    return books


def spoken(books, kind, at):
    """Let the books speak, and give what they put into the outbox about a kind."""
    ledger = Ledger(books.okrs)
    with books.store.write() as tx:
        ledger.load(tx)
        speak(ledger, tx, {"ops": OPS}, [], at)
    with books.store.read() as tx:
        letters = [letter.announcement for letter in tx.letters([LetterState.DUE])]
    return [one.occasion.value for one in letters if one.kind == kind.value]


@pytest.mark.parametrize(
    ("told", "wrong", "acked", "silenced", "at_night", "inhibited"),
    ROWS,
    ids=lambda value: "yes" if value else "no",
)
def test_what_is_said_depends_on_these_six_and_nothing_else(
    scene, told, wrong, acked, silenced, at_night, inhibited
):
    at = MIDNIGHT if at_night else NOON
    [key] = scene.okrs.key_results
    alert = scene.move(AlertKind.STALE, key, Condition.FIRING, at - timedelta(hours=30))
    if not wrong:
        alert = scene.move(AlertKind.STALE, key, Condition.CLEAR, at - timedelta(hours=1))
    if inhibited:
        scene.move(AlertKind.SOURCE_DOWN, "house", Condition.FIRING, at - timedelta(hours=2))
    with scene.store.write() as tx:
        if told:
            tx.put_told([Told("ops", alert.fingerprint, 1, True, Severity.TICKET, at - timedelta(hours=25))])
        if acked:
            tx.put_ack(Ack(alert.fingerprint, 1, Severity.TICKET, at - timedelta(hours=20), "li"))
        if silenced:
            span = (at - timedelta(hours=1), at + timedelta(hours=1))
            tx.add_silence(Silence("shop", "shop/one", *span, "li", "a load test"))

    kept_back = silenced or at_night or inhibited
    assert spoken(scene, AlertKind.STALE, at) == ([] if kept_back else SAID[told, wrong, acked])


@pytest.mark.parametrize("wrong", [True, False], ids=["still wrong", "over meanwhile"])
def test_after_a_silence_what_still_fires_is_said_once_and_what_is_over_never(scene, wrong):
    [key] = scene.okrs.key_results
    ends = NOON + timedelta(hours=2)
    with scene.store.write() as tx:
        tx.add_silence(Silence("shop", "", NOON - timedelta(days=9), ends, "li", "the shop is closed"))
    scene.move(AlertKind.STALE, key, Condition.FIRING, NOON - timedelta(days=8))
    if not wrong:
        scene.move(AlertKind.STALE, key, Condition.CLEAR, NOON)

    during = spoken(scene, AlertKind.STALE, ends - timedelta(minutes=1))
    after = spoken(scene, AlertKind.STALE, ends)
    later = spoken(scene, AlertKind.STALE, ends + timedelta(hours=1))

    assert (during, after, later) == ([], ["first"] if wrong else [], ["first"] if wrong else [])


def test_growing_worse_is_said_though_somebody_has_it_in_hand(scene):
    [key] = scene.okrs.key_results
    alert = scene.move(AlertKind.STALE, key, Condition.FIRING, NOON - timedelta(hours=3))
    with scene.store.write() as tx:
        tx.put_told([Told("ops", alert.fingerprint, 1, True, Severity.TICKET, NOON - timedelta(hours=3))])
        tx.put_ack(Ack(alert.fingerprint, 1, Severity.TICKET, NOON - timedelta(hours=2), "li"))
        worse = step(alert, Signal(Condition.FIRING, severity=Severity.PAGE), NOON).transition
        tx.add_transitions([replace(worse, said=words(AlertKind.STALE, worse.alert, worse))])

    assert spoken(scene, AlertKind.STALE, NOON) == ["worse"]


def test_a_page_is_said_at_night_and_a_ticket_waits_for_the_morning(scene):
    [key] = scene.okrs.key_results
    alert = scene.move(AlertKind.STALE, key, Condition.FIRING, MIDNIGHT)
    ticket = spoken(scene, AlertKind.STALE, MIDNIGHT)
    with scene.store.write() as tx:
        worse = step(alert, Signal(Condition.FIRING, severity=Severity.PAGE), MIDNIGHT).transition
        tx.add_transitions([replace(worse, said=words(AlertKind.STALE, worse.alert, worse))])

    assert (ticket, spoken(scene, AlertKind.STALE, MIDNIGHT)) == ([], ["first"])
