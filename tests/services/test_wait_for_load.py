"""Slots whose rows are not loaded: they wait, nobody is asked in a hot loop, and a source that cannot tell says why."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.sample import GapReason
from collector.services.heal import Stretch
from collector.services.wait_for_load import ASK_AGAIN, Loads
from connectors.api import ErrorKind, Failure

HOUR = timedelta(hours=1)


@pytest.fixture
def round_(desk, make):
    """Give a desk, a source that loads in batches, and `ask(*days)`: sort out the slots at the ends of these days."""
    made = desk(make.key_result())
    source, loads = make.source(loads=True), Loads()

    def ask(*days, at=make.noon):
        dues = [made.due(make.midnight(day)) for day in days]
        return loads.sort_out(source.open, dues, at, lambda _: None)

    return made, source, loads, ask


def test_a_source_that_does_not_load_in_batches_is_not_asked(round_):
    _, source, _, ask = round_
    source.loads = False
    assert len(ask(39, 40).ready) == 2
    assert source.asked_loaded == 0


def test_a_slot_past_what_is_loaded_waits(round_, make):
    _, source, _, ask = round_
    source.loaded = make.midnight(39)
    found = ask(39, 40)
    assert [due.slot for due in found.ready] == [make.midnight(39)]
    (waiting,) = found.left
    assert (waiting.left.slot, waiting.left.reason) == (make.midnight(40), GapReason.WAITING)
    assert "is loaded until 2026-11-09T23:00:00+00:00" in waiting.left.detail
    assert not waiting.asked


def test_a_cohort_waits_for_its_own_end_not_for_its_slot(desk, make):
    made = desk(make.key_result(make.daily(matures=make.replace(make.day, days=7))))
    source = make.source(loads=True, loaded=make.midnight(33))
    dues = [made.due(make.midnight(day)) for day in (40, 41)]
    found = Loads().sort_out(source.open, dues, make.noon, lambda _: None)
    assert [due.slot for due in found.ready] == [make.midnight(40)]


def test_where_nothing_is_loaded_everything_waits(round_):
    _, _, _, ask = round_
    found = ask(39, 40)
    assert found.ready == []
    assert "has loaded nothing" in found.left[0].left.detail


def test_each_round_asks_anew_while_nothing_waits(round_, make):
    _, source, _, ask = round_
    source.loaded = make.noon
    ask(39)
    ask(40)
    assert source.asked_loaded == 2


def test_while_something_waits_the_source_is_asked_once_a_minute(round_, make):
    _, source, _, ask = round_
    for seconds in (0, 10, 59):
        ask(40, at=make.noon + timedelta(seconds=seconds))
    assert source.asked_loaded == 1
    source.loaded = make.noon
    assert len(ask(40, at=make.noon + ASK_AGAIN).ready) == 1
    assert source.asked_loaded == 2


def test_a_clock_that_jumps_back_holds_nothing_up(round_, make):
    _, source, _, ask = round_
    ask(40)
    ask(40, at=make.noon - 2 * HOUR)
    assert source.asked_loaded == 2


def test_a_failure_of_the_question_is_that_of_the_round(round_):
    _, source, _, ask = round_
    source.loaded = Failure(ErrorKind.AUTH, "the login is refused")
    found = ask(39, 40)
    assert found.ready == []
    assert {(one.left.reason, one.left.detail) for one in found.left} == {
        (GapReason.AUTH, "the login is refused")
    }
    assert (found.round_.asked, found.round_.failed, found.round_.reason) == (2, 2, GapReason.AUTH)


def test_a_passing_failure_is_asked_again_in_the_same_round(round_, make):
    _, source, _, ask = round_
    answers = [Failure(ErrorKind.TRANSIENT, "cut"), make.noon]
    source.loaded = lambda: answers.pop(0)
    assert len(ask(40).ready) == 1


def test_a_connector_that_raises_is_a_passing_failure(round_):
    _, source, _, ask = round_
    source.loaded = lambda: 1 / 0
    (left,) = ask(40).left
    assert left.left.reason is GapReason.TRANSIENT
    assert "see the log" in left.left.detail


def stretch_of(desk, make, first, last):
    return Stretch(desk.account(), make.midnight(first - 1), make.midnight(last))


def test_a_stretch_of_the_past_is_cut_to_what_is_loaded(round_, make):
    desk, source, loads, _ = round_
    source.loaded = make.midnight(38)
    cut = loads.trim(source.open, stretch_of(desk, make, 30, 40), make.noon, lambda _: None)
    assert (cut.since, cut.until) == (make.midnight(29), make.midnight(38))
    assert loads.trim(source.open, stretch_of(desk, make, 39, 40), make.noon, lambda _: None) is None
    assert source.asked_loaded == 1


def test_what_is_known_to_wait_is_held_back_until_the_source_is_asked_again(round_, make):
    desk, source, loads, ask = round_
    waiting = stretch_of(desk, make, 40, 40)
    assert not loads.holds_back(waiting, make.noon)
    source.loaded = make.midnight(39)
    ask(40)
    assert loads.holds_back(waiting, make.noon)
    assert not loads.holds_back(stretch_of(desk, make, 39, 40), make.noon)
    assert not loads.holds_back(waiting, make.noon + ASK_AGAIN)


def test_waiting_breaks_no_health_and_is_healed(round_, make):
    desk, source, _, ask = round_
    desk.nothing_before()
    source.loaded = datetime(2026, 11, 1, tzinfo=UTC)
    found = ask(40)
    desk.books.keep(make.noon, found=found.left, standings={})
    current = desk.account().current
    assert current.failing == "waiting"
    assert current.heal_since < make.midnight(40) <= current.heal_until
    assert not GapReason(current.failing).breaks
