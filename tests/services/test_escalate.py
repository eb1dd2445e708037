"""Drift that nobody acknowledged is told once more, half-way to the sync: to more people, and never a second time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.alert import Alert, AlertKind, AlertState, Transition, fingerprint_of
from collector.domain.announcement import Occasion, Severity
from collector.domain.moments import moments_of
from collector.domain.silence import Ack, Silence
from collector.notifiers.console import ConsoleOptions
from collector.ports.catalogue import NotifierEntry
from collector.ports.kept import LetterState
from collector.services.escalate import escalate
from collector.services.write_brief import send_brief

SYNC = datetime(2026, 11, 16, 9, tzinfo=UTC)
BRIEF = datetime(2026, 11, 13, 14, tzinfo=UTC)
ROUTES = {name: NotifierEntry(name, "console", ConsoleOptions()) for name in ("ops", "boss")}


class Team:
    """A team whose first two key results drift since the day before the brief, with its moments."""

    def __init__(self, desk, make, state=AlertState.FIRING, **team):
        self.desk = desk(make.key_result(), make.key_result(name="two"), make.key_result(name="ok"), at=BRIEF)
        okrs = self.desk.okrs
        teams = {"shop": replace(okrs.teams["shop"], **team)}
        self.desk.open(replace(okrs, teams=teams))
        self.brief, self.moment, _ = moments_of("shop", make.calendar, SYNC, None)
        self.alerts = [self._drifting(name, state) for name in ("one", "two")]

    def _drifting(self, name, state):
        subject = self.desk.account(name).key_result.key
        alert = Alert(
            fingerprint_of(AlertKind.DRIFT, subject), AlertKind.DRIFT, subject, state, episode=3, step=1,
            opened=BRIEF - timedelta(days=1), severity=Severity.TICKET, event=f"evt_{name}",
        )  # fmt: skip
        self.write(lambda tx: tx.add_transitions([Transition(alert.event, alert, AlertState.PENDING, BRIEF)]))
        return alert

    def write(self, act):
        with self.desk.store.write() as tx:
            made = act(tx)
        self.anew()
        return made

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

    def escalate(self, at=None, *, briefed=True):
        if briefed:
            self.say(send_brief, self.brief, BRIEF)
        return self.say(escalate, self.moment, at or self.moment.due)

    def marked(self):
        with self.desk.store.read() as tx:
            return tx.moment_marked("shop", "2026-Q4", "escalation", SYNC)

    def ack(self, number, **more):
        alert = self.alerts[number]
        said = Ack(alert.fingerprint, alert.episode, Severity.TICKET, BRIEF, "li")
        self.write(lambda tx: tx.put_ack(replace(said, **more)))


@pytest.fixture
def team(desk, make):
    """Give `open_(state, **team)`."""
    return lambda *given, **more: Team(desk, make, *given, **more)


def test_one_message_a_team_names_what_drifts_its_lead_and_how_to_acknowledge_it(team):
    said = team().escalate()

    assert said.title == "shop: 2 key results are off track, and nobody has acknowledged it"
    assert (said.occasion, said.kind, said.owner, said.members) == (
        Occasion.ESCALATION,
        "escalation",
        "Li",
        (),
    )
    assert [line.partition(".")[0] for line in said.lines] == [
        f"One (Li), off track since Thu 12 Nov 15:00; `krd alerts ack shop/{name}` says that somebody has it in hand"
        for name in ("one", "two")
    ]


def test_it_is_said_once_whoever_asks_again(team):
    made = team()

    assert made.escalate() is not None
    assert made.escalate(made.moment.due + timedelta(hours=1)) is None


@pytest.mark.parametrize(("escalation", "told"), [((), {"ops"}), (("boss", "nobody"), {"ops", "boss"})])
def test_it_goes_to_those_that_the_team_named_beside_the_usual_ones(team, escalation, told):
    made = team(escalate=escalation)
    said = made.escalate()

    with made.desk.store.read() as tx:
        found = [one for one in tx.letters([LetterState.DUE]) if one.announcement.id == said.id]
    assert {one.notifier for one in found} == told


def test_what_is_acknowledged_or_silenced_is_left_out(team):
    made = team()
    made.ack(0)
    silence = Silence("shop", "shop/two", BRIEF, SYNC, "sam", "being rebuilt")
    made.write(lambda tx: tx.add_silence(silence))

    assert made.escalate() is None
    assert made.marked()


@pytest.mark.parametrize("older", [{"episode": 2}, {"severity": Severity.INFO}])
def test_an_acknowledgement_of_an_older_episode_or_a_lower_severity_does_not_count(team, older):
    made = team()
    made.ack(0, **older)

    assert made.escalate().facts["key_results"] == 2


def test_what_recovers_is_left_to_recover(team):
    assert team(AlertState.RECOVERING).escalate() is None


def test_nothing_escalates_before_the_brief_is_out_or_after_the_sync(team):
    made = team()

    assert made.escalate(briefed=False) is None
    assert made.escalate(SYNC) is None
    assert not made.marked()
