"""What people say beside a daemon that runs counts for it at once: acknowledgements, silences, and their ends."""

import json
import os
import signal
import time
from datetime import timedelta

import pytest

from collector.domain.silence import Silence
from collector.services.acknowledge import acknowledge, matching, silence, take_back, unsilence
from collector.store import engine
from tests.forked import cold, forked

PROM = "{{kind: prometheus, url: '{url}', timeout: PT5S, owner: li}}"
HOUR = timedelta(hours=1)
SYNC = "{every: friday 10:00, brief: previous working day 15:00}"
"""The clock of the house begins on Wednesday at 10:02 UTC; on that day at 15:00 in Berlin the brief is a day ahead."""


class Beside:
    """Somebody with the store open in another process, as the command line has it."""

    def __init__(self, house):
        self.house = house
        self.store = engine.open(f"sqlite:///{house.root}/krd.db")

    @property
    def at(self):
        return self.house.clock.now()

    def open_alerts(self):
        """Give the alert of the source while it is open; the data behind it may be stale as well."""
        with self.store.read() as tx:
            return matching([alert for alert in tx.alerts().values() if alert.state.open], "prod")

    def ack(self):
        return acknowledge(self.store, self.open_alerts(), "li", "", self.at)

    def unack(self):
        return take_back(self.store, self.open_alerts(), "li", self.at)

    def silence(self, length):
        okrs = self.house.running.app.configuration.okrs
        wanted = Silence("shop", "", self.at, self.at + length, "li", "moving house")
        return silence(self.store, okrs, wanted, self.at)

    def unsilence(self, number):
        return unsilence(self.store, self.house.running.app.configuration.okrs, number, "li", self.at)


@pytest.fixture
def scene(house, prom, receiver):
    """Give a running daemon whose only source is about to fail, who tells of it, and somebody beside it."""
    house.source = prom()
    house.write(
        sources={"prod": PROM.format(url=house.source.url)},
        key_results={"one": "{source: prod, query: vector(60), every: 15m}"},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
        sync=SYNC,
    )
    house.start()
    house.beside = Beside(house)
    yield house
    house.beside.store.close()


def fail(house):
    """Let the source be down, and what follows be said."""
    house.source.mode = "close"
    house.step(times=4)


def pass_time(house, length):
    """Let time pass in steps in which no brief is due twice, with what each brings."""
    for _ in range(int(length / HOUR)):
        house.step(HOUR)


def occasions(receiver):
    return [one["occasion"] for one in receiver.said("source_down")]


def settled(receiver, eventually, expected):
    """Wait until so much was said, and a moment longer for what must not come."""
    eventually(lambda: len(occasions(receiver)) >= len(expected))
    time.sleep(0.2)
    return occasions(receiver) == expected


def test_an_acknowledgement_stops_the_repeats_and_its_end_lets_them_come(scene, receiver, eventually):
    pass_time(scene, 6 * HOUR)  # so that the brief is near from the beginning, and nothing grows worse
    fail(scene)
    assert settled(receiver, eventually, ["first"])
    scene.beside.ack()
    pass_time(scene, 30 * HOUR)
    assert settled(receiver, eventually, ["first"])

    scene.beside.unack()
    pass_time(scene, 2 * HOUR)

    assert settled(receiver, eventually, ["first", "repeat"])


def test_growing_worse_clears_an_acknowledgement(scene, receiver, eventually):
    fail(scene)
    assert settled(receiver, eventually, ["first"])
    [ack] = scene.beside.ack()
    pass_time(scene, 5 * HOUR)

    [alert] = scene.beside.open_alerts()
    assert settled(receiver, eventually, ["first", "worse"])
    assert (ack.severity.value, alert.severity.value, ack.holds(alert)) == ("info", "ticket", False)
    pass_time(scene, 25 * HOUR)
    assert settled(receiver, eventually, ["first", "worse", "repeat"])


def test_whoever_was_told_and_has_it_in_hand_is_told_that_it_is_over(scene, receiver, eventually):
    fail(scene)
    assert settled(receiver, eventually, ["first"])
    scene.beside.ack()
    scene.source.mode = "ok"
    scene.step(times=6)

    assert settled(receiver, eventually, ["first", "resolved"])


def test_a_silence_holds_messages_back_and_at_its_end_one_is_sent(scene, receiver, eventually):
    made = scene.beside.silence(timedelta(days=9))
    fail(scene)
    pass_time(scene, 30 * HOUR)
    assert settled(receiver, eventually, [])

    scene.beside.unsilence(made.id)
    scene.step(times=4)

    assert settled(receiver, eventually, ["first"])


