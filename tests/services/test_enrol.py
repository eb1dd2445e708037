"""Definitions that changed: what was judged by the old ones is ended, frozen, or counted anew."""

from datetime import timedelta

import pytest

from collector.domain.okr import Guardrail
from collector.domain.shape import Keep
from collector.domain.span import Span

HOUR = timedelta(hours=1)
GUARDRAIL = "guardrail:refunds"


@pytest.fixture
def hourly(desk, make):
    """Give a desk that kept a latency of 250 under 200 for a day and the six hours of the next one, and `allow(at_most)`."""
    binding = make.daily(every=Span(real=HOUR), window=Span(real=HOUR))

    def promise(at_most):
        return make.key_result(
            binding, shape=Keep(at_most=at_most, share=99), promise_fingerprint=f"{at_most}"
        )

    made = desk(promise(200), at=make.midnight(38))
    made.nothing_before()
    for hour in range(1, 31):
        made.read(make.midnight(38) + hour * HOUR, 250)
    made.allow = lambda at_most: made.open(make.promised(promise(at_most)))
    return made


def test_a_changed_band_is_counted_anew_on_the_day_that_is_still_open_too(hourly):
    assert [(day.day, day.n, day.inside) for day in hourly.account().days] == [(39, 24, 0), (40, 6, 0)]
    hourly.allow(300)
    assert [(day.day, day.n, day.inside) for day in hourly.account().days] == [(39, 24, 24), (40, 6, 6)]
    assert hourly.account().evaluation.spent == 0


def test_a_day_that_is_still_open_has_no_value_after_its_band_changed(hourly):
    hourly.allow(300)
    assert [(day.day, day.value) for day in hourly.account().days] == [(39, 250), (40, None)]
    assert (hourly.day(39), hourly.day(40)) == (250, None)


def guarded(make, refunds="a", measure="b"):
    guardrail = Guardrail("refunds", "Refunds stay low", make.daily(), 5, None)
    return make.key_result(
        guardrails=(guardrail,), fingerprints={GUARDRAIL: refunds}, measure_fingerprint=measure
    )


@pytest.mark.parametrize(
    ("changed", "ended"), [({"refunds": "c"}, {GUARDRAIL}), ({"measure": "c"}, {"main"}), ({}, set())]
)
def test_every_series_that_got_a_successor_is_ended(desk, make, tmp_path, changed, ended, rows):
    made = desk(guarded(make))
    made.clock.advance(HOUR)
    made.open(make.promised(guarded(make, **changed)))
    found = rows("SELECT role, verdict IS NULL FROM series WHERE ended IS NOT NULL")
    assert {role for role, _ in found} == ended
    assert all(empty for role, empty in found if role != "main")
