"""An operand that is held: nothing is computed of it until it counts, and then it is computed after all."""

import pytest

from collector.domain.expression import parse_formula
from collector.domain.measure import Computed
from collector.services.release import Decision, decide

FAILED = "main/failed"


@pytest.fixture
def shop(desk, make):
    """Give a desk whose value is failed / paid, and `read(day, failed, paid)`."""
    operands = {"failed": make.daily(), "paid": make.daily()}
    form = Computed(parse_formula("failed / paid"), operands)
    computed = make.key_result(make.daily(source="", form=form), fingerprints={FAILED: "a", "main/paid": "b"})
    made = desk(computed, at=make.midnight(29))
    made.nothing_before()

    def read(day, failed, paid=1000):
        made.read(make.midnight(day), failed, role=FAILED)
        made.read(make.midnight(day), paid, role="main/paid")

    made.fill = read
    read(30, 500)
    read(31, 510)
    read(32, 51_000)
    return made


def test_nothing_is_computed_of_a_held_operand(shop):
    assert shop.values(role=FAILED)[32] == (51_000, "held")
    assert shop.values() == {30: (0.5, "used"), 31: (0.51, "used")}


def test_confirmed_operands_are_computed_with_after_all(shop):
    shop.fill(33, 51_500)
    shop.fill(34, 50_500)
    assert {state for _, state in [*shop.values(role=FAILED).values(), *shop.values().values()]} == {"used"}
    assert [shop.values()[day][0] for day in (32, 33, 34)] == [51.0, 51.5, 50.5]


def test_a_released_operand_is_computed_with_after_all(shop, make):
    shop.fill(33, 505)
    (key_result,) = shop.okrs.key_results.values()
    decision = Decision(True, "li", "it was so", shop.clock.now())
    decide(shop.beside, shop.okrs, {}, key_result, [], decision)
    assert shop.values()[32][0] == 51.0
    assert shop.day(32) == 51.0


def test_the_key_result_speaks_for_its_operands(shop):
    states = [
        alert.state.value for (kind, _), alert in shop.books.ledger.alerts.items() if kind == "implausible"
    ]
    assert states == ["firing"]
