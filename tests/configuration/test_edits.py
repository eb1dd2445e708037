"""What the files say about their own history: edits, retirements, earlier names, and the record that is kept of it all."""

import json
from datetime import date

import pytest

from collector.domain.okr import Edit, Retired
from collector.domain.promise import Promise

KRD = """\
timezone: Europe/Berlin
cycles: [2026-Q4, {id: lab, starts: 2026-11-01, days: 100, day: 6s}]
people: {li: {name: Li}}
teams: {shop: {lead: li}}
sources:
  prod: {kind: prometheus, url: "http://127.0.0.1:9090"}
  warehouse: {kind: sql, url: {env: WAREHOUSE_URL}}
notify: {terminal: {kind: console}}
"""
LATENCY = "{source: prod, query: latency}"
RATIO = (
    "{source: warehouse, unit: '%', window: 7d, matures: 7d, settle: 3d,"
    " numerator: 'SELECT 1 WHERE a < :until', denominator: 'SELECT 2 WHERE a < :until'}"
)
COUNT = (
    "{source: warehouse, window: cycle, query: 'SELECT count(*) FROM t WHERE at >= :since AND at < :until'}"
)
WAY = "from: 120\n        to: 60"
PINNED = {
    "a_reach": ("{source: prod, unit: ms, query: latency}", WAY, "f76568d391eae67b", "80d2781d24bfe209"),
    "a_file": (
        "{source: prod, query: {file: x.promql}, pick: {service: a}}", "from: measured\n        to: 60",
        "4551df86f88916f3", "7055db2c331723d8",
    ),
    "a_ratio": (
        RATIO, "from: {measured: 28d}\n        to: 45\n        by: 2026-11-30",
        "ef019e7136da246c", "728c9a638997ca4f",
    ),
    "a_change": (
        "{source: prod, query: latency, every: 2w}", "change: -40%\n        judge_over: 14d",
        "c18bdb0c788e31df", "19683cfe5fa00b85",
    ),
    "working_days": (
        LATENCY, "change: +5pt\n        pace: working-days", "873102317b927404", "d14323a31c0c3476",
    ),
    "a_budget": (COUNT, "total: {at_most: 3}\n        from: 9", "c8c0bca1d9a58daf", "05cc9ef2a9df866c"),
    "a_goal": (COUNT, "total: {at_least: 3k}", "c8c0bca1d9a58daf", "b3c5128fac1b7f4a"),
    "late": (LATENCY, f"{WAY}\n        pace: {{late: 2026-11-01}}", "873102317b927404", "e4b91850f5ee8aa0"),
    "points": (
        LATENCY, f"{WAY}\n        pace: {{points: [[2026-11-01, 100]]}}", "873102317b927404", "09f01a8593569ee7",
    ),
    "a_band": (LATENCY, "keep: {at_most: 200, share: 99}", "873102317b927404", "5165845e9d89f245"),
    "last_cycle": (LATENCY, "from: last_cycle\n        to: 60", "873102317b927404", "83d6e13fb41855b1"),
}  # fmt: skip
"""Definitions with the fingerprints of the first release: another one would begin a new segment everywhere."""

GUARDED = "        guardrails: [{{id: refunds, title: few, at_most: {bound}, measure: {{source: prod, query: {query}}}}}]\n"


@pytest.mark.parametrize("name", PINNED)
def test_a_definition_keeps_its_fingerprints_from_release_to_release(one, name):
    measure, promise, measured, promised = PINNED[name]
    found = one(krd=KRD, measure=measure, promise=promise, more={"okrs/x.promql": "up\n"})
    assert (found.measure_fingerprint, found.promise_fingerprint) == (measured, promised)


def test_the_bounds_of_a_guardrail_are_promised_and_its_query_is_measured(one):
    plain, first = one(), one(extra=GUARDED.format(bound=2, query="x"))
    other_bound = one(extra=GUARDED.format(bound=3, query="x"))
    other_query = one(extra=GUARDED.format(bound=2, query="y"))
    assert plain.measure_fingerprint == first.measure_fingerprint == other_query.measure_fingerprint
    assert len({plain.promise_fingerprint, first.promise_fingerprint, other_bound.promise_fingerprint}) == 3
    assert first.promise_fingerprint == other_query.promise_fingerprint
    assert first.fingerprints == other_bound.fingerprints != other_query.fingerprints


