"""What becomes of each form of a measure: events, expressions, values by hand, and the guardrails that use them."""

from datetime import date, timedelta

import pytest

from collector.configuration.expressions import circles
from collector.domain.cadence import Months
from collector.domain.measure import ByHand, Events, HandValue, OnEmpty, Query, Ratio, WholeCycle
from collector.domain.okr import MAIN
from collector.domain.shape import LastCycle, Slo, Total, Typed
from collector.domain.span import Span

QUARTER_HOUR = Span(real=timedelta(minutes=15))
COUNT = 'window: cycle, query: "SELECT count(*) FROM t WHERE at >= :since AND at < :until"'


def measures(**texts):
    """A `measures:` section; it begins on line 13."""
    return "measures:\n" + "".join(f"  {name.replace('_', '-')}: {text}\n" for name, text in texts.items())


PAID = {"failed": "{source: prod, query: failed}", "paid": "{source: prod, query: paid}"}


def test_events_of_a_counter_are_asked_by_their_increase_over_the_slot(one):
    found = one(measure="{source: prod, bad: 'c{code=~\"5..\"}', total: c}", promise="slo: 99.95")
    assert found.binding.form == Events(
        'sum(increase(c{code=~"5.."}[$window]))', "sum(increase(c[$window]))", bad=True
    )
    assert (found.shape, found.binding.every, found.binding.window) == (
        Slo(99.95), QUARTER_HOUR, QUARTER_HOUR
    )  # fmt: skip
    assert (found.unit, found.binding.answers_the_past, found.not_run) == ("%", True, None)


def test_events_elsewhere_are_questions_as_they_are(one):
    good, total = "SELECT 1 WHERE at < :until", "SELECT 2 WHERE at < :until"
    found = one(measure=f'{{source: warehouse, good: "{good}", total: "{total}"}}', promise="slo: 99")
    assert found.binding.form == Events(good, total, bad=False)


def test_a_selector_may_stand_in_a_file(one):
    found = one(
        measure="{source: prod, bad: {file: bad.promql}, total: c}",
        promise="slo: 99",
        more={"okrs/bad.promql": "# ours\nbad_total # all\n"},
    )
    assert found.binding.form.counted == "sum(increase(# ours\nbad_total # all\n[$window]))"


def test_a_mistake_in_the_file_of_a_selector_is_placed_there(files, said):
    files.write("okrs/bad.promql", "bad_total\n  [5m]\n")
    found = files.load(
        okrs=files.OKRS.replace("query: latency", "bad: {file: bad.promql}, total: c")
        .replace("from: 120", "slo: 99")
        .replace("        to: 60\n", "")
        .replace("unit: ms, ", "")
    )
    assert [str(one.place) for one in found.errors] == ["okrs/bad.promql:2:3"]


def test_an_expression_reads_its_operands_at_its_own_interval(one):
    found = one(
        measure='{expression: "100 * failed / paid", unit: "%", every: 1h, plausible: [0, 100]}',
        extra=measures(
            failed="{source: prod, query: failed, settle: 2d}",
            paid="{source: prod, every: 1m, query: paid, window: 7d}",
        ),
    )
    binding, hour = found.binding, Span(real=timedelta(hours=1))
    assert binding.form.formula.text == "100 * failed / paid"
    assert {name: (one.form, one.every, one.window) for name, one in binding.operands.items()} == {
        "failed": (Query("failed"), hour, hour),
        "paid": (Query("paid"), hour, Span(days=7)),
    }
    assert (binding.every, binding.window, binding.settle, binding.plausible, binding.unit) == (
        hour, Span(days=7), Span(days=2), (0.0, 100.0), "%"
    )  # fmt: skip
    assert (binding.asked, binding.answers_the_past, binding.source) == (False, True, "")
    assert list(found.bindings) == [MAIN, "main/failed", "main/paid"]


def test_an_expression_takes_the_interval_on_which_its_operands_agree(one):
    found = one(measure="{expression: failed / paid}", extra=measures(**PAID))
    assert found.binding.every == QUARTER_HOUR


