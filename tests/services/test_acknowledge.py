"""What people say about alerts is kept with who said it, and refused when it names nothing or has no end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.alert import AlertKind, Condition, Signal, quiet
from collector.domain.announcement import Severity
from collector.domain.lifecycle import step
from collector.domain.silence import LONGEST_SILENCE, Silence
from collector.errors import KrdError, UsageError
from collector.services.acknowledge import acknowledge, matching, silence, take_back, unsilence

NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
DRIFT, STALE, DOWN = AlertKind.DRIFT, AlertKind.STALE, AlertKind.SOURCE_DOWN


def fired(kind, subject):
    return step(quiet(kind, subject), Signal(Condition.FIRING, severity=Severity.TICKET), NOON).alert


@pytest.fixture
def scene(desk, make):
    """Give the books of one key result that drifts, and `alert`: how its alert stands."""
    books = desk(make.key_result())
    [books.key] = books.okrs.key_results
    with books.store.write() as tx:
        tx.put_alerts([fired(DRIFT, books.key)])
    return books


def alerts(books):
    with books.store.read() as tx:
        return list(tx.alerts().values())


def acks(books):
    with books.store.read() as tx:
        return tx.acks()


def wanted(**more):
    facts = {"team": "shop", "key_result": "", "starts": NOON, "ends": NOON + timedelta(days=2),
             "author": "li", "reason": "a load test"}  # fmt: skip
    return Silence(**{**facts, **more})


def test_an_acknowledgement_is_kept_with_who_and_why_and_in_the_audit_log(scene):
    [made] = acknowledge(scene.store, alerts(scene), "li", "rolling  back\n", NOON)

    [deed] = [one for one in scene.deeds() if one.action == "ack"]
    assert acks(scene) == [made]
    assert (made.author, made.note, made.episode, made.severity) == ("li", "rolling back", 1, Severity.TICKET)
    assert (deed.actor, deed.subject, deed.detail["note"]) == ("li", scene.key, "rolling back")


def test_what_ended_meanwhile_is_not_acknowledged(scene):
    [seen] = alerts(scene)
    over = step(seen, Signal(Condition.OVER), NOON).alert
    with scene.store.write() as tx:
        tx.put_alerts([over])

    assert (acknowledge(scene.store, [seen], "li", "", NOON), acks(scene)) == ([], [])


def test_what_grew_worse_meanwhile_is_acknowledged_as_it_stands(scene):
    [seen] = alerts(scene)
    worse = step(seen, Signal(Condition.FIRING, severity=Severity.PAGE), NOON).alert
    with scene.store.write() as tx:
        tx.put_alerts([worse])

    [made] = acknowledge(scene.store, [seen], "li", "", NOON)

    assert made.holds(worse)


def test_a_note_that_is_too_long_is_refused_and_nothing_is_kept(scene):
    with pytest.raises(UsageError, match="at most 2000 letters"):
        acknowledge(scene.store, alerts(scene), "li", "x" * 2001, NOON)

    assert acks(scene) == []


def test_an_acknowledgement_is_taken_back_once_and_that_is_a_line_too(scene):
    acknowledge(scene.store, alerts(scene), "li", "", NOON)

    first = take_back(scene.store, alerts(scene), "sam", NOON)
    again = take_back(scene.store, alerts(scene), "sam", NOON)

    [deed] = [one for one in scene.deeds() if one.action == "unack"]
    assert (first, again, acks(scene)) == (alerts(scene), [], [])
    assert (deed.actor, deed.detail["was"]) == ("sam", "li")


def test_an_acknowledgement_that_speaks_no_longer_is_nothing_to_take_back(scene):
    acknowledge(scene.store, alerts(scene), "li", "", NOON)
    [seen] = alerts(scene)
    with scene.store.write() as tx:
        tx.put_alerts([step(seen, Signal(Condition.FIRING, severity=Severity.PAGE), NOON).alert])

    assert take_back(scene.store, alerts(scene), "sam", NOON) == []


def test_a_silence_is_kept_with_its_number_and_in_the_audit_log(scene):
    made = silence(scene.store, scene.okrs, wanted(key_result="shop/one", kind=DRIFT), NOON)

    with scene.store.read() as tx:
        kept = tx.silences(NOON)
    [deed] = [one for one in scene.deeds() if one.action == "silence"]
    assert kept == [made]
    assert (deed.subject, deed.detail["silence"], deed.detail["kind"]) == (scene.key, made.id, "drift")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"team": "crew"}, "no team 'crew'"),
        ({"key_result": "shop/two"}, "no key result 'shop/two'"),
        ({"ends": NOON}, "ends before it begins"),
        ({"ends": NOON + LONGEST_SILENCE + timedelta(hours=2)}, "at most 30 days"),
        ({"reason": " \n"}, "its author and its reason"),
        ({"author": " "}, "its author and its reason"),
        ({"reason": "x" * 2001}, "at most 2000 letters"),
    ],
    ids=["team", "key result", "end", "too long", "reason", "author", "much reason"],
)
def test_a_silence_without_a_subject_an_end_an_author_or_a_reason_is_refused(scene, more, said):
    with pytest.raises(UsageError, match=said):
        silence(scene.store, scene.okrs, wanted(**more), NOON)

    with scene.store.read() as tx:
        assert tx.silences() == []


def test_thirty_days_of_the_calendar_may_hold_a_change_of_the_clocks(scene):
    made = silence(scene.store, scene.okrs, wanted(ends=NOON + LONGEST_SILENCE + timedelta(hours=1)), NOON)

    assert made.id > 0


def test_a_silence_ends_when_a_person_says_so_and_only_once(scene):
    made = silence(scene.store, scene.okrs, wanted(), NOON)

    ended = unsilence(scene.store, scene.okrs, made.id, "sam", NOON + timedelta(hours=1))

    with scene.store.read() as tx:
        lasting = tx.silences(NOON + timedelta(hours=1))
    assert (ended.ends, lasting) == (NOON + timedelta(hours=1), [])
    assert [(one.actor, one.subject) for one in scene.deeds() if one.action == "unsilence"] == [
        ("sam", "shop")
    ]
    with pytest.raises(KrdError, match="there is no silence"):
        unsilence(scene.store, scene.okrs, made.id, "sam", NOON + timedelta(hours=2))


THERE = [
    fired(DRIFT, "2026-Q4:shop/one"), fired(STALE, "2026-Q4:shop/one"), fired(DRIFT, "2026-Q4:crew/two"),
    fired(DRIFT, "2026-Q4:shop/two"), fired(DOWN, "warehouse"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("shop/one", None, [0, 1]),
        ("2026-Q4:shop/one", None, [0, 1]),
        ("2026-Q3:shop/one", None, []),
        ("shop/one", STALE, [1]),
        ("one", None, [0, 1]),
        ("shop/two", None, [3]),
        ("warehouse", None, [4]),
        ("ware", None, []),
        ("hop/one", None, []),
        (THERE[2].fingerprint, None, [2]),
        (THERE[2].fingerprint[:8], None, [2]),
        (THERE[2].fingerprint[:7], None, []),
        ("", None, []),
    ],
)
def test_an_alert_is_meant_by_its_address_its_source_or_its_own_name(name, kind, found):
    assert matching(THERE, name, kind) == [THERE[place] for place in found]


def test_a_name_that_may_be_two_key_results_is_refused_with_both():
    with pytest.raises(UsageError, match="'two' may be crew/two or shop/two"):
        matching(THERE, "two")


def test_an_address_in_two_cycles_means_both_alerts():
    both = [fired(DRIFT, "2026-Q4:shop/one"), fired(DRIFT, "2026:shop/one")]

    assert matching(both, "shop/one") == both


def test_an_alert_of_one_subject_is_not_meant_by_the_name_of_another():
    assert matching([replace(THERE[4], subject="house")], "warehouse") == []