def test_another_operand_is_another_measure_of_itself_and_of_what_is_computed(one):
    def with_query(query):
        shared = f"measures: {{a: {{source: prod, query: {query}}}, b: {{source: prod, query: b}}}}\n"
        return one(measure="{expression: a / b}", extra=shared)

    first, second = with_query("x"), with_query("y")
    assert first.measure_fingerprint != second.measure_fingerprint
    assert first.fingerprints["main/a"] != second.fingerprints["main/a"]
    assert first.fingerprints["main/b"] == second.fingerprints["main/b"]
    assert first.promise_fingerprint == second.promise_fingerprint


def test_good_events_are_another_measure_than_bad_ones(one):
    good = one(measure="{source: prod, good: a, total: b}", promise="slo: 99")
    bad = one(measure="{source: prod, bad: a, total: b}", promise="slo: 99")
    assert good.measure_fingerprint != bad.measure_fingerprint


def test_edits_retirement_and_earlier_names_are_kept(one):
    found = one(
        extra="        changes: [{on: 2026-11-12, why: a new cache}, {on: 2026-11-20, why: too easy}]\n"
        "        retired: {on: 2026-11-21, why: the shop is sold}\n"
        "        was: [p95, speed]\n"
    )
    assert found.changes == (
        Edit(date(2026, 11, 12), "a new cache"), Edit(date(2026, 11, 20), "too easy")
    )  # fmt: skip
    assert found.retired == Retired(date(2026, 11, 21), "the shop is sold")
    assert found.was == ("shop/p95", "shop/speed")


def test_the_record_tells_the_whole_definition(one):
    found = one(
        extra="        changes: [{on: 2026-11-12, why: a new cache}]\n"
        "        retired: {on: 2026-11-21, why: sold}\n" + GUARDED.format(bound=2, query="x")
    )
    record = json.loads(found.document)
    assert set(record) == {
        "address", "title", "team", "measure", "promise", "terms", "retired", "changes", "series"
    }  # fmt: skip
    assert (record["team"], record["changes"], record["retired"]) == (
        "shop", [{"on": "2026-11-12", "why": "a new cache"}], {"on": "2026-11-21", "why": "sold"}
    )  # fmt: skip
    assert Promise.from_document(record["terms"]) == found.promise
    assert record["series"]["guardrail:refunds"]["texts"] == ["x"]


def test_the_record_of_a_plain_definition_says_that_it_is_neither_edited_nor_retired(one):
    record = json.loads(one().document)
    assert (record["changes"], record["retired"], "series" in record) == ([], None, False)


def test_an_edit_explained_changes_no_fingerprint(one):
    plain, explained = one(), one(extra="        changes: [{on: 2026-11-12, why: a new cache}]\n")
    assert (plain.measure_fingerprint, plain.promise_fingerprint) == (
        explained.measure_fingerprint, explained.promise_fingerprint
    )  # fmt: skip


def second(files, *, cycle="2026-Q4", was="latency"):
    return (
        files.OKRS.replace("2026-Q4", cycle)
        .replace("id: quick", "id: quicker")
        .replace("id: latency", f"id: other\n        was: [{was}]")
    )


def test_an_earlier_name_that_is_in_use_is_refused(files):
    assert files.findings(more={"okrs/two.yaml": second(files)}) == [
        (
            "okrs/two.yaml:8:15: error KRD309: shop/latency is no earlier address: it is in use in 2026-Q4 by "
            "okrs/team.yaml:7:13; remove it from `was`, or rename the other one"
        )
    ]


def test_an_earlier_name_may_be_in_use_in_another_cycle(files):
    found = files.load(more={"okrs/two.yaml": second(files, cycle="lab")}).required().okrs.key_results
    assert found["lab:shop/other"].was == ("shop/latency",)


def test_one_history_is_continued_by_one_key_result(files):
    third = second(files, was="old").replace("quicker", "quickest").replace("id: other", "id: third")
    more = {"okrs/two.yaml": second(files, was="old"), "okrs/three.yaml": third}
    assert files.findings(more=more) == [
        (
            "okrs/two.yaml:8:15: error KRD309: shop/old has become shop/third already: "
            "a history is continued by one key result; remove one of the two `was`"
        )
    ]
