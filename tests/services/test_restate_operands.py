"""Operands that become other numbers: what is computed of them follows, and is never made up nor left behind."""

from datetime import timedelta

import pytest

from collector.domain.expression import parse_formula
from collector.domain.measure import Computed
from collector.domain.sample import Gap, GapReason
from collector.domain.span import Span
from collector.services.ask import Found, Healed
from collector.services.heal import stretches
from collector.services.release import Decision, decide
from collector.services.restate import Reread

FAILED, PAID = "main/failed", "main/paid"
TWO_HOURS = timedelta(hours=2)


def promise(make, formula="failed / paid", **more):
    operands = {"failed": make.daily(settle=Span(days=3)), "paid": make.daily(settle=Span(days=3))}
    binding = make.daily(source="", form=Computed(parse_formula(formula), operands), **more)
    return make.key_result(binding, fingerprints={FAILED: "a", PAID: "b"}, measure_fingerprint=formula)


@pytest.fixture
def shop(desk, make):
    """Give `open_(**binding)`: a desk whose value is failed / paid, with `fill`, `say_again`, `heal_part` and `fail`."""

    def open_(**more):
        made = desk(promise(make, **more), at=make.midnight(29))
        made.nothing_before()

        def fill(day, failed, paid=1000):
            made.read(make.midnight(day), failed, role=FAILED)
            made.read(make.midnight(day), paid, role=PAID)

        def found(day, value, role):
            slot = make.midnight(day)
            return Found(made.due(slot, role=role), made.sample(slot, value), made.clock.now())

        def say_again(day, value, role, times=1):
            for _ in range(times):
                made.clock.advance(TWO_HOURS)
                at, series = made.clock.now(), made.account(role=role).series
                again = Reread(series, [found(day, value, role)], make.midnight(day), at, complete=False)
                made.books.keep(at, reread=[again], standings={})

        def heal_part(values, role):
            at, series = made.clock.now(), made.account(role=role).series
            findings = [found(day, value, role) for day, value in values.items()]
            made.books.keep(at, healed=[Healed(series, findings, make.midnight(max(values)))], standings={})

        def fail(day, role, reason):
            slot = make.midnight(day)
            made.clock.set(slot)
            made.books.keep(
                slot, found=[Found(made.due(slot, role=role), Gap(slot, reason), slot)], standings={}
            )

        made.fill, made.say_again, made.heal_part, made.fail = fill, say_again, heal_part, fail
        return made

    return open_


def test_a_failure_of_an_operand_leaves_nothing_to_heal_of_what_is_computed(shop):
    made = shop()
    made.fill(30, 500)
    made.fail(31, FAILED, GapReason.TIMEOUT)
    made.read(made.clock.now(), 1000, role=PAID)
    assert made.account().current.heal_since is None
    assert [one.account.role for one in stretches(list(made.books.ledger.accounts.values()))] == [FAILED]
    made.heal_part({31: 505}, FAILED)
    assert made.account().pending is None
    for day in (32, 33, 34):
        made.fill(day, 505)
    assert made.values()[31] == (0.505, "used")
    assert made.account().evaluation.day == 35


def test_what_an_earlier_krd_left_to_heal_of_what_is_computed_is_forgotten(shop, make):
    made = shop()
    made.fill(30, 500)
    stuck = make.replace(made.current(), heal_since=make.midnight(29), heal_until=make.midnight(30))
    with made.store.write() as tx:
        tx.put_currents([stuck])
    made.open()
    assert (made.current().heal_since, made.current().heal_until) == (None, None)


def test_a_restated_operand_restates_what_is_computed(shop):
    made = shop()
    made.fill(30, 500)
    made.say_again(30, 600, FAILED)
    assert made.values()[30] == (0.6, "used")
    assert [(one.was.value, one.now.value) for one in made.replaced()] == [(0.5, 0.6)]


def test_a_held_operand_that_is_restated_is_computed_with(shop):
    made = shop()
    made.fill(30, 500)
    made.fill(31, 50_000)
    assert 31 not in made.values()
    made.say_again(31, 510, FAILED)
    assert made.values()[31] == (0.51, "used")
    assert (made.day(31), made.current().value, made.current().failing) == (0.51, 0.51, None)


