"""A year of the company, a quarter of the teams and the drafts of the next one, all live in the same files."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from collector.domain.cycle import CycleState
from collector.domain.pace import Late
from collector.domain.shape import LastCycle

KRD = """\
timezone: Europe/Berlin
cycles: [2026-Q4, 2027-Q1, {id: "2026", starts: 2026-01-01, ends: 2026-12-31}]
people: {li: {name: Li}}
teams: {company: {lead: li}, shop: {lead: li, timezone: Asia/Tokyo}}
sources: {prod: {kind: prometheus, url: "http://127.0.0.1:9090"}}
"""
AT = datetime(2026, 12, 30, 12, tzinfo=UTC)


def okrs(team, cycle, kr, promise, extra=""):
    return (
        f"team: {team}\ncycle: {cycle}\nobjectives:\n  - id: grow\n    title: Grow\n{extra}    key_results:\n"
        f"      - id: {kr}\n        title: {kr}\n        commitment: committed\n"
        f"        measure: {{source: prod, query: x}}\n        {promise}\n"
    )


@pytest.fixture
def company(files):
    """The files of a company at an instant."""

    def read(at=AT):
        return files.load(
            krd=KRD,
            okrs=okrs("company", '"2026"', "revenue", "from: 1M\n        to: 2M\n        pace: {late: 2026-07-01}"),
            more={
                "okrs/now.yaml": okrs(
                    "shop", "2026-Q4", "latency", "from: 120\n        to: 60",
                    extra="    supports: [{of: company/revenue}]\n",
                ),
                "okrs/next.yaml": okrs(
                    "shop", "2027-Q1", "latency", "from: last_cycle\n        to: 40\n        was: [speed]"
                ),
            },
            at=at,
        )  # fmt: skip

    return read


def test_three_cycles_live_side_by_side(company):
    loaded = company()
    assert loaded.findings == ()
    assert {key: found.state(AT) for key, found in loaded.required().okrs.key_results.items()} == {
        "2026-Q4:shop/latency": CycleState.ACTIVE,
        "2027-Q1:shop/latency": CycleState.DRAFT,
        "2026:company/revenue": CycleState.ACTIVE,
    }


def test_the_same_address_in_two_cycles_is_two_promises_on_one_measure(company):
    found = company().required().okrs.key_results
    now, drafted = found["2026-Q4:shop/latency"], found["2027-Q1:shop/latency"]
    assert now.address == drafted.address
    assert now.measure_fingerprint == drafted.measure_fingerprint
    assert now.promise_fingerprint != drafted.promise_fingerprint
    assert drafted.shape.start == LastCycle()


def test_new_year_comes_to_each_team_at_its_own_midnight(company):
    found = company().required().okrs.key_results
    tokyo = datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert (found["2026-Q4:shop/latency"].ends, found["2027-Q1:shop/latency"].cycle.starts) == (tokyo, tokyo)
    assert found["2026:company/revenue"].ends == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert found["2027-Q1:shop/latency"].state(tokyo) is CycleState.ACTIVE
    assert found["2026-Q4:shop/latency"].state(tokyo) is CycleState.CLOSED


def test_a_pace_is_held_against_the_cycle_it_stands_in(company):
    assert company().required().okrs.key_results["2026:company/revenue"].pace == Late(date(2026, 7, 1))


def test_each_team_meets_in_each_of_its_cycles(company):
    calendars = company().required().okrs.calendars
    assert set(calendars) == {("company", "2026"), ("shop", "2026-Q4"), ("shop", "2027-Q1")}
    assert calendars[("shop", "2027-Q1")].cycle.grid.zone == ZoneInfo("Asia/Tokyo")


def test_a_cycle_that_is_over_may_stay_in_the_files(company):
    later = datetime(2027, 3, 1, tzinfo=UTC)
    found = company(later).required().okrs.key_results
    assert found["2026-Q4:shop/latency"].state(later) is CycleState.CLOSED
    assert found["2027-Q1:shop/latency"].state(later) is CycleState.ACTIVE
