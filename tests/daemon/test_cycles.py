"""Several cycles at once: drafts of the next quarter, a year beside its quarters, and the night between two of them."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.status import Status

LAST_EVENING = datetime(2025, 12, 31, 20, 1, tzinfo=UTC)
"""21:01 in Berlin on the last day of the fourth quarter."""
HOUR = timedelta(hours=1)
NEXT = "2026-Q1:shop/calls"
READ = "{source: prod, every: 1h, query: 'vector(40)'}"


def write(house, server, settle=""):
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        cycles='[2025-Q4, 2026-Q1, "2026"]',
        key_results={"speed": {"measure": READ.replace("}", f"{settle}}}"), "promise": "from: 100, to: 50"}},
    )
    also(
        house,
        "2026-Q1",
        f"{{id: speed, title: Faster still, commitment: committed, measure: {READ}, from: last_cycle, to: 20}}",
    )
    also(
        house,
        "2026",
        f"{{id: quick, title: Stay quick, commitment: committed, measure: {READ}, keep: {{at_most: 50, share: 99}}}}",
    )


def also(house, cycle, key_result):
    """Write the one key result of another cycle beside those of the house."""
    (house.root / "okrs" / f"{cycle}.yaml").write_text(
        f"""
team: shop
cycle: "{cycle}"
objectives:
  - id: go-on
    title: Go on
    key_results:
      - {key_result}
"""
    )


def statuses(house):
    return {kr.key: e.status for kr, e in house.daemon.board.verdicts()}


def test_on_the_last_evening_the_next_cycles_are_drafts(house, prom):
    write(house, prom())
    house.clock.set(LAST_EVENING)
    house.start()
    found = statuses(house)
    assert found["2025-Q4:shop/speed"] is Status.ON_TRACK
    assert found["2026-Q1:shop/speed"] is Status.DRAFT
    assert found["2026:shop/quick"] is Status.DRAFT


def test_at_midnight_one_cycle_closes_and_the_next_ones_begin(house, prom):
    write(house, prom())
    house.clock.set(LAST_EVENING)
    house.start()
    house.step(HOUR, times=4)
    found = statuses(house)
    assert found["2025-Q4:shop/speed"] is Status.ACHIEVED
    assert found["2026-Q1:shop/speed"] is Status.NOT_STARTED
    assert found["2026:shop/quick"] is not Status.DRAFT


def test_the_next_cycle_begins_where_the_last_one_closed(house, prom):
    write(house, prom())
    house.clock.set(LAST_EVENING)
    house.start()
    house.step(HOUR, times=5)
    began = next(e for kr, e in house.daemon.board.verdicts() if kr.key == "2026-Q1:shop/speed")
    assert (began.baseline, began.baseline_kind, began.provisional) == (40.0, "last_cycle", False)
    assert began.target == 20.0


def test_a_cycle_whose_rows_still_settle_is_closing_and_its_heir_provisional(house, prom):
    write(house, prom(), settle=", settle: 2d")
    house.clock.set(LAST_EVENING)
    house.start()
    house.step(HOUR, times=6)
    found = statuses(house)
    assert found["2025-Q4:shop/speed"] is Status.ON_TRACK
    heir = next(e for kr, e in house.daemon.board.verdicts() if kr.key == "2026-Q1:shop/speed")
    assert heir.provisional
    house.step(timedelta(hours=6), times=9)
    assert statuses(house)["2025-Q4:shop/speed"] is Status.ACHIEVED
    heir = next(e for kr, e in house.daemon.board.verdicts() if kr.key == "2026-Q1:shop/speed")
    assert (heir.baseline, heir.provisional) == (40.0, False)


@pytest.fixture
def counted(house, prom):
    """Give a house on the last evening, with a total that counts 40 in both cycles: of at most 30, then of `allowed` from
    what the last one closed with.
    """

    def start(allowed, settle=""):
        measure = f"{{source: prod, every: 1h, window: cycle, query: 'vector(40)'{settle}}}"
        house.write(
            sources={"prod": f"{{kind: prometheus, url: '{prom().url}', timeout: PT5S}}"},
            cycles="[2025-Q4, 2026-Q1]",
            key_results={"calls": {"measure": measure, "promise": "from: 90, total: {at_most: 30}"}},
        )
        promise = f"from: last_cycle, total: {{at_most: {allowed}}}"
        also(
            house,
            "2026-Q1",
            f"{{id: calls, title: Fewer calls, commitment: committed, measure: {measure}, {promise}}}",
        )
        house.clock.set(LAST_EVENING)
        house.start()
        return house

    return start


def verdict_of(house, key):
    return next(e for kr, e in house.daemon.board.verdicts() if kr.key == key)


def test_a_total_of_the_next_cycle_is_scored_from_what_the_last_one_closed_with(counted):
    house = counted(allowed=30)
    assert (verdict_of(house, NEXT).baseline, verdict_of(house, NEXT).baseline_kind) == (None, "")
    house.step(HOUR, times=7)
    closed, began = verdict_of(house, "2025-Q4:shop/calls"), verdict_of(house, NEXT)
    assert (closed.status, closed.level, closed.baseline) == (Status.MISSED, 40.0, 90.0)
    assert closed.score == pytest.approx((90 - 40) / (90 - 30))
    assert (began.baseline, began.baseline_kind, began.provisional) == (40.0, "last_cycle", False)
    assert (began.level, began.exceeded) == (40.0, True)
    assert began.score == 0.0, "it stands where it began: nothing of the way to 30 is gone"


def test_a_total_follows_one_that_still_settles_provisionally(counted):
    house = counted(20, ", settle: 2d")
    house.step(HOUR, times=6)
    assert (verdict_of(house, NEXT).baseline, verdict_of(house, NEXT).provisional) == (40.0, True)
    house.step(timedelta(hours=6), times=9)
    assert (verdict_of(house, NEXT).baseline, verdict_of(house, NEXT).provisional) == (40.0, False)


def test_a_closed_cycle_is_not_read_any_more(house, prom):
    server = prom()
    write(house, server)
    house.clock.set(LAST_EVENING)
    house.start()
    house.step(HOUR, times=6)
    rows = house.rows(
        "SELECT max(o.slot) FROM samples o JOIN series e ON e.id = o.series JOIN key_results k ON k.id = e.key_result"
        " WHERE k.cycle = '2025-Q4'"
    )
    assert datetime.fromtimestamp(rows[0][0] / 1000, UTC) == datetime(2025, 12, 31, 23, tzinfo=UTC)
