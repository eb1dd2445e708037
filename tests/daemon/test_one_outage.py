"""What reaches people of an outage and of an edit, at real receivers: one message that it began, one that it is over, and why."""

from datetime import timedelta

import pytest

COUNT = 500
ROUND = timedelta(hours=6)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def second(new_receiver):
    return new_receiver()


@pytest.mark.timeout(300)
def test_five_hundred_key_results_on_a_dead_source_are_one_message_and_one_more_at_each_notifier(
    house, prom, receiver, second, eventually
):
    server = prom()
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S, owner: li}}"},
        key_results={f"kr-{n}": "{source: prod, query: vector(40), every: 6h}" for n in range(COUNT)},
        notify=f"{{one: {{kind: webhook, url: '{receiver.url}'}}, two: {{kind: webhook, url: '{second.url}'}}}}",
    )
    house.patience = 150.0  # it first reads the past of every one of them
    house.start()
    assert (receiver.letters, second.letters) == ([], [])
    server.mode = "close"
    house.step(ROUND)
    house.step(MINUTE, times=8)
    for one in (receiver, second):
        eventually(lambda one=one: one.letters)
    server.mode = "ok"
    house.step(MINUTE, times=20)
    for one in (receiver, second):
        eventually(lambda one=one: len(one.letters) > 1)
    house.step(ROUND)

    for one in (receiver, second):
        told = [body["data"] for _, body in one.letters]
        assert [(said["kind"], said["occasion"], said["subject"]) for said in told] == [
            ("source_down", "first", "prod"),
            ("source_down", "resolved", "prod"),
        ]
        assert [said["facts"]["key_results"] for said in told] == [COUNT, COUNT]
        assert len({letter for letter, _ in one.letters}) == len(one.letters)


@pytest.fixture
def drifting(house, prom, receiver, at_once, eventually):
    """Give a krd whose key result is off track, as its receiver knows; and `again(…)`, which edits the files."""
    server = prom()

    def write(name="speed", promise="from: 100, to: 50", more=""):
        measure = "{source: prod, query: vector(99), every: 6h}"
        house.write(
            sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
            key_results={name: {"measure": measure, "promise": promise + more}},
            notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
            alerts=at_once,
        )

    def again(**changes):
        write(**changes)
        house.reload()
        house.step(MINUTE, times=6)  # two messages of a group keep their distance

    write()
    house.again = again
    house.start()
    house.step(ROUND, times=2)
    [house.began] = eventually(lambda: receiver.said("drift"))
    return house


def the_end(house, receiver, eventually):
    """Give what was said of the end of the episode that began, and make sure that it speaks of no recovery."""
    [ended] = eventually(
        lambda: [one for one in receiver.said("drift", "resolved") if one["subject"] == "shop/speed"]
    )
    assert (ended["fingerprint"], ended["episode"]) == (house.began["fingerprint"], house.began["episode"])
    for said in (ended["title"], ended["sentence"]):
        assert "ack" not in said.lower()
        assert "recovered" not in said.replace("nothing recovered", "")
    return ended["title"]


@pytest.mark.parametrize(
    ("edit", "title"),
    [
        ({"name": "other"}, "Closed, removed from the files: Do speed"),
        ({"name": "pace", "more": ", was: [speed]"}, "Closed, renamed to 2025-Q4:shop/pace: Do speed"),
        ({"promise": "from: 100, to: 99"}, "Closed, the promise was changed: Do speed"),
        ({"promise": "from: 100, to: 60"}, "Closed, the promise was changed: Do speed"),
        ({"more": ", retired: {on: 2025-11-12, why: the team was moved}"}, "Over, retired: Do speed"),
    ],
    ids=["removed", "renamed", "re-targeted, and met", "re-targeted, and missed as well", "retired"],
)
def test_a_firing_key_result_that_is_edited_is_closed_with_that_reason(
    drifting, receiver, eventually, edit, title
):
    drifting.again(**edit)

    assert the_end(drifting, receiver, eventually) == title


def test_a_promise_that_is_changed_and_missed_as_well_begins_another_episode(drifting, receiver, eventually):
    drifting.again(promise="from: 100, to: 60")
    the_end(drifting, receiver, eventually)

    anew = eventually(lambda: [one for one in receiver.said("drift", "first") if one["episode"] == 2])
    assert [one["title"] for one in anew] == ["Off track: Do speed"]
