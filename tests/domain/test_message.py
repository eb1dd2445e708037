"""A change of an alert is worded once, for every notifier alike."""

from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, AlertState, Condition, Signal, quiet
from collector.domain.announcement import Family, Occasion, Severity
from collector.domain.health import Health
from collector.domain.lifecycle import closed, step
from collector.domain.message import (
    LISTED,
    Behind,
    Context,
    about_change,
    about_key_result,
    about_removed,
    about_source,
    closing,
    occasion_of,
)
from collector.domain.message_facts import facts_of
from collector.domain.status import Status


def moves(make, kind, *conditions, severities=(), subject="2026-Q4:checkout/p95"):
    """Give the changes that conditions make, each of the severity beside it, or a ticket."""
    alert, seen = quiet(kind, subject), []
    for number, condition in enumerate(conditions):
        severity = severities[number] if number < len(severities) else Severity.TICKET
        at = make.lab_start + number * timedelta(hours=1)
        stepped = step(alert, Signal(condition, severity=severity), at)
        alert = stepped.alert
        if stepped.transition is not None:
            seen.append(stepped.transition)
    return seen


@pytest.fixture
def said(make):
    """Give `said(kind, conditions, …)`: what is said about the last change."""

    def one(kind, *conditions, context=None, severities=(), **evaluation):
        last = moves(make, kind, *conditions, severities=severities)[-1]
        shown = make.evaluation(**{"sentence": "Day 8 of 100.", **evaluation})
        return about_change(make.key_result(), shown, last, context or Context(owner="Li"))

    return one


FIRE, CLEAR, PENDING, RECOVER = Condition.FIRING, Condition.CLEAR, Condition.PENDING, Condition.RECOVERING


@pytest.mark.parametrize(
    ("conditions", "occasion"),
    [
        ([PENDING], Occasion.NOTE),
        ([PENDING, CLEAR], Occasion.NOTE),
        ([FIRE], Occasion.FIRST),
        ([PENDING, FIRE], Occasion.FIRST),
        ([FIRE, RECOVER], Occasion.NOTE),
        ([FIRE, RECOVER, FIRE], Occasion.NOTE),
        ([FIRE, CLEAR], Occasion.RESOLVED),
        ([FIRE, CLEAR, FIRE], Occasion.FIRST),
    ],
)
def test_what_neither_begins_nor_ends_is_a_note_for_the_record(make, conditions, occasion):
    assert occasion_of(moves(make, AlertKind.DRIFT, *conditions)[-1]) is occasion


def test_drift_is_said_with_its_arithmetic_and_the_next_sync(make, said):
    context = Context(owner="Li", next_sync=make.lab_start + timedelta(days=3))

    announcement = said(AlertKind.DRIFT, FIRE, context=context, status=Status.OFF_TRACK)

    assert announcement.title == "Off track: Cut p95 latency"
    assert announcement.sentence == "Day 8 of 100."
    assert announcement.lines == ("checkout/p95 · owner Li", "next sync in 3 days")
    assert (announcement.family, announcement.severity) == (Family.VALUE, Severity.TICKET)
    assert (announcement.subject, announcement.episode) == ("checkout/p95", 1)


def test_a_resolve_says_where_it_came_back_to(said):
    announcement = said(AlertKind.DRIFT, FIRE, CLEAR, status=Status.AT_RISK)

    assert announcement.title == "Back at risk: Cut p95 latency"
    assert announcement.occasion is Occasion.RESOLVED


@pytest.mark.parametrize(
    ("health", "headline"),
    [(Health.STALE, "Data stale"), (Health.BROKEN, "Data broken"), (Health.NEVER, "No data")],
)
def test_data_is_said_by_its_health(said, health, headline):
    assert said(AlertKind.STALE, FIRE, health=health).title == f"{headline}: Cut p95 latency"


def test_data_that_is_back_says_so(said):
    assert said(AlertKind.STALE, FIRE, CLEAR).title == "Data is back: Cut p95 latency"


def test_what_went_wrong_at_the_last_attempt_is_told(said):
    assert "last attempt: HTTP 503" in said(AlertKind.STALE, FIRE, trouble="HTTP 503").lines


def test_the_id_is_that_of_the_change(make, said):
    assert said(AlertKind.DRIFT, FIRE).id == moves(make, AlertKind.DRIFT, FIRE)[-1].event


def test_the_severity_is_that_of_the_alert(said):
    assert said(AlertKind.DRIFT, FIRE, severities=[Severity.PAGE]).severity is Severity.PAGE


def test_a_rise_of_the_severity_says_what_it_is_now(said):
    announcement = said(AlertKind.STALE, FIRE, FIRE, severities=[Severity.INFO], health=Health.STALE)

    assert announcement.occasion is Occasion.WORSE
    assert announcement.title == "Now a ticket: data stale: Cut p95 latency"


