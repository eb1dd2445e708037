"""Each kind of alert belongs to a family, and each change of an alert has one name for ever."""

import pytest

from collector.domain.alert import AlertKind, AlertState, event_id, fingerprint_of, quiet
from collector.domain.announcement import Family, Severity
from collector.domain.headline import HEADLINES, NAMES


def test_an_event_is_named_by_letters_digits_and_underscores():
    assert event_id("0" * 32, 1, 1).removeprefix("evt_").isalnum()


def test_subject_and_kind_alone_make_the_fingerprint():
    prints = {fingerprint_of(kind, subject) for kind in AlertKind for subject in ("a", "b")}

    assert len(prints) == 2 * len(AlertKind)
    assert fingerprint_of(AlertKind.DRIFT, "a") == quiet(AlertKind.DRIFT, "a").fingerprint


@pytest.mark.parametrize(
    ("family", "kinds"),
    [
        (Family.VALUE, "drift regressed breach slo_burn guardrail"),
        (Family.DATA, "stale implausible bad_query source_down flatline unit_change"),
        (Family.NEWS, "achieved_early sudden_change point_of_no_return definition_changed removed"),
        (Family.DAEMON, "config_rejected clock_jump sink_failing"),
    ],
)
def test_the_four_families_hold_every_kind(family, kinds):
    assert {kind.value for kind in AlertKind if kind.family is family} == set(kinds.split())


def test_values_and_what_stops_krd_are_tickets_and_nothing_pages_unless_somebody_asked_for_it():
    tickets = {kind for kind in AlertKind if kind.severity is Severity.TICKET}

    assert tickets == {
        *(kind for kind in AlertKind if kind.family is Family.VALUE),
        AlertKind.CONFIG_REJECTED,
        AlertKind.SINK_FAILING,
    }
    assert {kind.severity for kind in AlertKind} == {Severity.TICKET, Severity.INFO}


def test_every_kind_has_words_of_its_own():
    assert set(HEADLINES) == set(NAMES) == set(AlertKind)
    assert len({begins for begins, _ in HEADLINES.values()}) == len(AlertKind)


def test_what_people_were_told_of_is_open():
    assert {state for state in AlertState if state.open} == {AlertState.FIRING, AlertState.RECOVERING}
