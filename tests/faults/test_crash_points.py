"""Killed at any point of its work, krd loses nothing it had to say, and says at most one thing twice, under the same id.

Every run is a process of its own, on a store of its own, that sends real webhooks; it dies by SIGKILL at a chosen pass of a
chosen point, and another process goes on after it. `CRASH_KILLS=40` asks for forty kills at each point.
"""

import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest

from collector.crash_points import Point

HERE = Path(__file__).resolve().parent
KILLS = int(os.environ.get("CRASH_KILLS", "3"))
"""At each point."""
MOST_SEEDS = 60 * max(KILLS // 3, 1)
UNSETTLED = {
    Point.MESSAGE_SENT, Point.ENABLED, Point.SETTLED, Point.HURRIED, Point.DISABLED,
    Point.BUNDLE_SETTLING, Point.WRITE_BEGUN, Point.WRITE_ENDING,
}  # fmt: skip
"""Passed between an answer and writing it down (and some of them elsewhere as well)."""
TROUBLE = [503, 503, 503, 413, 410, 400, 200, 200, 200, 429]


class Receiver:
    """Takes webhooks at `/<run>/<notifier>`; what it answers in a run is drawn from the run's seed. What it took once it takes
    again, as receivers do that know their messages by their ids.
    """

    def __init__(self):
        self.came, self.answers = {}, {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                _, run, notifier = self.path.split("/")
                answers = receiver.answers[run]
                known = any(one[:2] == (notifier, self.headers["webhook-id"]) for one in receiver.came[run])
                status = answers.pop(0) if answers and not known else 200
                if status == 200:
                    receiver.came[run].append((notifier, self.headers["webhook-id"], body))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def expect(self, run, seed, trouble=TROUBLE):
        """Begin a run: some of its messages meet trouble."""
        draw = random.Random(f"answers of {seed}")
        self.came[run], self.answers[run] = [], draw.sample(trouble, len(trouble))


@dataclass
class Outcome:
    """What a script left behind."""

    folder: Path
    came: list
    """(notifier, message id, body) of each message that was taken."""
    passed: dict = field(default_factory=dict)

    def rows(self, statement):
        with closing(sqlite3.connect(f"file:{self.folder}/krd.db?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()

    @property
    def changes(self):
        return self.rows("SELECT event, fingerprint, episode, state FROM transitions ORDER BY seq")

    @property
    def letters(self):
        return sorted(self.rows("SELECT notifier, event FROM outbox"))

    @property
    def samples(self):
        return sorted(self.rows("SELECT slot, series, value FROM samples"))

    @property
    def repeated(self):
        """Messages that came more than once, with how often they did so."""
        return {
            one: times - 1 for one, times in Counter((n, i) for n, i, _ in self.came).items() if times > 1
        }


class Lab:
    """Runs scripts in processes that die when asked to."""

    def __init__(self, folder, receiver):
        self.folder, self.receiver, self.runs = folder, receiver, count()
        (folder / "new").mkdir()
        self.child = subprocess.Popen(
            [sys.executable, str(HERE / "crash_child.py")],
            env={**os.environ, "PYTHONPATH": str(HERE.parent.parent)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        receiver.expect("warm", 0)
        assert self._child("warm", folder / "warm", 0, new=str(folder / "new")) == 0

    def close(self):
        self.child.stdin.close()
        self.child.wait(10)
        self.child.stdout.close()

    def play(self, seed, point=None, passes=0, trouble=TROUBLE):
        """Play a script to its end; with `point`, killed there on the way."""
        run = f"run{next(self.runs)}"
        folder = self.folder / run
        shutil.copytree(self.folder / "new", folder)
        self.receiver.expect(run, seed, trouble)
        if point is not None:
            assert self._child(run, folder, seed, point=point, passes=passes) == -9, f"{point} was not passed"
        assert self._child(run, folder, seed) == 0
        passed = json.loads((folder / "passed").read_text())
        return Outcome(folder, self.receiver.came[run], passed)

    def _child(self, run, folder, seed, **more):
        asked = {"folder": str(folder), "url": f"{self.receiver.url}/{run}", "seed": seed, **more}
        self.child.stdin.write(json.dumps(asked) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())


@pytest.fixture
def lab(tmp_path):
    receiver = Receiver()
    made = Lab(tmp_path, receiver)
    yield made
    made.close()
    receiver.server.shutdown()
    receiver.server.server_close()


def unexplained(ended):
    """Give the letters that were not sent, but those refused once of which a later one was sent: they stay dead."""
    rows = ended.rows("SELECT id, notifier, state, document FROM outbox ORDER BY id")
    sent, left = {}, []
    for number, notifier, state, document in reversed(rows):
        said = json.loads(document)
        thread = (notifier, said["fingerprint"], said["episode"])
        if state == "sent":
            sent.setdefault(thread, number)
        elif state != "dead" or thread not in sent:
            left.append((number, notifier, state))
    return left


def judge(ended, unharmed, point):
    """Compare what a killed krd left with what one left that was not killed."""
    assert ended.changes == unharmed.changes, "an alert moved otherwise"
    assert ended.samples == unharmed.samples, "a reading is lost, or another one"
    assert ended.letters == unharmed.letters, "what is to be said differs"
    assert unexplained(ended) == [], "a letter is left"
    bundles = set(ended.rows("SELECT notifier, bundle FROM outbox WHERE state = 'sent'"))
    assert {(notifier, message) for notifier, message, _ in ended.came} == bundles, "lost, or under two ids"
    repeated = ended.repeated
    assert sum(repeated.values()) <= (1 if point in UNSETTLED else 0), f"said twice: {repeated}"
    for notifier, message in repeated:
        bodies = {body for name, other, body in ended.came if (name, other) == (notifier, message)}
        assert len(bodies) == 1, "the same id with another text"


@pytest.mark.timeout(60 + 40 * KILLS)
def test_a_kill_at_any_point_loses_nothing_and_repeats_at_most_one_message_under_its_id(lab):
    first = int(os.environ.get("CRASH_SEED", "0"))
    kills, twice = Counter(), Counter()
    for seed in range(first, first + MOST_SEEDS):
        wanted = [point for point in Point if kills[point] < KILLS]
        if not wanted:
            break
        unharmed = lab.play(seed)
        judge(unharmed, unharmed, None)
        for point in wanted:
            if not (passes := unharmed.passed.get(point, 0)):
                continue
            chosen = random.Random(f"{seed}:{point}").randint(1, passes)
            try:
                ended = lab.play(seed, point, chosen)
                judge(ended, unharmed, point)
            except AssertionError as wrong:
                raise AssertionError(f"seed {seed}, killed at pass {chosen} of {point}: {wrong}") from wrong
            kills[point] += 1
            twice[point] += sum(ended.repeated.values())
            shutil.rmtree(ended.folder)
        shutil.rmtree(unharmed.folder)
    said_twice = {point.value: f"{times} of {kills[point]}" for point, times in twice.items() if times}
    print(f"seeds from {first}: {kills.total()} kills at {len(kills)} points, said twice: {said_twice}")
    assert [point for point in Point if kills[point] < KILLS] == []


def test_who_dies_between_an_answer_and_writing_it_down_says_that_one_message_twice(lab):
    ended = lab.play(0, Point.MESSAGE_SENT, 2, trouble=())

    assert list(ended.repeated.values()) == [1]
    assert ended.repeated.keys() == {ended.came[1][:2]}


def test_each_crash_point_is_passed_at_one_place_of_the_code():
    sources = [path.read_text() for path in (HERE.parent.parent / "collector").rglob("*.py")]
    places = Counter(name for text in sources for name in re.findall(r"reached\(Point\.(\w+)\)", text))

    assert dict(places) == {point.name: 1 for point in Point}
    assert len(Point) >= 25


def test_a_variable_kills_a_krd_at_the_pass_it_names_and_refuses_what_is_no_point():
    passing = (
        "from collector.crash_points import Point, reached\n"
        "for n in range(9): reached(Point.CLAIMED); reached(Point.SETTLED); print(n, flush=True)"
    )

    def started(said):
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent), "KRD_CRASH_AT": said}
        return subprocess.run(
            [sys.executable, "-c", passing], env=environment, capture_output=True, text=True, check=False
        )

    killed, refused = started("settled:3"), started("nowhere")

    assert (killed.returncode, killed.stdout.split()) == (-9, ["0", "1"])
    assert (refused.returncode, "nowhere" in refused.stderr) == (1, True)