def test_what_is_still_so_says_that_it_is_still_so(make):
    alert = moves(make, AlertKind.DRIFT, FIRE)[-1].alert
    at = make.lab_start + timedelta(days=1)

    announcement = about_key_result(
        make.key_result(), make.evaluation(), alert, Occasion.REPEAT, at, Context(owner="Li")
    )

    assert announcement.title == "Still: off track: Cut p95 latency"
    assert (announcement.at, announcement.since) == (at, make.lab_start)


@pytest.mark.parametrize(
    ("kind", "health", "title"),
    [
        (AlertKind.BAD_QUERY, Health.BROKEN, "Its query fails: Cut p95 latency"),
        (AlertKind.REGRESSED, Health.FRESH, "Worse than where it began: Cut p95 latency"),
        (AlertKind.GUARDRAIL, Health.FRESH, "Guardrail broken: Cut p95 latency"),
    ],
)
def test_each_kind_says_what_is_wrong(said, kind, health, title):
    assert said(kind, FIRE, health=health).title == title


def test_what_is_closed_by_an_edit_says_why_and_never_that_it_is_back(make):
    alert = moves(make, AlertKind.DRIFT, FIRE)[-1].alert
    change = closed(alert, make.lab_start + timedelta(days=1), "the promise was changed")

    said = about_change(make.key_result(), make.evaluation(), change, Context(owner="Li"))

    assert said.occasion is Occasion.RESOLVED
    assert said.title == "Closed, the promise was changed: Cut p95 latency"


def test_the_end_of_what_is_gone_is_worded_by_what_was_last_said_of_it(make, said):
    before = said(AlertKind.DRIFT, FIRE)
    alert = moves(make, AlertKind.DRIFT, FIRE)[-1].alert
    change = closed(alert, make.lab_start + timedelta(days=1), "removed from the files")

    ended = closing(change, before)

    assert ended.title == "Closed, removed from the files: Cut p95 latency"
    assert ended.sentence == "What was open about it ends here; nothing recovered."
    assert (ended.id, ended.occasion, ended.thread) == (change.event, Occasion.RESOLVED, before.thread)
    assert (ended.subject, ended.team, ended.owner) == (before.subject, before.team, before.owner)


def test_the_end_of_what_is_gone_is_worded_though_nothing_was_kept_of_it(make):
    alert = moves(make, AlertKind.DRIFT, FIRE)[-1].alert

    ended = closing(closed(alert, make.lab_start, "renamed to checkout/p99"), None)

    assert ended.title == "Closed, renamed to checkout/p99: 2026-Q4:checkout/p95"
    assert ended.subject == "checkout/p95"


def test_a_key_result_that_vanished_is_named_by_its_address(make):
    gone, back = moves(make, AlertKind.REMOVED, FIRE, CLEAR)

    assert about_removed(gone, "Cut p95", "checkout").title == "Removed without a reason: Cut p95"
    assert about_removed(gone, "Cut p95", "checkout").subject == "checkout/p95"
    assert about_removed(back, "Cut p95", "checkout").title == "Back in the files: Cut p95"


def source(make, *conditions, behind=1, team="checkout"):
    change = moves(make, AlertKind.SOURCE_DOWN, *conditions, subject="prod")[-1]
    key_results = [make.key_result(address=f"checkout/kr-{n}", team=team) for n in range(behind)]
    return about_source(
        change.alert,
        occasion_of(change),
        change.event,
        change.at,
        Behind(key_results, "Li", "Connection refused."),
    )


def test_a_dead_source_speaks_once_for_all_behind_it(make):
    announcement = source(make, FIRE, behind=2)

    assert announcement.title == "Source prod is down"
    assert announcement.sentence == (
        "2 key results behind it cannot be read; their verdicts stay as they were. Connection refused."
    )
    assert announcement.lines == ("checkout/kr-0", "checkout/kr-1")
    assert announcement.facts == {"key_results": 2}


def test_one_key_result_is_counted_in_the_singular(make):
    assert source(make, FIRE).sentence.startswith("1 key result behind it")


def test_a_long_list_is_cut_and_counted(make):
    lines = source(make, FIRE, behind=LISTED + 5).lines

    assert len(lines) == LISTED + 1
    assert lines[-1] == "… and 5 more"


def test_a_source_that_is_back_says_what_happens_to_what_was_missed(make):
    announcement = source(make, FIRE, CLEAR)

    assert announcement.title == "Source prod is back"
    assert "what was missed is asked for" in announcement.sentence
    assert "Connection refused" not in announcement.sentence


def test_unknown_numbers_are_null_in_the_facts(make):
    facts = facts_of(make.evaluation(as_of=None))

    assert (facts["p_hit"], facts["landing"], facts["as_of"], facts["status"]) == (
        None,
        None,
        None,
        "on_track",
    )


def test_an_open_alert_is_one_that_people_are_told_of():
    assert {state for state in AlertState if state.open} == {AlertState.FIRING, AlertState.RECOVERING}