def test_a_denominator_that_is_no_longer_zero_gives_a_value(shop):
    made = shop()
    made.fill(30, 500)
    made.fill(31, 500, 0)
    made.fill(32, 500)
    made.say_again(31, 1000, PAID)
    assert made.values()[31] == (0.5, "used")
    assert made.day(31) == 0.5


@pytest.mark.parametrize("newest", [31, 32])
def test_a_denominator_that_is_zero_now_takes_the_value_out_of_use(shop, make, newest):
    made = shop()
    for day in range(30, newest + 1):
        made.fill(day, 500)
    made.say_again(31, 0, PAID, times=2)
    assert made.values(role=PAID)[31] == (0.0, "used")
    assert made.values()[31] == (0.5, "discarded")
    assert made.day(31) is None
    assert made.current().slot == make.midnight(30 if newest == 31 else 32)
    assert made.current().failing == ("no_data" if newest == 31 else None)
    (kept,) = made.replaced()
    assert "no value for failed = 500, paid = 0" in kept.now.evidence["withdrawn_because"]


def test_a_value_that_was_taken_out_of_use_comes_back_with_its_operands(shop):
    made = shop()
    made.fill(30, 500)
    made.fill(31, 500)
    made.say_again(31, 0, PAID, times=2)
    made.say_again(31, 1000, PAID)
    assert made.values()[31] == (0.5, "used")
    assert (made.day(31), made.current().failing) == (0.5, None)


def test_what_a_person_discarded_does_not_come_back_with_its_operands(shop):
    made = shop(plausible=(0.0, 1.0))
    made.fill(30, 500)
    made.fill(31, 900, 500)
    assert made.values()[31] == (1.8, "held")
    (key_result,) = made.okrs.key_results.values()
    decide(made.beside, made.okrs, {}, key_result, [], Decision(False, "li", "no", made.clock.now()))
    made.say_again(31, 1000, PAID)
    assert made.values()[31] == (1.8, "discarded")


def test_what_is_computed_of_restated_operands_is_held_against_its_own_bounds(shop, make):
    made = shop(plausible=(0.0, 1.0))
    made.fill(30, 500)
    made.fill(31, 500)
    made.say_again(31, 400, PAID)
    assert made.values()[31] == (1.25, "held")
    assert (made.day(31), made.current().value, made.current().held) == (None, 0.5, 1)
    made.say_again(31, 900, PAID)
    assert made.values()[31][1] == "used"
    assert (made.current().slot, made.current().held) == (make.midnight(31), 0)


def test_held_operands_that_the_past_confirms_are_computed_with(shop, make):
    made = shop()
    made.fill(30, 500)
    made.fill(31, 50_000)
    for day in (32, 33):
        made.read(make.midnight(day), 1000, role=PAID)
    made.heal_part({32: 50_500, 33: 50_600}, FAILED)
    assert list(made.values().values()) == [(value, "used") for value in (0.5, 50, 50.5, 50.6)]
    assert made.day(31) == 50


def test_a_changed_formula_is_computed_of_all_that_its_operands_hold(shop, make):
    made = shop()
    made.heal_part(dict.fromkeys(range(-7, 0), 400), FAILED)
    made.heal_part(dict.fromkeys(range(-7, 0), 1000), PAID)
    for day in range(30, 36):
        made.fill(day, 500)
    made.open(make.promised(promise(make, "1 - failed / paid")))
    assert made.account().enrolment.segment == 2
    assert made.values() == {
        **dict.fromkeys(range(-7, 0), (0.6, "used")),
        **dict.fromkeys(range(30, 36), (0.5, "used")),
    }
    assert [one.origin.value for one in made.stored().values()] == ["healed"] * 13
    assert made.account().evaluation.level == 0.5
    assert (made.current().value, made.current().covered) == (0.5, make.midnight(35))
    made.fill(36, 600)
    assert made.values()[36] == (0.4, "used")