def test_a_silence_that_ends_by_itself_lets_what_still_fires_be_said_once(scene, receiver, eventually):
    scene.beside.silence(6 * HOUR)
    fail(scene)
    pass_time(scene, 4 * HOUR)
    assert settled(receiver, eventually, [])
    pass_time(scene, 3 * HOUR)

    assert settled(receiver, eventually, ["first"])


def test_what_ended_within_a_silence_is_never_told_to_who_heard_nothing(scene, receiver, eventually):
    scene.beside.silence(12 * HOUR)
    fail(scene)
    scene.source.mode = "ok"
    pass_time(scene, 14 * HOUR)

    assert settled(receiver, eventually, [])


def test_what_ended_within_a_silence_is_told_at_its_end_to_who_heard_that_it_began(
    scene, receiver, eventually
):
    fail(scene)
    assert settled(receiver, eventually, ["first"])
    scene.beside.silence(6 * HOUR)
    scene.source.mode = "ok"
    pass_time(scene, 4 * HOUR)
    assert settled(receiver, eventually, ["first"])
    pass_time(scene, 3 * HOUR)

    assert settled(receiver, eventually, ["first", "resolved"])


def test_a_silence_that_ends_while_krd_is_down_is_one_message_at_the_start(scene, receiver, eventually):
    scene.beside.silence(6 * HOUR)
    fail(scene)
    pass_time(scene, 2 * HOUR)
    scene.stop()
    scene.clock.advance(20 * HOUR)

    scene.start()
    scene.step(times=4)

    assert settled(receiver, eventually, ["first"])


LAB = """\
timezone: UTC
cycles: [{{id: lab, starts: first run, days: 100, day: 4s}}]
sync: {{every: 90d, brief: 1d}}
people: {{li: {{name: Li}}}}
teams: {{shop: {{lead: li}}}}
sources: {{prod: {{kind: prometheus, url: "http://127.0.0.1:9", timeout: 1s, owner: li}}}}
notify: {{hook: {{kind: webhook, url: "{url}"}}}}
"""
OKRS = """\
team: shop
cycle: lab
objectives:
  - id: quick
    title: Be quick
    key_results:
      - {id: one, title: Be quick, commitment: committed, measure: {source: prod, query: up, every: 1s}, from: 100, to: 50}
"""


class Shell:
    """A folder in which real commands run beside a real `krd run`."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ, "KRD_WEB__ENABLED": "false", "NO_COLOR": "1"}

    def krd(self, *words, code=0):
        told = forked(words, self.folder, self.environment)
        assert told.returncode == code, told.stderr
        return told.stdout

    def start(self):
        with (self.folder / "log").open("wb") as log:
            return cold(["run"], cwd=self.folder, env=self.environment, stderr=log)


@pytest.mark.timeout(180)
def test_the_commands_count_for_a_daemon_in_another_process(tmp_path, receiver, eventually):
    """A day of this cycle is four seconds, and so is the time after which an alert is said again."""
    shell = Shell(tmp_path)
    (tmp_path / "okrs").mkdir()
    (tmp_path / "krd.yaml").write_text(LAB.format(url=receiver.url))
    (tmp_path / "okrs/shop.yaml").write_text(OKRS)
    shell.krd("once", "-q", code=4)  # makes the store; nothing answers
    made = json.loads(
        shell.krd("alerts", "silence", "shop", "--for", "2h", "--reason", "moving", "-o", "json")
    )
    daemon = shell.start()
    try:
        eventually(lambda: "source_down" in shell.krd("alerts", "list", "-o", "json"), 60)
        time.sleep(2)
        held_back = occasions(receiver)
        shell.krd("alerts", "unsilence", made["id"])
        eventually(lambda: occasions(receiver), 30)
        shell.krd("alerts", "ack", "prod", "--note", "on it")
        time.sleep(2)
        before = len(occasions(receiver))
        time.sleep(8)
        in_hand = occasions(receiver)[before:]
        shell.krd("alerts", "ack", "prod", "--undo")
        eventually(lambda: len(occasions(receiver)) > before, 30)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(40)

    assert (held_back, in_hand) == ([], [])
    assert occasions(receiver)[0] == "first"
    assert set(occasions(receiver)[1:]) == {"repeat"}