def test_an_operand_may_be_a_ratio_or_pick_of_another_measure(one):
    found = one(
        measure="{expression: rate - limit}",
        extra=measures(
            rate='{source: warehouse, numerator: "SELECT 1 WHERE :until", denominator: "SELECT 2 WHERE :until"}',
            all="{source: warehouse, query: 'SELECT 3 WHERE :until'}",
            limit="{use: all, pick: {name: top}}",
        ),
    )
    operands = found.binding.operands
    assert operands["rate"].form == Ratio("SELECT 1 WHERE :until", "SELECT 2 WHERE :until")
    assert (operands["limit"].form, operands["limit"].pick) == (
        Query("SELECT 3 WHERE :until"), {"name": "top"}
    )  # fmt: skip


def test_an_expression_answers_the_past_only_if_all_its_operands_do(one):
    found = one(
        measure="{expression: a + b}",
        extra=measures(
            a="{source: warehouse, query: SELECT 1}", b="{source: warehouse, query: 'SELECT 1 WHERE :until'}"
        ),
    )
    assert not found.binding.answers_the_past


def test_an_expression_may_be_shared_and_a_name_may_hold_a_dash(one):
    found = one(
        measure="{use: error-rate, unit: share}",
        extra=measures(failed_now="{source: prod, query: x}", error_rate="{expression: failed-now / 7}"),
    )
    assert (found.binding.form.formula.names, found.unit) == (("failed-now",), "share")


def test_a_total_may_be_computed_of_counts_of_the_cycle(one):
    found = one(
        measure="{expression: a + b}",
        promise="from: last_cycle\n        total: {at_most: 3}",
        extra=measures(a=f"{{source: warehouse, {COUNT}}}", b=f"{{source: warehouse, {COUNT}}}"),
    )
    assert (found.shape, found.binding.window) == (Total(at_most=3.0, start=LastCycle()), WholeCycle())


def test_a_total_of_counts_that_begin_later_is_refused(said):
    assert said(
        measure="{expression: failed + paid}", promise="total: {at_most: 3}", extra=measures(**PAID)
    ) == [
        (
            "10:18 KRD508: the measure of a total covers less than the cycle; "
            "add `window: cycle` to what it is computed of"
        )
    ]


def test_a_value_by_hand_is_due_monthly_and_its_person_is_asked(one):
    found = one(measure="{by_hand: li}", promise="from: 20\n        to: 35")
    assert found.binding.form == ByHand("li")
    assert (found.binding.every, found.binding.asked, found.binding.by_hand) == (Months(1), False, True)
    assert (found.judge_over, found.not_run) == (Span(days=31), None)


def test_values_by_hand_may_stand_in_the_file_in_any_order(one):
    found = one(
        measure="{by_hand: li, every: week, unit: points, plausible: [-100, 100], values: ["
        "{as_of: 2026-11-21, value: 27, note: n=412}, {as_of: 2026-09-20, value: 1.5k}]}"
    )
    assert found.binding.form.values == (
        HandValue(date(2026, 9, 20), 1500.0), HandValue(date(2026, 11, 21), 27.0, "n=412")
    )  # fmt: skip
    assert found.binding.plausible == (-100.0, 100.0)


def test_a_value_more_is_no_other_measure(one):
    first = one(measure="{by_hand: li, values: [{as_of: 2026-10-31, value: 1}]}")
    second = one(measure="{by_hand: li, values: [{as_of: 2026-11-20, value: 1}]}")
    assert first.measure_fingerprint == second.measure_fingerprint


def test_what_a_person_enters_for_a_total_counts_the_cycle(one):
    found = one(measure="{by_hand: li}", promise="from: 9\n        total: {at_most: 3}")
    assert (found.shape, found.binding.window) == (Total(at_most=3.0, start=Typed(9.0)), WholeCycle())


def test_a_cycle_of_short_days_takes_values_by_hand_in_its_own_days(one):
    assert one(cycle="lab", measure="{by_hand: li, every: 5d}").binding.every == Span(days=5)


