"""A store of an earlier krd is led on with all it holds: nobody is told twice, and nobody waits in vain."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from collector.domain.alert import AlertKind, AlertState, event_id, fingerprint_of
from collector.domain.announcement import Occasion, Severity
from collector.domain.speech import Told
from collector.ports.store import Extent, LetterState, Wanted
from collector.store import engine, migrate

HOUR = timedelta(hours=1)
DRIFT = "2026-Q4:checkout/p95"
PATHS = {
    DRIFT: ["pending", "firing", "recovering", "firing", "resolved", "pending", "firing", "recovering"],
    "2026-Q4:checkout/over": ["firing", "resolved"],
    "2026-Q4:payments/waits": ["pending"],
}
"""How alerts moved in a store of revision 0002, one change an hour."""


def millis(at):
    return round(at.timestamp() * 1000)


@pytest.fixture
def template():
    """Copy nothing: there is no store yet."""
    return ""


@pytest.fixture
def old(url):
    """Make a store as revision 0002 left it, and give a function that runs statements on it."""
    backend = engine._backend(url, 10)
    backend.prepare()
    with backend.writer.begin() as connection:
        config = migrate.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        backend.mark(connection)

    def run(statement, *rows):
        with backend.writer.begin() as connection:
            connection.execute(text(statement), list(rows))

    yield run
    backend.readers.dispose()
    backend.writer.dispose()


@pytest.fixture
def moved(old, at):
    """Move alerts in the old store, and give their event ids by subject."""
    alert = (
        "INSERT INTO alerts (fingerprint, kind, subject, state, episode, step, since)"
        " VALUES (:fingerprint, :kind, :subject, :state, :episode, :step, :since)"
    )
    change = (
        "INSERT INTO transitions (event, fingerprint, kind, subject, was, state, episode, step, since, at, why)"
        " VALUES (:event, :fingerprint, :kind, :subject, :was, :state, :episode, :step, :since, :since, '')"
    )
    events = {}
    for subject, states in PATHS.items():
        same = {"fingerprint": fingerprint_of(AlertKind.DRIFT, subject), "kind": "drift", "subject": subject}
        was, episode, step, row = "inactive", 0, 0, {}
        for hour, state in enumerate(states):
            begins = was in ("inactive", "resolved")
            episode, step = (episode + 1, 1) if begins else (episode, step + 1)
            event = event_id(same["fingerprint"], episode, step)
            row = same | {"state": state, "episode": episode, "step": step, "since": millis(at + hour * HOUR)}
            old(change, row | {"event": event, "was": was})
            events.setdefault(subject, []).append(event)
            was = state
        old(alert, row)
    return events


@pytest.fixture
def posted(old, moved, announcement, at):
    """Put letters into the old store: one a change that people were told of, and a brief."""
    letter = (
        "INSERT INTO outbox (notifier, event, fingerprint, state, document, enqueued, due, leased_until, epoch, attempts,"
        " settled, note) VALUES ('ops', :event, :fingerprint, :state, :document, :at, :at, NULL, :attempts, :attempts,"
        " NULL, '')"
    )
    drift = fingerprint_of(AlertKind.DRIFT, DRIFT)
    over = fingerprint_of(AlertKind.DRIFT, "2026-Q4:checkout/over")
    rows = [
        (moved[DRIFT][1], drift, "sent", 1, 1),
        (moved[DRIFT][4], drift, "due", 1, 4),
        (moved[DRIFT][6], drift, "due", 0, 6),
        (moved["2026-Q4:checkout/over"][0], over, "sent", 1, 0),
        (moved["2026-Q4:checkout/over"][1], over, "dead", 3, 1),
        ("evt_brief", None, "due", 0, 7),
    ]
    for event, fingerprint, state, attempts, hour in rows:
        document = announcement().document() | {"id": event, "fingerprint": fingerprint or ""}
        for later in ("sections", "commitment", "since", "link", "members"):
            del document[later]
        old(
            letter,
            {
                "event": event,
                "fingerprint": fingerprint,
                "state": state,
                "document": json.dumps(document),
                "attempts": attempts,
                "at": millis(at + hour * HOUR),
            },
        )


@pytest.fixture
def led_on(moved, posted, opened):
    return opened()


def test_an_alert_that_is_open_remembers_when_and_by_which_change(led_on, moved, at):
    with led_on.read() as transaction:
        alert = transaction.alerts()[fingerprint_of(AlertKind.DRIFT, DRIFT)]
    assert (alert.state, alert.episode, alert.step, alert.since) == (
        AlertState.RECOVERING,
        2,
        3,
        at + 7 * HOUR,
    )
    assert (alert.severity, alert.opened, alert.ended) == (Severity.TICKET, at + 6 * HOUR, at + 4 * HOUR)
    assert alert.event == moved[DRIFT][6]
    assert (alert.run, alert.slot, alert.clear_since) == (0, None, None)


def test_an_alert_that_is_over_or_waits_remembers_too(led_on, moved, at):
    with led_on.read() as transaction:
        alerts = {alert.subject: alert for alert in transaction.alerts().values()}
    over, waits = alerts["2026-Q4:checkout/over"], alerts["2026-Q4:payments/waits"]
    assert (over.opened, over.ended, over.event) == (at, at + HOUR, moved["2026-Q4:checkout/over"][1])
    assert (waits.opened, waits.ended, waits.event) == (None, None, "")


def test_an_alert_whose_changes_are_not_there_began_when_it_came_into_its_state(old, opened, at):
    for name, state in (("a", "firing"), ("b", "resolved"), ("c", "inactive")):
        old(
            f"INSERT INTO alerts VALUES ('{name}', 'stale', '{name}', '{state}', 1, 2, :since)",
            {"since": millis(at)},
        )
    with opened().read() as transaction:
        a, b, c = transaction.alerts().values()
    assert (a.severity, a.opened, a.ended) == (Severity.INFO, at, None)
    assert (b.opened, b.ended) == (None, at)
    assert (c.opened, c.ended) == (None, None)


def test_old_changes_are_read_as_they_happened(led_on, moved, at):
    with led_on.read() as transaction:
        items = transaction.episode(fingerprint_of(AlertKind.DRIFT, DRIFT), 1)
    changes = [item.transition for item in items]
    assert [change.event for change in changes] == moved[DRIFT][:5]
    assert [change.began for change in changes] == [False, True, False, False, False]
    assert [change.worsened for change in changes] == [False] * 5
    assert [change.ended for change in changes] == [False, False, False, False, True]
    assert [change.alert.opened for change in changes] == [None, *[at + HOUR] * 4]
    assert changes[-1].alert.ended == at + 4 * HOUR


def test_old_changes_have_words_of_what_is_known(led_on, moved, at):
    with led_on.read() as transaction:
        items = transaction.transitions(0, 100)
        assert transaction.extent() == Extent(1, len(items))
    first = items[1].transition.said
    assert (first.id, first.occasion, first.at) == (moved[DRIFT][1], Occasion.FIRST, at + HOUR)
    assert (first.team, first.title) == ("checkout", f"drift: {DRIFT}")


def test_old_changes_are_found_by_team_and_family(led_on):
    wanted = Wanted(teams=frozenset({"payments"}), families=frozenset({AlertKind.DRIFT.family}))
    with led_on.read() as transaction:
        [item] = transaction.transitions(0, 100, wanted)
    assert item.transition.alert.subject == "2026-Q4:payments/waits"


def test_who_was_told_that_it_is_wrong_is_still_owed_that_it_is_over(led_on, at):
    drift = fingerprint_of(AlertKind.DRIFT, DRIFT)
    over = fingerprint_of(AlertKind.DRIFT, "2026-Q4:checkout/over")
    expected = Told("ops", drift, 2, open=True, severity=Severity.TICKET, at=at + 6 * HOUR)
    with led_on.read() as transaction:
        told = {one.fingerprint: one for one in transaction.told()}
    assert told == {
        drift: expected,
        over: replace(expected, fingerprint=over, episode=1, open=False, at=at + HOUR),
    }


def test_what_was_claimed_before_goes_on_as_the_message_it_was(led_on, moved, at):
    with led_on.write() as transaction:
        first = transaction.claim("ops", at + 9 * HOUR, at + 10 * HOUR)
        assert (first.id, first.epoch, first.attempts) == (moved[DRIFT][4], 2, 2)
        assert transaction.settle(first, LetterState.SENT, at, due=None, note="")
        after = [transaction.claim("ops", at + 9 * HOUR, at + 10 * HOUR).id for _ in range(2)]
        assert after == [moved[DRIFT][6], "evt_brief"]


def test_old_letters_are_all_there(led_on):
    with led_on.read() as transaction:
        assert transaction.outbox() == {"ops": {LetterState.SENT: 2, LetterState.DUE: 3, LetterState.DEAD: 1}}
        letters = transaction.letters(list(LetterState))
    assert [letter.announcement.members for letter in letters] == [()] * 6


def test_a_kind_that_is_no_key_results_has_no_team(old, opened, at):
    insert = (
        "INSERT INTO transitions (event, fingerprint, kind, subject, was, state, episode, step, since, at, why)"
        " VALUES (:kind, 'f', :kind, 'a:b/c', 'inactive', 'firing', 1, 1, :at, :at, '')"
    )
    kinds = [kind for kind in AlertKind if kind.value in ("source_down", "config_rejected", "stale")]
    for kind in kinds:
        old(insert, {"kind": kind.value, "at": millis(at)})
    with opened().read() as transaction:
        teams = {
            item.transition.alert.kind: item.transition.said.team for item in transaction.transitions(0, 9)
        }
    assert teams == {AlertKind.SOURCE_DOWN: "", AlertKind.CONFIG_REJECTED: "", AlertKind.STALE: "b"}


@pytest.mark.parametrize(
    "kind_of_alert",
    [
        "drift",
        "breach",
        "slo_burn",
        "guardrail",
        "stale",
        "implausible",
        "source_down",
        "definition_changed",
        "removed",
        "config_rejected",
        "clock_jump",
    ],
)
def test_the_families_and_severities_of_then_are_those_of_now(old, opened, at, kind_of_alert):
    old(
        "INSERT INTO transitions (event, fingerprint, kind, subject, was, state, episode, step, since, at, why)"
        " VALUES ('e', 'f', :kind, 's', 'inactive', 'firing', 1, 1, :at, :at, '')",
        {"kind": kind_of_alert, "at": millis(at)},
    )
    kind = AlertKind(kind_of_alert)
    with opened().read() as transaction:
        [item] = transaction.transitions(0, 9, Wanted(families=frozenset({kind.family})))
    assert item.transition.alert.severity is kind.severity
