"""A source that is down is one alert, one resolve, one cheap question at a time; and what it owes is asked for later."""

from datetime import UTC, datetime, timedelta

from collector.app import build
from collector.domain.brief import UNMEASURED, mark_of
from collector.domain.outage import ROUNDS_TO_DOWN
from collector.services.read_models import standings, status_document

PROM = "{{kind: prometheus, url: '{url}', timeout: PT5S, owner: li}}"
ROUND = timedelta(hours=6)
MONDAY = datetime(2025, 11, 10, 10, 2, tzinfo=UTC)
"""After the sync: the next brief is four days off."""


def many(house, server, receiver, count=50):
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={
            f"kr-{n}": f"{{source: prod, query: vector({40 + n % 5}), every: 6h}}" for n in range(count)
        },
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
    )


def test_fifty_key_results_on_a_dead_source_are_one_alert_and_one_resolve(house, prom, receiver, eventually):
    server = prom()
    many(house, server, receiver)
    house.start()
    house.step(ROUND)
    assert receiver.letters == []
    frozen = {kr.address: evaluation.status for kr, evaluation in house.daemon.board.verdicts()}
    server.mode = "close"
    house.step(ROUND, times=6)
    eventually(lambda: receiver.said("source_down"))
    assert [(said["subject"], said["occasion"]) for said in receiver.said("source_down")] == [
        ("prod", "first")
    ]
    assert receiver.said("source_down")[0]["facts"]["key_results"] == 50
    assert receiver.said("source_down")[0]["owner"] == "Li"
    assert receiver.said("stale") == [], "the key results behind it do not speak for themselves"
    assert receiver.said("drift") == []
    assert frozen == {kr.address: evaluation.status for kr, evaluation in house.daemon.board.verdicts()}
    assert {True} == {evaluation.health.freezes for _, evaluation in house.daemon.board.verdicts()}
    assert all(evaluation.sentence for _, evaluation in house.daemon.board.verdicts())
    server.mode = "ok"
    house.step(ROUND, times=2)
    eventually(lambda: receiver.said("source_down", "resolved"))
    house.step(ROUND, times=2)
    assert [said["occasion"] for said in receiver.said("source_down")] == ["first", "resolved"]
    assert {"fresh"} == {evaluation.health.value for _, evaluation in house.daemon.board.verdicts()}
    assert house.rows("SELECT * FROM gaps") == [], "what was missed is healed"
    ids = [letter for letter, _ in receiver.letters]
    assert len(ids) == len(set(ids))


def test_while_it_is_down_a_source_is_asked_one_cheap_question_a_time(house, prom, receiver, eventually):
    server = prom()
    many(house, server, receiver, 12)
    house.start()
    server.mode = "close"
    house.step(ROUND, times=ROUNDS_TO_DOWN)
    assert house.daemon._watch.of("prod").down
    for _ in range(5):
        before = len(server.requests)
        house.step(timedelta(minutes=2))
        assert len(server.requests) - before <= 2, "a probe, not a question for each"


def test_drift_does_not_move_while_the_data_is_bad(house, prom, receiver):
    server = prom()
    many(house, server, receiver, 3)
    house.start()
    house.step(ROUND, times=2)
    server.mode = "close"
    house.step(ROUND, times=3)
    before = {kr.address: e.drift for kr, e in house.daemon.board.verdicts()}
    house.step(ROUND, times=40)
    after = {kr.address: e.drift for kr, e in house.daemon.board.verdicts()}
    assert before == after
    assert receiver.said("drift") == []


def test_one_good_round_is_not_enough_to_resolve(house, prom, receiver, eventually):
    server = prom()
    many(house, server, receiver, 2)
    house.start()
    server.mode = "close"
    house.step(ROUND, times=4)
    eventually(lambda: receiver.said("source_down", "first"))
    watch = house.daemon._watch
    seen, step = [], watch.step
    watch.step = lambda *asked: seen.append(step(*asked)) or seen[-1]
    server.mode = "ok"
    for _ in range(40):
        house.step(timedelta(minutes=1))
        if not watch.of("prod").down:
            break
    up = next(place for place, standing in enumerate(seen) if not standing.down)
    assert (seen[up - 1].successes, seen[up - 1].down) == (1, True)


def test_a_restart_while_it_is_down_resolves_nothing(house, prom, receiver, eventually):
    server = prom()
    many(house, server, receiver, 5)
    house.clock.set(MONDAY)  # what is down on the day before the brief is worse
    house.start()
    server.mode = "close"
    house.step(ROUND, times=5)
    eventually(lambda: receiver.said("source_down", "first"))
    house.stop()
    house.clock.advance(ROUND)
    house.start()
    house.step(ROUND, times=5)
    assert [said["occasion"] for said in receiver.said("source_down")] == ["first", "repeat"]
    assert receiver.said("stale") == []
    server.mode = "ok"
    house.step(ROUND, times=3)
    eventually(lambda: receiver.said("source_down", "resolved"))
    house.step(ROUND)
    assert [said["occasion"] for said in receiver.said("source_down")] == ["first", "repeat", "resolved"]


def test_a_status_read_when_the_daemon_is_long_dead_is_stale_and_never_fresh(house, prom, receiver):
    many(house, prom(), receiver, 2)
    house.start()
    house.step(ROUND, times=30)
    last = house.verdict("kr-0").as_of
    house.stop()
    house.clock.advance(timedelta(days=9))
    app = build(house.settings, house.clock, writes=False)
    try:
        found = standings(app.store, app.configuration.okrs, house.clock.now())
    finally:
        app.close()
    for one in found:
        document = status_document(one.key_result, one.evaluation)
        assert document["health"] == "stale"
        assert document["frozen_since"] is not None
        assert last == one.evaluation.as_of
        assert mark_of(one.evaluation) == UNMEASURED