def test_a_guardrail_is_a_series_of_its_own_with_bounds(one):
    found = one(
        extra="        guardrails:\n"
        "          - {id: refunds, title: stay low, at_most: 2, measure: {source: warehouse, on_empty: zero,"
        " query: {file: r.sql}}}\n"
        "          - {id: errors, title: stay few, at_least: 0, at_most: 0.1, measure: {expression: failed / paid}}\n"
        + measures(**PAID),
        more={"okrs/r.sql": "SELECT 1 WHERE :until\n"},
    )
    refunds, errors = found.guardrails
    assert (refunds.role, refunds.at_most, refunds.at_least, refunds.title) == (
        "guardrail:refunds", 2.0, None, "stay low"
    )  # fmt: skip
    assert (refunds.binding.form, refunds.binding.on_empty) == (Query("SELECT 1 WHERE :until"), OnEmpty.ZERO)
    assert (errors.at_least, errors.at_most) == (0.0, 0.1)
    assert list(found.bindings) == [
        MAIN, "guardrail:refunds", "guardrail:errors", "guardrail:errors/failed", "guardrail:errors/paid"
    ]  # fmt: skip
    assert found.bindings.keys() - {MAIN} == found.fingerprints.keys()


def test_a_key_result_waits_for_the_source_of_its_guardrail(files, one):
    krd = files.KRD.replace("notify:", "  board: {kind: linear}\nnotify:")
    found = one(
        krd=krd,
        extra="        guardrails: [{id: bugs, title: few, at_most: 2, measure: {source: board, query: x}}]\n",
    )
    assert found.not_run == (
        "its guardrail bugs is not measured: the source board is of the kind linear, which is not read yet"
    )


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        ({"a": ["b"], "b": ["c"]}, []),
        ({"a": ["a"]}, [("a",)]),
        ({"a": ["b"], "b": ["a"], "c": ["a"]}, [("a", "b")]),
        ({"x": ["a"], "a": ["b", "c"], "b": ["a"], "c": ["a", "gone"]}, [("a", "b"), ("a", "c")]),
    ],
)
def test_a_circle_is_found_from_wherever_one_begins(needs, found):
    assert list(circles(needs)) == found


def test_a_chain_of_thousands_of_measures_is_walked_through():
    needs = {f"m{n}": [f"m{n + 1}"] for n in range(20_000)} | {"m20000": ["m19999"]}
    assert list(circles(needs)) == [("m19999", "m20000")]


def test_a_circle_and_those_who_only_lead_into_it_are_told_apart(said):
    assert said(
        measure="{expression: x + a}",
        extra=measures(
            x="{source: prod, query: x}",
            a="{expression: b + 1}",
            b="{expression: x / c}",
            c="{expression: a * x}",
        ),
    ) == [
        "15:19 KRD512: the measure `a` is defined by itself: a needs b needs c needs a; let one of them ask a source"
    ]


def test_a_circle_that_nobody_uses_is_told_too(said):
    assert said(extra=measures(a="{use: b}", b="{expression: 2 * a}")) == [
        "14:12 KRD512: the measure `a` is defined by itself: a needs b needs a; let one of them ask a source"
    ]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('"failed / 0"', "10:41", "a division by zero never has a value"),
        ('"failed / (3 - 3.0)"', "10:42", "a division by zero never has a value"),
        ('"failed  /   sqrt(paid)"', "10:44", "may stand here"),
        ('"failed / paid.x"', "10:41", "may stand here"),
        ("\"__import__('os')\"", "10:32", "may stand here"),
        ('"failed /"', "10:3", "this is no expression"),
        ('"' + "(" * 400 + 'paid"', "10:", "this is no expression"),
        ('"' + "+".join(["paid"] * 400) + '"', "10:32", "write at most 1000"),
        ('"1 + 2"', "10:32", "names no measure"),
        (
            '"pass / paid"',
            "10:32",
            "a measure called `pass` cannot stand in an expression; give it another name",
        ),
        ('"failed[0]"', "10:32", "may stand here"),
        ("|\n            failed\n              / sqrt(paid)\n", "13:17", "may stand here"),
    ],
)
def test_a_wrong_expression_is_placed_inside_its_text(said, text, place, words):
    (only,) = said(measure=f"\n          expression: {text}" if text[0] == "|" else f"{{expression: {text}}}",
                   extra=measures(**PAID))  # fmt: skip
    assert only.startswith(place)
    assert "KRD511" in only
    assert words in only


def test_every_unknown_name_of_an_expression_is_told_at_its_place(said):
    assert said(measure='{expression: "faild / (paid  + pad)"}', extra=measures(**PAID)) == [
        "10:32 KRD306: there is no measure `faild` in this file; did you mean failed?",
        "10:49 KRD306: there is no measure `pad` in this file; did you mean paid?",
    ]
