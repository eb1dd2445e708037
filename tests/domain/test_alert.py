"""An alert moves by good values only, and each change has one name for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from collector.domain.alert import AlertKind, AlertState, Condition, event_id, fingerprint_of, quiet, step
from collector.domain.announcement import Family, Severity

CONDITIONS = st.sampled_from(Condition)
SUBJECT = "2026-Q4:checkout/p95"


def follow(make, conditions):
    alert, moves = quiet(AlertKind.DRIFT, SUBJECT), []
    for number, condition in enumerate(conditions):
        moved = step(alert, condition, make.lab_start + timedelta(minutes=number))
        if moved is not None:
            moves.append(moved)
            alert = moved.alert
    return alert, moves


@pytest.mark.parametrize("state", AlertState)
def test_an_unknown_moves_nothing(make, state):
    alert = quiet(AlertKind.DRIFT, SUBJECT)
    for condition in reaching(state):
        alert = step(alert, condition, make.lab_start).alert

    assert alert.state is state
    assert step(alert, Condition.UNKNOWN, make.lab_start) is None


def reaching(state):
    """Conditions that bring a quiet alert into a state."""
    return {
        AlertState.INACTIVE: [],
        AlertState.PENDING: [Condition.PENDING],
        AlertState.FIRING: [Condition.FIRING],
        AlertState.RECOVERING: [Condition.FIRING, Condition.RECOVERING],
        AlertState.RESOLVED: [Condition.FIRING, Condition.CLEAR],
    }[state]


@pytest.mark.parametrize(
    ("before", "condition", "after"),
    [
        (AlertState.INACTIVE, Condition.PENDING, AlertState.PENDING),
        (AlertState.INACTIVE, Condition.FIRING, AlertState.FIRING),
        (AlertState.INACTIVE, Condition.RECOVERING, None),
        (AlertState.INACTIVE, Condition.CLEAR, None),
        (AlertState.PENDING, Condition.CLEAR, AlertState.INACTIVE),
        (AlertState.PENDING, Condition.FIRING, AlertState.FIRING),
        (AlertState.PENDING, Condition.RECOVERING, None),
        (AlertState.FIRING, Condition.PENDING, None),
        (AlertState.FIRING, Condition.RECOVERING, AlertState.RECOVERING),
        (AlertState.FIRING, Condition.CLEAR, AlertState.RESOLVED),
        (AlertState.RECOVERING, Condition.FIRING, AlertState.FIRING),
        (AlertState.RECOVERING, Condition.PENDING, None),
        (AlertState.RECOVERING, Condition.CLEAR, AlertState.RESOLVED),
        (AlertState.RESOLVED, Condition.CLEAR, None),
        (AlertState.RESOLVED, Condition.PENDING, AlertState.PENDING),
        (AlertState.RESOLVED, Condition.FIRING, AlertState.FIRING),
    ],
)
def test_each_condition_leads_where_it_should(make, before, condition, after):
    alert = quiet(AlertKind.DRIFT, SUBJECT)
    for one in reaching(before):
        alert = step(alert, one, make.lab_start).alert

    moved = step(alert, condition, make.lab_start)

    assert (moved.alert.state if moved else None) is after


@given(conditions=st.lists(CONDITIONS, max_size=40))
def test_only_a_clear_value_resolves(make, conditions):
    without = [condition for condition in conditions if condition is not Condition.CLEAR]

    _, moves = follow(make, without)

    assert AlertState.RESOLVED not in {move.alert.state for move in moves}


@given(conditions=st.lists(CONDITIONS, max_size=40))
def test_unknowns_between_change_nothing(make, conditions):
    known = [condition for condition in conditions if condition is not Condition.UNKNOWN]

    assert [move.event for move in follow(make, conditions)[1]] == [
        move.event for move in follow(make, known)[1]
    ]


def test_each_leaving_of_quiet_is_another_episode(make):
    fire, clear = Condition.FIRING, Condition.CLEAR

    alert, moves = follow(make, [fire, clear, fire, clear, Condition.PENDING, fire])

    assert [move.alert.episode for move in moves] == [1, 1, 2, 2, 3, 3]
    assert [move.alert.step for move in moves] == [1, 2, 1, 2, 1, 2]
    assert alert.state is AlertState.FIRING


@given(conditions=st.lists(CONDITIONS, max_size=40))
def test_a_replay_gives_the_same_events_and_no_two_are_alike(make, conditions):
    events = [move.event for move in follow(make, conditions)[1]]

    assert events == [move.event for move in follow(make, conditions)[1]]
    assert len(events) == len(set(events))


def test_an_event_is_named_by_letters_digits_and_underscores():
    assert event_id("0" * 32, 1, 1).removeprefix("evt_").isalnum()


def test_subject_and_kind_alone_make_the_fingerprint():
    prints = {fingerprint_of(kind, subject) for kind in AlertKind for subject in ("a", "b")}

    assert len(prints) == 2 * len(AlertKind)
    assert fingerprint_of(AlertKind.DRIFT, "a") == quiet(AlertKind.DRIFT, "a").fingerprint


@pytest.mark.parametrize(
    ("kind", "family", "severity"),
    [
        (AlertKind.DRIFT, Family.VALUE, Severity.TICKET),
        (AlertKind.BREACH, Family.VALUE, Severity.TICKET),
        (AlertKind.SLO_BURN, Family.VALUE, Severity.TICKET),
        (AlertKind.GUARDRAIL, Family.VALUE, Severity.TICKET),
        (AlertKind.STALE, Family.DATA, Severity.INFO),
        (AlertKind.IMPLAUSIBLE, Family.DATA, Severity.INFO),
        (AlertKind.SOURCE_DOWN, Family.DATA, Severity.INFO),
        (AlertKind.DEFINITION_CHANGED, Family.NEWS, Severity.INFO),
        (AlertKind.REMOVED, Family.NEWS, Severity.INFO),
        (AlertKind.CONFIG_REJECTED, Family.DAEMON, Severity.TICKET),
        (AlertKind.CLOCK_JUMP, Family.DAEMON, Severity.INFO),
    ],
)
def test_each_kind_belongs_to_a_family_and_interrupts_no_more_than_it_has_to(kind, family, severity):
    assert (kind.family, kind.severity) == (family, severity)


def test_nothing_pages_unless_somebody_asked_for_it():
    assert Severity.PAGE not in {kind.severity for kind in AlertKind}


class AlertLife(RuleBasedStateMachine):
    """Beside the machine walks a plain count of what people were told: a raise opens, a resolve closes."""

    def __init__(self):
        super().__init__()
        self.alert = quiet(AlertKind.STALE, "checkout/p95")
        self.minute = 0
        self.told_open = False
        self.raises = self.resolves = 0
        self.events = []

    @rule(condition=CONDITIONS)
    def hear(self, condition):
        self.minute += 1
        at = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=self.minute)
        moved = step(self.alert, condition, at)
        if condition is Condition.FIRING and not self.told_open:
            self.told_open, self.raises = True, self.raises + 1
        elif condition is Condition.CLEAR and self.told_open:
            self.told_open, self.resolves = False, self.resolves + 1
        if moved is not None:
            assert moved.was is self.alert.state
            assert moved.alert.since == moved.at == at
            self.alert = moved.alert
            self.events.append(moved.event)

    @invariant()
    def it_is_open_exactly_while_people_think_so(self):
        assert self.alert.state.open == self.told_open

    @invariant()
    def every_resolve_follows_a_raise(self):
        assert self.raises - self.resolves == int(self.told_open)

    @invariant()
    def there_are_at_least_as_many_episodes_as_raises(self):
        assert self.alert.episode >= self.raises

    @invariant()
    def no_event_is_named_twice(self):
        assert len(self.events) == len(set(self.events))


TestAlertLife = AlertLife.TestCase
