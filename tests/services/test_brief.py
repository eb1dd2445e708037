"""A brief is stored once a sync, tells what people laid over alerts, and is marked as missed when it never went out."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from collector.domain.alert import Alert, AlertKind, AlertState, Transition, fingerprint_of
from collector.domain.announcement import Occasion, Severity
from collector.domain.moments import MomentKind, moments_of
from collector.domain.okr import Launch
from collector.domain.silence import Ack, Silence
from collector.notifiers.console import ConsoleOptions
from collector.ports.catalogue import NotifierEntry, Only, Traits
from collector.ports.kept import LetterState
from collector.services.beside_brief import speaks_of
from collector.services.miss_moments import note_missed
from collector.services.tick import Errand
from collector.services.write_brief import preview, send_brief

BRIEF = datetime(2026, 11, 13, 14, tzinfo=UTC)
"""Friday 15:00 in Berlin."""
SYNC = datetime(2026, 11, 16, 9, tzinfo=UTC)


def entry(name, **more):
    return NotifierEntry(name, "console", ConsoleOptions(), **more)


def moment(make, kind=MomentKind.BRIEF, sync=SYNC):
    return next(one for one in moments_of("shop", make.calendar, sync, None) if one.kind is kind)


def send(desk, make, at=BRIEF, *entries, sync=SYNC):
    """Send the brief as the daemon does, and give what was said."""
    said, due = [], moment(make, sync=sync)
    routes = {one.name: one for one in entries or [entry("ops")]}

    def act(ledger, tx, _, at):
        said.append(send_brief(ledger, tx, due, routes, at))
        return []

    desk.books.keep(at, errand=Errand(act, partial(speaks_of, due)), standings={})
    return said[0]


def firing(desk, kind=AlertKind.BREACH, opened=BRIEF - timedelta(days=1), name="one"):
    """Have an alert of a key result fire, as if a rule had moved it."""
    subject = desk.account(name).key_result.key
    alert = Alert(
        fingerprint_of(kind, subject),
        kind,
        subject,
        AlertState.FIRING,
        episode=1,
        step=1,
        since=opened,
        opened=opened,
        severity=Severity.TICKET,
        event="evt_1",
    )
    with desk.store.write() as tx:
        tx.add_transitions([Transition("evt_1", alert, AlertState.INACTIVE, opened)])
    desk.books.ledger.forget()
    return alert


def parts(said):
    return {part.heading: part.lines for part in said.sections}


def letters(desk):
    with desk.store.read() as tx:
        return {(one.notifier, one.announcement.id) for one in tx.letters([LetterState.DUE])}


def test_a_brief_goes_alone_to_everybody_who_wants_news_once_a_sync(desk, make):
    made = desk(make.key_result(), at=BRIEF)
    said = send(made, make)

    assert letters(made) == {("ops", said.id)}
    assert (said.occasion, said.kind, said.team, said.lines) == (Occasion.BRIEF, "brief", "shop", ())
    assert said.sentence == "The sync is in 2 days, Mon 16 Nov 10:00."
    assert send(made, make) is None


@pytest.mark.parametrize(
    "deaf", [{"only": Only(kinds=frozenset({"drift"}))}, {"traits": Traits(alerts_only=True)}]
)
def test_a_notifier_that_wants_none_gets_none_and_the_brief_counts_as_sent(desk, make, deaf):
    made = desk(make.key_result(), at=BRIEF)

    assert send(made, make, BRIEF, entry("ops", **deaf)) is not None
    assert letters(made) == set()
    assert send(made, make) is None


def test_a_brief_that_would_be_stored_after_its_sync_is_not_said(desk, make):
    made = desk(make.key_result(), at=SYNC)

    assert send(made, make, SYNC) is None
    with made.store.write() as tx:
        assert {one.kind for one in note_missed(tx, made.okrs, SYNC)} == set(MomentKind)


def test_a_preview_says_what_would_be_sent_and_keeps_nothing(desk, make):
    made = desk(make.key_result(), at=BRIEF)
    [shown] = preview(made.store, made.okrs, [moment(make)], BRIEF)

    assert letters(made) == set()
    assert shown.brief.title == send(made, make).title


def test_an_acknowledged_alert_says_by_whom(desk, make):
    made = desk(make.key_result(), at=BRIEF)
    alert = firing(made)
    with made.beside.write() as tx:
        tx.put_ack(Ack(alert.fingerprint, 1, Severity.TICKET, BRIEF, "li", "rolled back"))

    assert parts(send(made, make))["Issues"][-1] == (
        "Over its limit: One (Li), since Thu 12 Nov 15:00 (acknowledged by li: rolled back)"
    )


def test_a_silenced_alert_says_until_when_and_why(desk, make):
    made = desk(make.key_result(), at=BRIEF)
    firing(made)
    with made.beside.write() as tx:
        ends = BRIEF + timedelta(days=7)
        tx.add_silence(Silence("shop", "shop/one", BRIEF, ends, "sam", "being rebuilt"))

    assert parts(send(made, make))["Issues"][-1].endswith("(silenced until 2026-11-20 by sam: being rebuilt)")


def test_alerts_of_other_teams_are_not_told(desk, make):
    made = desk(make.key_result(), make.key_result(name="two", team="other", address="other/two"), at=BRIEF)
    subject = "2026-Q4:other/two"
    alert = Alert(
        fingerprint_of(AlertKind.BREACH, subject), AlertKind.BREACH, subject, AlertState.FIRING, 1, 1
    )
    with made.store.write() as tx:
        tx.add_transitions([Transition("evt_2", alert, AlertState.INACTIVE, BRIEF)])
    made.books.ledger.forget()

    assert "other" not in str(send(made, make).document())


def test_launches_before_the_sync_after_this_one_and_its_date_are_planned(desk, make):
    launches = (Launch(date(2026, 11, 23), 30), Launch(date(2026, 11, 24), 10), Launch(date(2026, 11, 12), 5))
    made = desk(make.key_result(launches=launches), at=BRIEF)

    assert parts(send(made, make))["Plan ahead"] == (
        "Li: next __",
        "shop/one: launch on 2026-11-23, expected to move it by 30 % of the way",
        "the sync after this one: Mon 23 Nov 10:00",
    )


def test_the_first_brief_compares_with_the_start_and_later_ones_with_the_last_sync(desk, make):
    made = desk(make.key_result(make.daily(answers_the_past=False)), at=make.midnight(0))
    made.nothing_before()
    made.read(make.midnight(0), 1000)
    first = send(made, make, datetime(2026, 10, 2, 13, tzinfo=UTC), sync=datetime(2026, 10, 5, 8, tzinfo=UTC))
    for day in range(1, 43):
        made.read(make.midnight(day), 1000 - 10 * day)
    later = send(made, make)

    assert "Results progress since the start" in parts(first)
    [line] = parts(later)["Results progress since the sync on Mon 9 Nov 10:00"]
    assert " → " in line
    assert line.partition(".")[0].endswith("since the last sync")


def test_a_brief_in_the_last_hour_leaves_no_changes_to_be_told(desk, make):
    made = desk(make.key_result(), at=BRIEF)
    send(made, make, SYNC - timedelta(hours=1))

    with made.store.read() as tx:
        assert tx.moment_marked("shop", "2026-Q4", "changes", SYNC)
        assert not tx.moment_marked("shop", "2026-Q4", "escalation", SYNC)


def test_what_was_missed_is_noted_back_to_the_last_brief_and_once(desk, make):
    made = desk(make.key_result(), at=BRIEF)
    send(made, make)
    at = SYNC + timedelta(days=15)
    with made.store.write() as tx:
        missed = note_missed(tx, made.okrs, at)
        again = note_missed(tx, made.okrs, at)

    told = [(one.kind.value, (one.sync - SYNC).days) for one in missed]
    assert told == [
        ("brief", 14), ("escalation", 14), ("changes", 14),
        ("brief", 7), ("escalation", 7), ("changes", 7),
        ("escalation", 0), ("changes", 0),
    ]  # fmt: skip
    assert again == []


def test_where_no_brief_ever_was_only_the_newest_is_missed(desk, make):
    made = desk(make.key_result(), at=SYNC)
    with made.store.write() as tx:
        assert {one.sync for one in note_missed(tx, made.okrs, SYNC + timedelta(hours=1))} == {SYNC}
