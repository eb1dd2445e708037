"""Every usable kind is found by its name, and every other one is listed with what to do about it."""

import sys

import pytest

from collector.ports.catalogue import Catalogue
from collector.registry import kinds
from collector.registry.kinds import catalogue

NOTIFIER = """
from collector.ports.notifier import NotifierKind, NotifierOptions
KIND = NotifierKind(name={name!r}, title="Theirs", options=NotifierOptions, open=lambda options: None)
"""
CONNECTOR = """
from datetime import timedelta
from connectors.api import ConnectorKind, SourceOptions
KIND = ConnectorKind(name={name!r}, title="Theirs", options=SourceOptions, open=lambda options: None,
                     problems=lambda text: (), answers_the_past=lambda text: False,
                     default_every=timedelta(hours=1), api={api})
"""


def test_the_kinds_of_krd_are_found_by_their_file_names():
    found = catalogue()
    assert isinstance(found, Catalogue)
    assert {"prometheus", "sql", "http_json"} <= set(found.connectors)
    assert set(found.notifiers) == {
        "alertmanager", "apprise", "console", "email", "pagerduty", "slack", "teams", "webhook"
    }  # fmt: skip
    assert found.missing == {}
    assert {name: kind.name for name, kind in found.connectors.items()} == {
        name: name for name in found.connectors
    }


def test_presets_are_kinds_like_any_other():
    found = catalogue()
    assert {"github", "jira", "jira_dc", "roundup", "trac"} <= set(found.connectors)


def test_a_stranger_does_not_take_the_place_of_a_preset(publish):
    publish("rival-krd", "krd.connectors", "jira", CONNECTOR.format(name="jira", api=1))
    found = catalogue()
    assert found.connectors["jira"].title == "Jira Cloud"
    assert found.missing == {
        "jira (rival-krd)": "the connector jira of rival-krd is not used: there is one already; remove rival-krd, or have"
        " it choose another name"
    }


def test_a_preset_that_cannot_be_used_stops_no_other_kind(tmp_path, monkeypatch):
    (tmp_path / "presets_of_ours.py").write_text(
        "class PresetMistake(Exception): pass\n"
        "def names(): return ['broken']\n"
        "def load(name): raise PresetMistake('broken.yaml, line 3: no good; correct the YAML')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    shelf = kinds._Shelf("connector", kinds.ConnectorKind)
    shelf.take_presets("presets_of_ours")
    assert shelf.kinds == {}
    assert shelf.missing == {
        "broken": "the connector broken of krd is not used: broken.yaml, line 3: no good; correct the YAML"
    }


def test_strangers_are_taken_by_their_entry_points(publish):
    publish("acme-krd", "krd.connectors", "acme", CONNECTOR.format(name="acme", api=1))
    publish("pigeon-krd", "krd.notifiers", "pigeon", NOTIFIER.format(name="pigeon"))
    found = catalogue()
    assert found.connectors["acme"].title == "Theirs"
    assert found.notifiers["pigeon"].title == "Theirs"
    assert found.missing == {}


def test_another_version_of_the_interface_is_refused(publish):
    publish("old-krd", "krd.connectors", "old", CONNECTOR.format(name="old", api=0))
    found = catalogue()
    assert "old" not in found.connectors
    assert found.missing == {
        "old": "the connector old of old-krd is not used: it is written for version 0 of the interface, krd has 1;"
        " update old-krd"
    }


def test_a_second_kind_of_the_same_name_is_refused_and_the_first_stays(publish):
    publish("rival-krd", "krd.notifiers", "slack", NOTIFIER.format(name="slack"))
    found = catalogue()
    assert found.notifiers["slack"].title == "Slack, incoming webhook"
    assert found.missing == {
        "slack (rival-krd)": "the notifier slack of rival-krd is not used: there is one already; remove rival-krd, or have"
        " it choose another name"
    }


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "import never_heard_of",
            "the package never_heard_of is not installed or too old; install it beside krd",
        ),
        ("import psycopg.never_heard_of", "the package psycopg is not installed; install krd[postgres]"),
        ("import collector.never_heard_of", "ModuleNotFoundError: part of krd is missing; install krd again"),
        ("KIND = 1 / 0", "it raised ZeroDivisionError"),
        ("KINDS = 1", "it raised AttributeError"),
        ("KIND = object()", "it is no NotifierKind; its publisher has to correct it"),
        (NOTIFIER.format(name="other"), "it calls itself other; its publisher has to use one name"),
    ],
)
def test_a_stranger_that_fails_stops_nobody(publish, source, reason):
    publish("broken-krd", "krd.notifiers", "broken", source)
    found = catalogue()
    assert set(found.missing) == {"broken"}
    assert found.missing["broken"].startswith("the notifier broken of broken-krd is not used: ")
    assert reason in found.missing["broken"]
    assert {"console", "slack", "webhook"} <= set(found.notifiers)


def test_a_kind_of_ours_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "houses").mkdir()
    (tmp_path / "houses" / "__init__.py").write_text("")
    (tmp_path / "houses" / "long_tail.py").write_text("import apprise.never_there\n")
    (tmp_path / "houses" / "no_kind.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "apprise", None)
    shelf = kinds._Shelf("notifier", kinds.NotifierKind)
    shelf.take_built_in("houses")
    assert shelf.kinds == {}
    assert shelf.missing == {
        "long_tail": "the notifier long_tail cannot be loaded: the package apprise is not installed; install krd[notify]"
    }


def test_without_its_package_the_long_tail_is_missing_and_every_other_notifier_is_there(monkeypatch):
    monkeypatch.delitem(sys.modules, "collector.notifiers.apprise", raising=False)
    monkeypatch.setitem(sys.modules, "apprise", None)
    found = catalogue()
    assert found.missing == {
        "apprise": (
            "the notifier apprise cannot be loaded: the package apprise is not installed; install krd[notify]"
        )
    }
    assert set(found.notifiers) == {
        "alertmanager", "console", "email", "pagerduty", "slack", "teams", "webhook"
    }  # fmt: skip
