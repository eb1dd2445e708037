"""An hour before the sync only what is another than the brief told is said, or nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.alert import Alert, AlertKind, AlertState, Transition, fingerprint_of
from collector.domain.announcement import Occasion, Severity
from collector.domain.moments import moments_of
from collector.domain.sample import SampleState
from collector.domain.status import Status
from collector.notifiers.console import ConsoleOptions
from collector.ports.catalogue import NotifierEntry
from collector.ports.kept import LetterState
from collector.services.tell_changes import tell_changes
from collector.services.write_brief import send_brief

SYNC = datetime(2026, 11, 16, 9, tzinfo=UTC)
BRIEF = datetime(2026, 11, 13, 14, tzinfo=UTC)
ROUTES = {"ops": NotifierEntry("ops", "console", ConsoleOptions())}


class Team:
    """A team whose brief is out, and what happens to it afterwards."""

    def __init__(self, desk, make):
        self.make, self.steps = make, 0
        self.desk = desk(make.key_result(), at=BRIEF)
        self.desk.read(make.midnight(42), 700)
        self.brief, _, self.moment = moments_of("shop", make.calendar, SYNC, None)

    @property
    def account(self):
        return self.desk.account()

    def anew(self):
        """Read the books again, after the store was changed behind their back."""
        ledger = self.desk.books.ledger
        ledger.forget()
        with self.desk.store.read() as tx:
            ledger.load(tx)

    def say(self, act, moment, at):
        with self.desk.store.write() as tx:
            self.desk.books.ledger.load(tx)
            return act(self.desk.books.ledger, tx, moment, ROUTES, at)

    def send_brief(self):
        return self.say(send_brief, self.brief, BRIEF)

    def tell(self, at=None):
        return self.say(tell_changes, self.moment, at or self.moment.due)

    def moved(self, state, episode=1, kind=AlertKind.BREACH):
        self.steps += 1
        subject = self.account.key_result.key
        alert = Alert(
            fingerprint_of(kind, subject), kind, subject, state, episode, self.steps, opened=BRIEF,
            severity=Severity.TICKET, event=f"evt_{episode}",
        )  # fmt: skip
        with self.desk.store.write() as tx:
            event = f"evt_{kind}{episode}{state}"
            tx.add_transitions([Transition(event, alert, AlertState.INACTIVE, BRIEF)])
        self.anew()

    def judged(self, status):
        account = self.account
        verdict = replace(account.evaluation, status=status)
        with self.desk.store.write() as tx:
            tx.put_evaluations([(account.enrolment.key_result, verdict)])
        self.anew()

    def held(self, state):
        slot = self.make.midnight(42)
        with self.desk.store.write() as tx:
            tx.set_state(self.account.series, [slot], state)
        self.anew()

    def marked(self):
        with self.desk.store.read() as tx:
            return tx.moment_marked("shop", "2026-Q4", "changes", SYNC)


@pytest.fixture
def team(desk, make):
    return Team(desk, make)


def parts(said):
    return {part.heading: part.lines for part in said.sections}


def test_when_nothing_changed_nothing_is_said_and_that_is_noted(team):
    team.judged(Status.OFF_TRACK)
    team.moved(AlertState.FIRING)
    team.held(SampleState.HELD)
    team.send_brief()

    assert team.tell() is None
    assert team.marked()
    with team.desk.store.read() as tx:
        assert [one.announcement.kind for one in tx.letters([LetterState.DUE])] == ["brief"]


def test_a_status_that_changed_says_what_it_was(team):
    team.judged(Status.ON_TRACK)
    team.send_brief()
    team.judged(Status.AT_RISK)
    said = team.tell()

    assert (said.occasion, said.kind) == (Occasion.CHANGES, "changes")
    assert said.title == "shop: changed since the brief: 1 status"
    [line] = parts(said)["Status"]
    assert line.startswith("One (Li): at risk, was on track. ")


def test_a_status_that_changed_on_the_very_day_of_the_brief_is_seen(team):
    """The store keeps one verdict a day; what the brief told is known to the letter all the same."""
    team.judged(Status.ON_TRACK)
    team.send_brief()
    team.judged(Status.OFF_TRACK)
    team.judged(Status.AT_RISK)

    assert parts(team.tell())["Status"][0].startswith("One (Li): at risk, was on track. ")


def test_alerts_that_began_or_ended_since_the_brief_are_told(team):
    team.moved(AlertState.FIRING)
    team.send_brief()
    team.moved(AlertState.RESOLVED)
    team.moved(AlertState.FIRING, kind=AlertKind.GUARDRAIL)

    assert parts(team.tell())["Alerts"] == ("over: Breach: One (Li)", "new: Guardrail: One (Li)")


@pytest.mark.parametrize("state", [AlertState.PENDING, AlertState.INACTIVE])
def test_an_alert_that_ended_and_waits_to_fire_again_has_ended(team, state):
    team.moved(AlertState.FIRING)
    team.send_brief()
    team.moved(state, episode=2)

    assert parts(team.tell())["Alerts"] == ("over: Breach: One (Li)",)


def test_an_alert_that_ended_and_fired_again_is_new(team):
    team.moved(AlertState.FIRING)
    team.send_brief()
    team.moved(AlertState.FIRING, episode=2)

    assert parts(team.tell())["Alerts"] == ("new: Breach: One (Li)",)


def test_drift_is_told_as_the_status_it_is(team):
    team.judged(Status.AT_RISK)
    team.send_brief()
    team.judged(Status.OFF_TRACK)
    team.moved(AlertState.FIRING, kind=AlertKind.DRIFT)

    assert list(parts(team.tell())) == ["Status"]


def test_values_held_since_the_brief_say_how_to_decide(team):
    team.send_brief()
    team.held(SampleState.HELD)
    [line] = parts(team.tell())["Held values"]

    assert line.startswith("shop/one: 1 reading held: 700 at ")
    assert "`krd annotate shop/one --release --why TEXT`" in line


def test_values_released_since_the_brief_are_told(team):
    team.held(SampleState.HELD)
    team.send_brief()
    team.held(SampleState.USED)

    assert parts(team.tell())["Held values"] == (
        "shop/one: nothing is held any more; what was held is used, or discarded",
    )


def test_nothing_is_told_before_the_brief_after_the_sync_or_twice(team):
    team.judged(Status.ON_TRACK)

    assert team.tell() is None
    team.send_brief()
    team.judged(Status.OFF_TRACK)
    assert team.tell(SYNC) is None
    assert team.tell(SYNC - timedelta(minutes=1)) is not None
    assert team.tell(SYNC - timedelta(minutes=1)) is None


def test_what_changed_is_sent_after_the_brief_by_itself_and_never_after_the_sync(team):
    team.judged(Status.ON_TRACK)
    team.send_brief()
    team.judged(Status.AT_RISK)
    team.tell()
    at, lease = team.moment.due, timedelta(minutes=1)
    with team.desk.store.write() as tx:
        [first] = tx.claim("ops", at, at + lease).letters
        assert (first.announcement.kind, tx.claim("ops", at, at + lease)) == ("brief", None)
        assert tx.claim("ops", SYNC, SYNC + lease) is None
        assert tx.outbox() == {"ops": {LetterState.DEAD: 2}}
