"""On which terms a promise is judged: its pace, its deadline, the stretch of its level."""

from datetime import UTC, date, datetime

import pytest

from collector.domain.pace import Late, Points, WorkingDays
from collector.domain.promise import Promise
from collector.domain.span import Span

COUNT = (
    '{source: warehouse, window: cycle, query: "SELECT count(*) FROM t WHERE at >= :since AND at < :until"}'
)


def points(*pairs):
    return f"        pace: {{points: [{', '.join(f'[2026-{day}, {value}]' for day, value in pairs)}]}}\n"


def launches(*days):
    pairs = (day.split(": ") for day in days)
    return (
        f"        launches: [{', '.join(f'{{on: 2026-{day}, expect: {share}%}}' for day, share in pairs)}]\n"
    )


@pytest.mark.parametrize(
    ("written", "pace"),
    [
        ("working-days", WorkingDays()),
        ("{late: 2026-11-01}", Late(date(2026, 11, 1))),
        (
            "{points: [[2026-10-15, 110], [2026-12-01, 65]]}",
            Points(((date(2026, 10, 15), 110.0), (date(2026, 12, 1), 65.0))),
        ),
    ],
)
def test_a_pace_may_have_several_forms(one, written, pace):
    assert one(extra=f"        pace: {written}\n").pace == pace


def test_the_pace_of_a_count_leads_from_zero(one):
    found = one(measure=COUNT, promise="total: {at_least: 100}", extra=points(("11-01", 0), ("12-01", 100)))
    assert found.pace.points[1] == (date(2026, 12, 1), 100.0)


@pytest.mark.parametrize(
    ("promise", "pairs"),
    [
        ("from: measured\n        to: 60", [("11-01", 900), ("12-01", 80)]),
        ("from: 100\n        change: -40%", [("11-01", 100), ("12-01", 60)]),
        ("change: +5pt", [("11-01", 3), ("12-01", 3)]),
    ],
)
def test_points_are_held_against_what_the_file_tells_of_the_way(one, promise, pairs):
    assert len(one(promise=promise, extra=points(*pairs)).pace.points) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"extra": points(("11-01", 121))},
            "13:38 KRD410: the point 121 does not lie on the way from 120 to 60; write values from 60 to 120",
        ),
        (
            {"extra": points(("11-01", 80), ("12-01", 90))},
            "13:15 KRD410: the points of the pace turn back on the way; write values that lead from baseline to target",
        ),
        (
            {
                "promise": "from: measured\n        to: 60",
                "extra": points(("10-05", 80), ("11-01", 70), ("12-01", 90)),
            },
            "13:15 KRD410: the points of the pace turn back on the way; write values that lead from baseline to target",
        ),
        (
            {"extra": "        pace: {points: []}\n"},
            "13:15 KRD410: the pace has no points; write {points: [[DATE, value]]}",
        ),
        (
            {"extra": points(("12-01", 80), ("11-01", 70))},
            (
                "13:15 KRD407: the pace names dates outside the cycle 2026-Q4, or not in their order; "
                "write days of the cycle, ascending"
            ),
        ),
        (
            {"extra": "        by: 2026-11-30\n        pace: {late: 2026-12-01}\n"},
            (
                "14:15 KRD407: the pace names dates outside the cycle 2026-Q4 and its deadline, or not in their order; "
                "write days of the cycle, ascending"
            ),
        ),
        (
            {
                "cycle": "lab",
                "measure": "{source: prod, query: x, every: 6s}",
                "extra": points(("11-01", 80)),
            },
            "13:15 KRD407: the pace names dates, but the cycle lab sets its own `day`; write `pace: linear`",
        ),
        (
            {"promise": "keep: {at_most: 3, share: 99}", "extra": "        pace: linear\n"},
            "12:15 KRD409: a pace spreads a way over the cycle, and a band to keep has no way to go; remove `pace`",
        ),
        (
            {"measure": COUNT, "promise": "total: {at_most: 3}", "extra": "        pace: working-days\n"},
            (
                "12:15 KRD409: a pace spreads a way over the cycle, and a budget (`total: {at_most: …}`) has no way to go; "
                "remove `pace`"
            ),
        ),
        (
            {"extra": "        judge_over: 12h\n"},
            "13:21 KRD411: 12h is less than a day of the cycle 2026-Q4: a day is the least that is judged; write at least 1d",
        ),
        (
            {"extra": "        judge_over: 93d\n"},
            "13:21 KRD411: 93d is longer than the cycle 2026-Q4; write at most 92d",
        ),
        (
            {"extra": launches("11-10: 150", "11-20: 60")},
            (
                "13:19 KRD413: the launches are expected to bring 210 % of the way together; "
                "write shares of the way that add up to 200 % at most"
            ),
        ),
        (
            {"extra": "        by: 2026-11-30\n" + launches("11-10: 30", "12-01: 30")},
            (
                "14:56 KRD609: the launch on 2026-12-01 lies outside the cycle 2026-Q4 and its deadline; "
                "write a day of the cycle, or remove it"
            ),
        ),
        (
            {"measure": COUNT, "promise": "total: {at_least: 100}", "extra": launches("11-10: 30")},
            (
                "12:19 KRD412: a launch brings a share of the way from a baseline to a target, which a total has not; "
                "remove `launches`"
            ),
        ),
        (
            {"promise": "keep: {at_most: 3, share: 99}", "extra": "        judge_over: 7d\n"},
            (
                "12:21 KRD411: `judge_over` is the stretch of a level, and a band to keep is judged over the whole cycle; "
                "remove it"
            ),
        ),
    ],
)
def test_terms_that_lead_nowhere_are_told(said, given, words):
    assert said(**given) == [words]


def test_the_launches_of_a_reach_are_taken_as_they_stand(one):
    found = one(extra=launches("10-01: 30", "12-31: 170"))
    assert [(launch.on, launch.expect) for launch in found.launches] == [
        (date(2026, 10, 1), 30.0), (date(2026, 12, 31), 170.0)
    ]  # fmt: skip


def test_a_stretch_may_be_a_day_or_the_whole_cycle(one):
    assert one(extra="        judge_over: 1d\n").judge_over == Span(days=1)
    assert one(extra="        judge_over: 92d\n").level_days == 92
    assert one(cycle="lab", extra="        judge_over: 30s\n").level_days == 5


def test_the_terms_of_the_record_can_be_read_again(one):
    found = one(extra="        by: 2026-11-30\n        pace: {late: 2026-11-01}\n        judge_over: 14d\n")
    assert Promise.from_document(found.promise.document()) == found.promise
    assert found.promise.deadline == datetime(2026, 11, 30, 23, tzinfo=UTC)
