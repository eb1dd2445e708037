"""krd as a person runs it: `krd run` in a folder of its own, over a source that answers what it is told to, one webhook."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from benchmarks.command import BenchmarkFailed
from benchmarks.delivery_process import Server
from benchmarks.delivery_receiver import Message, Receiver
from benchmarks.delivery_source import LIMIT, Source
from benchmarks.delivery_system import (
    DOWN,
    GROUP_INTERVAL,
    GROUP_WAIT,
    PENDING,
    QUICK,
    REPEAT,
    SLOW,
    Event,
)
from benchmarks.delivery_waiting import until
from collector.setup.checkout import HERE

DAY = 8
"""Seconds of a day of the cycle. A guardrail is over after a day that stayed good, so this is what its end waits for."""
_OF_A_REAL_DAY = 86_400 // DAY
"""The waiting times of alerts are those of real days: in this cycle each is so much shorter than it is written."""
_OVER = frozenset({"resolved"})
_BOTH = frozenset({"passed"})

KRD = f"""\
timezone: Europe/Berlin
cycles: [{{id: lab, starts: first run, days: 1000, day: {DAY}s}}]
sync: {{every: 700d, brief: 1d}}
alerts: {{group_wait: {GROUP_WAIT * _OF_A_REAL_DAY}s, group_interval: {GROUP_INTERVAL * _OF_A_REAL_DAY}s,
  repeat: {REPEAT * _OF_A_REAL_DAY}s, quiet: false}}
people: {{li: {{name: Li}}}}
teams: {{TEAMS}}
sources:
  numbers: {{kind: http_json, url: "http://TARGET", RECIPE}}
  other: {{kind: http_json, url: "http://TARGET/other", RECIPE}}
notify:
  hook: {{kind: webhook, url: "HOOK", only: {{kinds: [guardrail, source_down]}}}}
"""
RECIPE = (
    "path: /value, params: {of: $query}, extract: value, dates: {format: epoch}, timeout: 2s, "
    "canary: {query: none, at_least: 0}, owner: li"
)


class Krd:
    """One krd. Numbers over a guardrail's limit in two readings are an alert, and so is a source that fails three times."""

    name = "krd"
    silence = 80.0  # a lease, or the wait for the next try of a receiver that failed, is 60 s at most

    def __init__(self, folder: Path) -> None:
        self.receiver = Receiver()
        self._source = Source([*QUICK, SLOW])
        folder.mkdir(parents=True)
        _write(folder, self._source.target, self.receiver.url)
        kept = {name: text for name, text in os.environ.items() if not name.startswith("KRD_")}
        self._server = Server(
            "krd run",
            [sys.executable, "-c", "from collector.cli.main import run; run()", "run"],
            folder,
            {**kept, "PYTHONPATH": str(HERE.root), "KRD_WEB__LISTEN": "127.0.0.1:0"},
            lambda said: "krd watches" in said,
        )

    @property
    def server(self) -> Server:
        return self._server

    def start(self) -> None:
        self.receiver.up()
        self._server.start()
        for alert in (*QUICK, SLOW, DOWN):
            good = Event(alert, wrong=False)
            until(lambda good=good: self.seen(good), 30.0, f"krd did not read {alert}")  # type: ignore[misc]  # bound now

    def turn(self, event: Event) -> None:
        self._source.turn(event.alert, wrong=event.wrong)

    def seen(self, event: Event) -> float | None:
        return self._source.seen(event.alert, wrong=event.wrong)

    def events(self, message: Message) -> list[Event]:
        said = json.loads(message.body)["data"]
        return [event for one in said.get("members") or [said] for event in _events(one)]

    def close(self) -> None:
        self._server.end()
        self._source.close()
        self.receiver.close()


def _events(said: dict[str, str]) -> list[Event]:
    alert = DOWN if said["kind"] == "source_down" else said["subject"].rpartition("/")[2]
    if alert not in (*QUICK, SLOW, DOWN):
        raise BenchmarkFailed(f"krd told of {said['kind']} {said['subject']}, which nobody made wrong")
    if said["occasion"] in _BOTH:
        return [Event(alert, wrong=True), Event(alert, wrong=False)]
    return [Event(alert, wrong=said["occasion"] not in _OVER)]


def _write(folder: Path, target: str, hook: str) -> None:
    """Write the files: a team for each alert, so that each is a group of its own."""
    alerts = (*QUICK, SLOW, DOWN)
    filled = {
        "TEAMS": ", ".join(f"{one}: {{lead: li}}" for one in alerts),
        "RECIPE": RECIPE,
        "TARGET": target,
    }
    text = KRD
    for name, value in {**filled, "HOOK": hook}.items():
        text = text.replace(name, value)
    (folder / "krd.yaml").write_text(text, "utf-8")
    (folder / "okrs").mkdir()
    for alert in alerts:
        (folder / "okrs" / f"{alert}.yaml").write_text(_okrs(alert), "utf-8")


def _okrs(alert: str) -> str:
    every = f"{PENDING[SLOW]}s" if alert in PENDING else "1s"
    source = "other" if alert == DOWN else "numbers"
    guardrail = (
        f"        guardrails: [{{id: guard, title: It stays low, measure: {{source: numbers, every: {every}, query: {alert}}},"
        f" at_most: {LIMIT}}}]\n"
    )
    return (
        f"team: {alert}\ncycle: lab\nobjectives:\n  - id: good\n    title: Be good\n    key_results:\n"
        f"      - id: {alert}\n        title: Do it\n        commitment: committed\n        from: 100\n        to: 50\n"
        f"        measure: {{source: {source}, every: {every}, query: none}}\n"
        + ("" if alert == DOWN else guardrail)
    )
