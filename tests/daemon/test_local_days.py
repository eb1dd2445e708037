"""Over a change of the clock the daemon reads a daily key result once a local day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_daily_query_is_read_once_a_local_day_over_both_changes_of_the_clock(house, warehouse):
    path = warehouse([("2025-01-01", 5.0)])
    for cycle, start in (
        ("2025-Q4", datetime(2025, 10, 24, 12, tzinfo=UTC)),
        ("2026-Q1", datetime(2026, 3, 27, 12, tzinfo=UTC)),
    ):
        house.write(
            sources={"db": f"{{kind: sql, url: 'sqlite:///{path}'}}"},
            key_results={cycle.lower(): "{source: db, query: 'SELECT max(value) FROM facts', every: 1d}"},
            cycle=cycle,
            cycles=f"[{cycle}]",
        )
        house.clock.set(start)
        house.start()
        house.step(timedelta(hours=1), times=96)
        house.stop()
        slots = [slot.astimezone(BERLIN) for slot, *_ in house.samples(cycle.lower())]
        days = [slot.date() for slot in slots]
        assert [start.astimezone(BERLIN).date() + timedelta(days=n) for n in range(5)] == days
        assert {(0, 0)} == {(slot.hour, slot.minute) for slot in slots}
        assert house.gaps(cycle.lower()) == []
