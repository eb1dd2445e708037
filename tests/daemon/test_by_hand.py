"""Values by hand beside a running daemon: seen at once, marked, and asked for before the brief."""

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.app import open_store
from collector.services.record_by_hand import Entry, record_by_hand

THURSDAY = datetime(2025, 11, 13, 13, 30, tzinfo=UTC)
"""Half an hour before the day that precedes the brief of Friday, 15:00 in Berlin; the sync is on Monday."""


@pytest.fixture
def shop(house, receiver):
    """Give a daemon with one key result by hand, and `enter(value, as_of)` as the command line does."""

    def write(values=""):
        house.write(
            sources={},
            key_results={
                "nps": {"measure": f"{{by_hand: li, every: 7d{values}}}", "promise": "from: 20, to: 35"}
            },
            notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
        )
        text = (house.root / "krd.yaml").read_text()
        (house.root / "krd.yaml").write_text(
            text.replace("{lead: li}", "{lead: li, notify: [hook]}").replace("sources:\n\n", "")
        )

    def enter(value, as_of):
        okrs = house.running.app.configuration.okrs
        beside = open_store(house.settings)
        try:
            (key_result,) = okrs.key_results.values()
            return record_by_hand(
                beside, okrs, {}, key_result, Entry(value, as_of, "li", "n=412"), house.clock.now()
            )
        finally:
            beside.close()

    house.rewrite, house.enter = write, enter
    write()
    house.clock.set(THURSDAY)
    house.start()
    return house


def test_a_value_entered_beside_the_daemon_is_shown_at_once(shop):
    shop.enter(27, date(2025, 11, 11))
    shop.step(timedelta(seconds=1))
    verdict = shop.verdict("nps")
    assert (verdict.current, verdict.by_hand) == (27.0, True)
    ((slot, value, origin),) = shop.samples("nps")
    assert (slot, value, origin) == (datetime(2025, 11, 11, 23, tzinfo=UTC), 27.0, "by_hand")


def test_a_value_of_the_file_is_there_from_the_start(shop):
    shop.stop()
    shop.rewrite(", values: [{as_of: 2025-11-10, value: 25, note: n=380}]")
    shop.start()
    assert [value for _, value, _ in shop.samples("nps")] == [25.0]
    assert shop.verdict("nps").current == 25.0


def test_the_owner_is_asked_once_before_the_brief(shop, receiver, eventually):
    assert receiver.said("value_due") == []
    shop.step(timedelta(hours=1))
    (said,) = eventually(lambda: receiver.said("value_due"))
    assert said["title"] == "A value is due from Li: Do nps"
    shop.step(timedelta(hours=1), times=2)
    shop.stop()
    shop.start()
    shop.step(timedelta(hours=1))
    assert len(receiver.said("value_due")) == 1


def test_nobody_is_asked_for_what_is_there(shop, receiver):
    shop.enter(27, date(2025, 11, 12))
    shop.step(timedelta(hours=1), times=3)
    assert receiver.said("value_due") == []


def test_a_day_of_it_closes_at_its_end(shop):
    shop.enter(27, date(2025, 11, 13))
    shop.step(timedelta(hours=12))
    assert shop.rows("SELECT value FROM days") == [(27.0,)]
    assert shop.verdict("nps").level == 27.0
