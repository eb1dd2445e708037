"""Quarters written as text: what krd says of them, day by day, is what stands beside them."""

from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from collector.configuration.findings import Findings
from collector.ports.catalogue import Catalogue
from collector.scenario.play import play
from collector.scenario.read import read_scenarios

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.yaml"))
TITLES = [
    (path.name, one["scenario"])
    for path in FILES
    for one in YAML(typ="safe", pure=True).load(path)["scenarios"]
]


@cache
def scenarios(name):
    """Give the scenarios of a file by their titles."""
    findings = Findings()
    found = read_scenarios(HERE / name, Catalogue({}, {}), findings)
    assert [str(finding) for finding in findings.sorted()] == []
    return {one.title: one for one in found}


@pytest.mark.parametrize(("name", "title"), TITLES)
def test_the_quarter_goes_as_it_is_written(name, title):
    played = play(scenarios(name)[title])

    assert [
        f"{one.place} {one.when}: {one.what} is {one.actual!r}, not {one.expected!r} ({one.sentence})"
        for one in played.differences
    ] == []


def test_no_two_scenarios_have_the_same_title():
    assert len(set(TITLES)) == len(TITLES) >= 60
