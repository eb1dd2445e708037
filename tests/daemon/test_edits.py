"""Definitions that are edited, renamed, retired or removed while the cycle runs."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.status import Status

DAY = timedelta(days=1)
START = datetime(2025, 10, 1, 10, 2, tzinfo=UTC)
READ = "{source: prod, every: 6h, query: 'vector(100)'}"


@pytest.fixture
def drifting(house, prom):
    """Give `write(...)`, and a krd whose key result stands still for two weeks, far behind its start: it is off track."""
    server = prom()

    def write(name="speed", measure=READ, promise="from: 60, to: 50", more=""):
        house.write(
            sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
            key_results={name: {"measure": measure, "promise": promise + more}},
        )

    write()
    house.clock.set(START)
    house.start()
    house.step(DAY, times=14)
    assert house.verdict("speed").status is Status.OFF_TRACK
    house.write_again = write
    return house


def again(house, **changes):
    house.stop()
    house.write_again(**changes)
    house.start()


def states(house, kind):
    return [state for one, _, state in house.transitions() if one == kind]


def test_a_promise_changed_while_its_alert_fires_is_judged_anew_at_once(drifting):
    again(
        drifting,
        promise="from: 60, to: 99.9999999, commitment: aspirational".replace(
            ", commitment: aspirational", ""
        ),
    )
    verdict = drifting.verdict("speed")
    assert verdict.target == 99.9999999
    assert verdict.segment == 1
    assert verdict.first_score == 0.0


def test_an_easier_promise_ends_the_episode_it_made_wrong(drifting):
    again(
        drifting,
        promise="total: {at_most: 3}",
        measure="{source: prod, every: 6h, window: cycle, query: 'vector(1) + 0 * (time() - $cycle_start)'}",
    )
    assert drifting.verdict("speed").segment == 2


def test_an_edit_without_a_reason_is_news_and_is_settled_by_one(drifting):
    again(drifting, promise="from: 60, to: 55")
    assert states(drifting, "definition_changed") == ["firing"]
    again(drifting, promise="from: 60, to: 55", more=", changes: [{on: 2025-10-14, why: agreed with sales}]")
    assert states(drifting, "definition_changed") == ["firing", "resolved"]


def test_an_edit_with_a_reason_is_no_news(drifting):
    again(drifting, promise="from: 60, to: 55", more=", changes: [{on: 2025-10-14, why: agreed with sales}]")
    assert states(drifting, "definition_changed") == []


def test_another_measure_begins_a_segment_and_freezes_the_old_verdict(drifting):
    again(drifting, measure="{source: prod, every: 6h, query: 'vector(90)'}")
    assert drifting.verdict("speed").segment == 2
    with drifting.running.app.store.read() as tx:
        one = next(iter(tx.enrolments().values())).key_result
        first, second = tx.segments(one)
    assert (first.number, first.verdict.status, first.ended is not None) == (1, Status.OFF_TRACK, True)
    assert (second.number, second.verdict, second.ended) == (2, None, None)


def test_a_renamed_key_result_keeps_its_history(drifting):
    before = drifting.samples("speed")
    again(drifting, name="pace", more=", was: [speed]")
    assert drifting.samples("pace")[: len(before)] == before
    assert drifting.verdict("pace").status is Status.OFF_TRACK
    assert states(drifting, "removed") == []


def test_a_key_result_that_vanishes_is_told_as_removed_and_its_alert_closes_with_that_reason(drifting):
    again(drifting, name="other")
    with drifting.running.app.store.read() as tx:
        [gone] = tx.removed()
        moves = [item.transition for item in tx.transitions(0, 100)]
        moves = [change for change in moves if change.alert.subject == "2025-Q4:shop/speed"]
    assert (gone.key, gone.title, gone.team) == ("2025-Q4:shop/speed", "Do speed", "shop")
    assert gone.evaluation.status is Status.OFF_TRACK
    assert [(m.alert.kind.value, m.alert.state.value, m.why) for m in moves][-2:] == [
        ("drift", "resolved", "removed from the files"),
        ("removed", "firing", ""),
    ]


def test_a_key_result_that_comes_back_goes_on_where_it_was(drifting):
    samples = drifting.samples("speed")
    again(drifting, name="other")
    again(drifting, name="speed")
    assert drifting.samples("speed")[: len(samples)] == samples
    assert states(drifting, "removed") == [
        "firing",
        "resolved",
        "firing",
    ]  # of speed, speed again, and of other


def test_a_retired_key_result_is_over_and_may_leave_the_files(drifting):
    again(drifting, more=", retired: {on: 2025-10-14, why: the team was moved}")
    assert drifting.verdict("speed").status is Status.RETIRED
    assert states(drifting, "drift")[-1] == "resolved"
    again(drifting, name="other")
    with drifting.running.app.store.read() as tx:
        assert tx.removed() == []
