"""A baseline that the promise asks for no more is not judged by; it stays in the store until another one is known."""

from dataclasses import replace

import pytest

from collector.domain.baseline import BaselineKind
from collector.domain.judgement import evaluate
from collector.domain.shape import LastCycle, Measured, Reach, Total, Typed
from collector.domain.span import Span
from collector.services.backtest import backtest
from collector.services.read_models import standings
from collector.services.would_enrol import rehearse

WEEK = Span(days=7)
COUNTED = {"from": Total(at_most=100, start=Typed(300)), "last": Total(at_most=100, start=LastCycle())}


def read(made, make, value, *, days=10):
    for day in range(days):
        made.read(make.midnight(day), value)


def edit(made, make, shape):
    """Start krd with another promise, as after an edit, and judge by it."""
    (was,) = made.okrs.key_results.values()
    made.open(make.promised(replace(was, shape=shape, promise_fingerprint=repr(shape))))
    made.books.keep(made.clock.now(), standings={})
    return made.account()


def stored(made):
    number = made.account().enrolment.key_result
    with made.store.read() as tx:
        return tx.baselines([number]).get(number)


def seen(made):
    """Give how it stands in the store, as `krd show` and `krd baseline` read it."""
    [standing] = standings(made.beside, made.okrs, made.clock.now())
    return standing


@pytest.fixture
def counted(desk, make):
    """Give a desk with a total of at most 100 that began from 300, is 163 now, and was judged by that."""
    made = desk(make.key_result(shape=COUNTED["from"]), at=make.midnight(0))
    made.nothing_before()
    read(made, make, 163)
    assert made.account().evaluation.score == pytest.approx(137 / 200)
    return made


def test_a_total_edited_to_a_last_cycle_that_nobody_knows_is_scored_without_one(counted, make):
    account = edit(counted, make, COUNTED["last"])

    assert account.baseline is None
    assert (account.evaluation.score, account.evaluation.baseline_kind) == (pytest.approx(0.37), "")


def test_what_was_typed_once_is_shown_no_more(counted, make):
    edit(counted, make, COUNTED["last"])

    assert (seen(counted).baseline, seen(counted).evaluation.score) == (None, pytest.approx(0.37))


def test_a_restart_does_not_bring_an_edited_baseline_back(counted, make):
    edit(counted, make, COUNTED["last"])

    counted.open()

    assert (counted.account().baseline, counted.account().evaluation.score) == (None, pytest.approx(0.37))


def test_the_store_keeps_what_was_typed_once_as_evidence(counted, make):
    edit(counted, make, COUNTED["last"])

    assert (stored(counted).kind, stored(counted).value) == (BaselineKind.TYPED, 300)


def test_a_total_whose_from_was_taken_out_has_no_baseline(counted, make):
    account = edit(counted, make, Total(at_most=100))

    assert (account.baseline, seen(counted).baseline) == (None, None)


def test_a_from_that_is_written_again_is_judged_by_again(counted, make):
    edit(counted, make, COUNTED["last"])

    account = edit(counted, make, COUNTED["from"])

    assert (account.baseline.value, account.evaluation.score) == (300, pytest.approx(137 / 200))


def test_a_rehearsal_says_what_the_edit_would(counted, make):
    (was,) = counted.okrs.key_results.values()
    edited = make.promised(replace(was, shape=COUNTED["last"], promise_fingerprint="last"))

    rehearsal = rehearse(counted.beside, edited, counted.clock.now())

    assert rehearsal.said[was.key].score == pytest.approx(137 / 200)
    assert rehearsal.would_say[was.key].score == pytest.approx(0.37)


def test_a_word_that_no_krd_has_run_with_yet_is_shown_and_judged_by_already(desk, make):
    made = desk(make.key_result(shape=Reach(Typed(1000), 100)), at=make.midnight(0))
    made.nothing_before()
    read(made, make, 550, days=30)
    (was,) = made.okrs.key_results.values()
    made.okrs = make.promised(replace(was, shape=Reach(Typed(700), 100)))

    (played,) = backtest(made.beside, made.okrs, list(made.okrs.key_results.values()), made.clock.now())

    assert (seen(made).baseline.value, seen(made).evaluation.progress) == (700, 0.25)
    assert played.replay.past.baseline.value == 700


