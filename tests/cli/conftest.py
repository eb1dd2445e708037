"""A folder with files that work, a real warehouse with a past of eighty days, and the command as a user types it."""

import json
import sqlite3
from contextlib import chdir, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from subprocess import DEVNULL, PIPE

import pytest

from tests.forked import Forked
from tests.in_process import invoke

PAST, AHEAD = 40, 50
"""Days of the cycle behind and ahead of now."""

KRD = """\
timezone: UTC
cycles: [{{id: now, starts: {starts}, ends: {ends}}}]
sync: {{every: monday 10:00, brief: previous working day 15:00}}
people: {{li: {{name: Li}}, sam: {{name: Sam}}}}
teams: {{shop: {{lead: li}}, crew: {{lead: sam}}}}
sources:
  warehouse: {{kind: sql, url: "sqlite:///warehouse.db", owner: li}}
notify:
  terminal: {{kind: console}}
"""

OKRS = """\
team: shop
cycle: now
objectives:
  - id: quick
    title: Be quick
    owner: li
    key_results:
      - id: latency
        title: Cut latency from 100 ms to 50 ms
        owner: li
        commitment: committed
        measure: {source: warehouse, unit: ms, every: 1d, query: "SELECT avg(ms) FROM calls WHERE at >= :since AND at < :until"}
        from: 100
        to: 50
      - id: slow
        title: Raise conversion from 2 % to 30 %
        owner: sam
        commitment: committed
        measure:
          source: warehouse
          unit: "%"
          every: 1d
          numerator: "SELECT sum(bought) FROM calls WHERE at >= :since AND at < :until"
          denominator: "SELECT count(*) FROM calls WHERE at >= :since AND at < :until"
        from: measured
        to: 30
      - id: calls
        title: At least 300 calls
        owner: sam
        commitment: aspirational
        measure: {source: warehouse, unit: calls, every: 1d, window: cycle, query: "SELECT count(*) FROM calls WHERE at >= :since AND at < :until"}
        total: {at_least: 300}
"""


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@dataclass
class World:
    """A folder in which commands run."""

    folder: Path
    today: datetime

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def change(self, name, old, new):
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def krd(self, *words, **environment):
        """Run `krd …` in the folder, in this process; variables are added to an environment without any of krd's."""
        with chdir(self.folder):
            # those who run tests side by side tell them how wide their own terminal is
            done = invoke([*map(str, words)], {"COLUMNS": None, **environment})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)

    def process(self, *words, begin=Forked, **environment):
        """Run `krd …` as a user does, as its own process."""
        started = self.start(*words, begin=begin, **environment)
        out, err = started.communicate(timeout=60)
        return Ran(started.returncode, out, err)

    def start(self, *words, begin=Forked, **environment):
        """Start `krd …` and go on; the test ends it."""
        surroundings = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "PYTHONIOENCODING": "utf-8"}
        return begin(
            words,
            cwd=self.folder,
            env=surroundings | environment,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            encoding="utf-8",
        )


@pytest.fixture
def bare(tmp_path):
    """Give an empty folder in which commands run."""
    return World(tmp_path, datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


@pytest.fixture
def world(bare):
    """Give files that work, in `config`, and a warehouse whose past goes back before the cycle."""
    _furnish(bare)
    return bare


@pytest.fixture(scope="module")
def open_world(tmp_path_factory):
    """Give empty folders that all tests of a module share."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return lambda: World(tmp_path_factory.mktemp("world"), today)


@pytest.fixture(scope="module")
def furnish():
    """Put files that work, and a warehouse, into a world."""
    return _furnish


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Give a world in which one pass was made: the past is healed, and verdicts stand. Shared: do not change it."""
    folder = tmp_path_factory.mktemp("measured")
    made = World(folder, datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    _furnish(made)
    done = made.krd("once")
    assert done.code == 0, done.err
    return made


@pytest.fixture
def kept(bare, measured):
    """Give a world of one's own in which one pass was made: a copy of the shared one, which takes a hundredth of the pass."""
    copytree(measured.folder, bare.folder, dirs_exist_ok=True)
    return bare


def _furnish(world):
    _fill(world.folder / "warehouse.db", world.today)
    dates = {
        "starts": (world.today - timedelta(days=PAST)).date(),
        "ends": (world.today + timedelta(days=AHEAD)).date(),
    }
    world.write("config/krd.yaml", KRD.format(**dates))
    world.write("config/okrs/shop.yaml", OKRS)


def _fill(path, today):
    """Five calls a day: latency falls on plan, conversion stays where it was."""
    rows = []
    for day in range(-80, 1):
        begun = today + timedelta(days=day)
        way = min(max(day + PAST, 0) / (PAST + AHEAD), 1)
        for call in range(5):
            at = begun + timedelta(hours=call, minutes=1)
            ms = 100 - 60 * way + (day % 3 - 1) + call / 10
            rows.append((f"{at:%Y-%m-%d %H:%M:%S}", ms, 1 if (day + call) % 40 == 0 else 0))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE calls (at TEXT, ms REAL, bought INTEGER)")
        database.executemany("INSERT INTO calls VALUES (?, ?, ?)", rows)
