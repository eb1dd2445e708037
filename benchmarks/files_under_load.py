"""Writes a krd.yaml and OKR files with as many key results as wanted: teams with four objectives of five each.

Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.prometheus_under_load import Service

OBJECTIVES, KEY_RESULTS = 4, 5
"""A team's objectives, and an objective's key results: as many as krd's own lint lets pass."""
SOURCE = "prod"
CYCLE = "load"


@dataclass(frozen=True, slots=True)
class Promise:
    """What all the key results share."""

    url: str
    """The Prometheus that is asked."""
    starts: date
    ends: date
    every: str = "15m"
    timezone: str = "Europe/Berlin"
    shared: str = ""
    """One labelled query of which every key result picks its series; empty: each asks for itself."""


def write_files(folder: Path, services: Sequence[Service], promise: Promise) -> Path:
    """Write one key result a service, and give the krd.yaml."""
    okrs = folder / "okrs"
    okrs.mkdir(parents=True)
    waiting = iter(services)
    teams: list[str] = []
    while share := list(islice(waiting, OBJECTIVES * KEY_RESULTS)):
        teams.append(f"team{len(teams):03d}")
        (okrs / f"{teams[-1]}.yaml").write_text(_okrs(teams[-1], share, promise), "utf-8")
    krd = folder / "krd.yaml"
    krd.write_text(_krd(teams, promise), "utf-8")
    return krd


def _krd(teams: Sequence[str], promise: Promise) -> str:
    return f"""\
timezone: {promise.timezone}
cycles: [{{id: {CYCLE}, starts: {promise.starts}, ends: {promise.ends}}}]
sync: {{every: monday 10:00, brief: previous working day 15:00}}
people: {{li: {{name: Li}}}}
teams:
{"".join(f"  {team}: {{lead: li}}{chr(10)}" for team in teams)}
sources:
  {SOURCE}: {{kind: prometheus, url: {json.dumps(promise.url)}, owner: li}}
"""


def _okrs(team: str, services: Sequence[Service], promise: Promise) -> str:
    parts = [f"team: {team}\ncycle: {CYCLE}\n"]
    if promise.shared:
        shared = f"source: {SOURCE}, unit: s, every: {promise.every}, query: {json.dumps(promise.shared)}"
        parts.append(f"measures:\n  p95: {{{shared}}}\n")
    parts.append("objectives:\n")
    for number, service in enumerate(services):
        if number % KEY_RESULTS == 0:
            parts.append(
                f"  - id: quick-{number // KEY_RESULTS}\n    title: Answer before anyone minds\n"
                "    why: Waiting customers leave\n    owner: li\n    key_results:\n"
            )
        parts.append(_key_result(service, promise))
    return "".join(parts)


def _key_result(service: Service, promise: Promise) -> str:
    start, target = round(service.p95 * 1.2, 3), round(service.p95 * 0.8, 3)
    own = f"{{source: {SOURCE}, unit: s, every: {promise.every}, query: {json.dumps(service.query)}}}"
    measure = f"{{use: p95, pick: {{service: {service.name}}}}}" if promise.shared else own
    return f"""\
      - id: {service.name}-latency
        title: Cut the 95th percentile of {service.name} from {start} s to {target} s
        commitment: aspirational
        measure: {measure}
        from: measured
        to: {target}
"""