@pytest.fixture
def reached(desk, make):
    """Give a desk with a reach from 1000 to 100 that stands at 550 after ten days; its source has no past, and its rows are
    final after twenty days.
    """
    binding = make.daily(settle=Span(days=20))
    made = desk(make.key_result(binding, shape=Reach(Typed(1000), 100)), at=make.midnight(0))
    made.nothing_before()
    read(made, make, 550)
    assert made.account().evaluation.progress == 0.5
    return made


def test_a_reach_edited_to_a_last_cycle_that_nobody_knows_is_not_judged_by_the_old_word(reached, make):
    account = edit(reached, make, Reach(LastCycle(), 100))

    assert (account.baseline, account.evaluation.progress) == (None, None)
    assert "no cycle that was over before this one has a level of shop/one" in account.evaluation.reasons[0]


def test_a_reach_edited_to_measured_is_not_judged_until_something_is_measured(reached, make):
    account = edit(reached, make, Reach(Measured(WEEK), 100))

    assert (account.baseline, account.evaluation.progress) == (None, None)
    assert account.evaluation.reasons == ("no baseline yet",)


def test_the_days_that_nobody_could_judge_are_judged_once_it_is_known_where_it_began(reached, make):
    edit(reached, make, Reach(Measured(WEEK), 100))
    for day in range(10, 22):
        reached.read(make.midnight(day), 550 + 40 * (day - 9))

    account, at = reached.account(), reached.clock.now()
    anew = evaluate(account.key_result, replace(account.history, restep=True), at)
    assert account.baseline.kind is BaselineKind.FIRST_READING
    assert account.evaluation.drift == anew.drift
    assert account.evaluation.drift.low > 3


def test_a_past_that_is_not_healed_yet_keeps_no_old_word(desk, make):
    made = desk(make.key_result(shape=Reach(Typed(1000), 100)), at=make.midnight(0))
    read(made, make, 550)

    assert edit(made, make, Reach(Measured(WEEK), 100)).baseline is None

    made.heal({make.midnight(day): 900 for day in range(-8, 0)})
    assert made.account().baseline.value == 900


def test_a_frozen_measured_baseline_stays_when_only_the_target_moves(desk, make):
    made = desk(make.key_result(shape=Reach(Measured(WEEK), 100)), at=make.midnight(0))
    made.heal({make.midnight(day): 300 for day in range(-8, 0)})
    read(made, make, 200, days=20)
    known = made.account().baseline
    assert not known.provisional

    account = edit(made, make, Reach(Measured(WEEK), 50))

    assert (account.baseline, account.evaluation.progress) == (known, 0.4)


def test_a_frozen_measured_baseline_is_there_again_when_an_edit_is_taken_back(desk, make):
    made = desk(make.key_result(shape=Reach(Measured(WEEK), 100)), at=make.midnight(0))
    made.heal({make.midnight(day): 300 for day in range(-8, 0)})
    read(made, make, 200, days=20)
    known = made.account().baseline

    edit(made, make, Reach(LastCycle(), 100))
    account = edit(made, make, Reach(Measured(WEEK), 100))

    assert (account.baseline, account.evaluation.progress) == (known, 0.5)


def test_a_provisional_baseline_survives_a_restart(desk, make):
    made = desk(
        make.key_result(make.daily(settle=Span(days=5)), shape=Reach(Measured(WEEK), 100)),
        at=make.midnight(0),
    )
    made.heal({make.midnight(day): 300 for day in range(-8, 0)})
    known = made.account().baseline
    assert known.provisional

    made.open()

    assert made.account().baseline == known


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (Total(at_most=100, start=Typed(300)), (300, "typed")),
        (Total(at_least=100, start=Typed(30)), (0, "")),
        (Total(at_most=100, start=LastCycle()), (None, "")),
        (Total(at_most=100), (0, "")),
    ],
)
def test_a_total_tells_the_count_it_began_from_and_is_judged_from_nothing(desk, make, shape, told):
    made = desk(make.key_result(shape=shape), at=make.midnight(0))
    made.nothing_before()
    read(made, make, 50)

    said = made.account().evaluation
    assert (said.document()["baseline"], said.document()["baseline_kind"]) == told
    assert 0.5 in (said.spent, said.progress)
    assert seen(made).evaluation.baseline == told[0]
