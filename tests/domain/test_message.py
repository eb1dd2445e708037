"""A change of an alert is worded once, for every notifier alike."""

from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, AlertState, Condition, quiet, step
from collector.domain.announcement import Family, Occasion, Severity
from collector.domain.health import Health
from collector.domain.message import LISTED, Context, about_key_result, about_source, facts_of, occasion_of
from collector.domain.status import Status


def moves(make, kind, *conditions):
    alert, seen = quiet(kind, "2026-Q4:checkout/p95"), []
    for condition in conditions:
        moved = step(alert, condition, make.lab_start)
        alert = moved.alert
        seen.append(moved)
    return seen


@pytest.fixture
def said(make):
    """Give `said(kind, conditions, …)`: what is said about the last change."""

    def one(kind, *conditions, context=None, **evaluation):
        last = moves(make, kind, *conditions)[-1]
        shown = make.evaluation(**{"sentence": "Day 8 of 100.", **evaluation})
        return about_key_result(
            make.key_result(), shown, last, occasion_of(last), context or Context(owner="Li")
        )

    return one


FIRE, CLEAR, PENDING, RECOVER = Condition.FIRING, Condition.CLEAR, Condition.PENDING, Condition.RECOVERING


@pytest.mark.parametrize(
    ("conditions", "occasion"),
    [
        ([PENDING], None),
        ([PENDING, CLEAR], None),
        ([FIRE], Occasion.FIRST),
        ([PENDING, FIRE], Occasion.FIRST),
        ([FIRE, RECOVER], None),
        ([FIRE, RECOVER, FIRE], None),
        ([FIRE, CLEAR], Occasion.RESOLVED),
        ([FIRE, CLEAR, FIRE], Occasion.FIRST),
    ],
)
def test_only_a_first_firing_and_a_resolve_are_spoken(make, conditions, occasion):
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


def test_a_severity_given_outweighs_that_of_the_kind(said):
    context = Context(owner="Li", severity=Severity.PAGE)

    assert said(AlertKind.DRIFT, FIRE, context=context).severity is Severity.PAGE


def source(make, *conditions, behind=1):
    alert = quiet(AlertKind.SOURCE_DOWN, "prod")
    for condition in conditions:
        moved = step(alert, condition, make.lab_start)
        alert = moved.alert
    key_results = [make.key_result(address=f"checkout/kr-{n}") for n in range(behind)]
    return about_source(moved, occasion_of(moved), "Connection refused.", key_results, "Li", "checkout")


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


def test_an_open_alert_is_one_that_people_were_told_of():
    assert {state for state in AlertState if state.open} == {AlertState.FIRING, AlertState.RECOVERING}
