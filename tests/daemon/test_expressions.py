"""Expressions over named measures: operands are read at the same slots, and nothing is made up where one is missing."""

from datetime import timedelta

import pytest

from collector.domain.status import Status

HOUR = timedelta(hours=1)
MEASURES = (
    "{failed: {source: prod, every: 1h, query: 'hour()'},"
    " paid: {source: prod, every: 1h, query: 'vector(200)'},"
    " none: {source: prod, every: 1h, query: 'vector(0)'},"
    " odd: {source: prod, every: 1h, query: 'vector(1) and on() (hour() % 2 == 1)'},"
    " other: {source: second, every: 1h, query: 'vector(4)'}}"
)


def write(house, first, second=None, **key_results):
    house.write(
        sources={
            "prod": f"{{kind: prometheus, url: '{first.url}', timeout: PT5S}}",
            "second": f"{{kind: prometheus, url: '{(second or first).url}', timeout: PT5S}}",
        },
        measures=MEASURES,
        key_results=key_results,
    )


def test_an_expression_is_computed_of_the_same_slot_of_each_operand(house, prom):
    write(house, prom(), share="{expression: failed / paid * 100}")
    house.start()
    house.step(HOUR, times=2)
    found = {slot.hour: value for slot, value, _ in house.samples("share")[-3:]}
    assert found == {10: 5.0, 11: 5.5, 12: 6.0}


def test_an_expression_is_healed_with_its_operands(house, prom):
    write(house, prom(), share="{expression: failed / paid * 100}")
    house.start()
    healed = [(slot, origin) for slot, _, origin in house.samples("share") if origin == "healed"]
    own = [slot for slot, _, origin in house.samples("share", "main/failed") if origin == "healed"]
    assert [slot for slot, _ in healed] == own
    assert len(own) > 24 * 28


def test_operands_of_two_sources_meet_in_one_slot(house, prom):
    first, second = prom(), prom()
    write(house, first, second, sum="{expression: paid + other}")
    house.start()
    house.step(HOUR)
    assert house.samples("sum")[-1][1] == 204.0


def test_a_missing_operand_is_no_data(house, prom):
    write(house, prom(), odd="{expression: odd + paid}")
    house.start()
    house.step(HOUR, times=2)
    assert [(slot.hour, reason) for slot, reason, _ in house.gaps("odd")[-1:]] == [(12, "no_data")]
    assert "`odd` has no value" in house.gaps("odd")[-1][2]
    assert house.samples("odd")[-1][0].hour == 11


def test_a_division_by_zero_is_no_data(house, prom):
    write(house, prom(), broken="{expression: paid / none}")
    house.start()
    house.step(HOUR)
    assert house.samples("broken") == []
    slot, reason, detail = house.gaps("broken")[-1]
    assert (slot.hour, reason) == (11, "no_data")
    assert "paid / none has no value for paid = 200, none = 0" in detail


def test_an_operand_whose_source_is_away_is_filled_in_when_it_is_back(house, prom):
    first, second = prom(), prom()
    write(house, first, second, sum="{expression: paid + other}")
    house.start()
    house.step(HOUR)
    second.mode = "500"
    house.step(HOUR, times=2)
    assert house.samples("sum")[-1][0].hour == 11
    second.mode = "ok"
    for _ in range(8):
        house.step(timedelta(minutes=5))
    assert [slot.hour for slot, *_ in house.samples("sum")][-3:] == [11, 12, 13]
    assert [reason for slot, reason, _ in house.gaps("sum") if slot.hour in (12, 13) and slot.day == 12] == []
    (missed,) = house.rows(
        "SELECT heal_since FROM currents c JOIN series s ON s.id = c.series WHERE s.role = 'main'"
    )
    assert missed == (None,)
    day = house.verdict("sum").day
    house.step(HOUR, times=12)
    assert house.verdict("sum").day == day + 1


@pytest.mark.parametrize(
    ("bound", "status"), [("at_most: 250", Status.ON_TRACK), ("at_most: 150", Status.AT_RISK)]
)
def test_a_broken_guardrail_keeps_a_key_result_from_being_on_track(house, prom, bound, status):
    guardrail = f"{{id: refunds, title: refunds stay low, measure: {{use: paid}}, {bound}}}"
    promise = f"from: 4, to: 2, guardrails: [{guardrail}]"
    falling = "{source: prod, every: 1h, query: 'vector(4 - (time() - 1759269600) / 86400 * 0.04)'}"
    write(house, prom(), good={"measure": falling, "promise": promise})
    house.start()
    house.step(HOUR, times=2)
    verdict = house.verdict("good")
    assert verdict.status is status
    assert [one.breached for one in verdict.guardrails] == [status is Status.AT_RISK]
    assert house.samples("good", "guardrail:refunds")[-1][1] == 200.0


def test_a_guardrail_that_is_not_measured_is_not_green(house, prom):
    guardrail = (
        "{id: none, title: nothing, measure: {source: prod, every: 1h, query: absent_metric}, at_most: 1}"
    )
    promise = f"from: 4, to: 2, guardrails: [{guardrail}]"
    falling = "{source: prod, every: 1h, query: 'vector(4 - (time() - 1759269600) / 86400 * 0.04)'}"
    write(house, prom(), good={"measure": falling, "promise": promise})
    house.start()
    house.step(HOUR, times=2)
    assert house.verdict("good").status is Status.AT_RISK
    assert house.samples("good", "guardrail:none") == []
