"""A guardrail's strange readings: they are decided on like any other, and leave the closed days of the key result alone."""

import pytest

from collector.domain.expression import parse_formula
from collector.domain.measure import Computed
from collector.domain.okr import Guardrail
from collector.services.hold import judge_anew

GUARDRAIL, OPERAND = "guardrail:refunds", "main/failed"


@pytest.fixture
def guarded(desk, make):
    """Give a desk whose key result is computed of an operand, and has a guardrail that is computed too."""

    def computed():
        form = Computed(parse_formula("failed"), {"failed": make.daily()})
        return make.daily(source="", form=form)

    guardrail = Guardrail("refunds", "Refunds stay low", computed(), 5, None)
    fingerprints = {OPERAND: "a", GUARDRAIL: "b", f"{GUARDRAIL}/failed": "c"}
    return desk(make.key_result(computed(), guardrails=(guardrail,), fingerprints=fingerprints))


@pytest.mark.parametrize(
    ("role", "restep"), [("main", True), (OPERAND, True), (GUARDRAIL, False), (f"{GUARDRAIL}/failed", False)]
)
def test_only_what_the_days_rest_on_has_them_stepped_anew(guarded, role, restep):
    main = guarded.account()
    main.changed = main.restep = False
    judge_anew(guarded.account(role=role))
    assert (main.changed, main.restep) == (True, restep)
