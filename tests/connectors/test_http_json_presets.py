"""Presets are data: every file of ours is whole, and one that is not says what to correct."""

from __future__ import annotations

import time

import pytest

from connectors import presets
from connectors.api import ConnectorKind, Moment
from connectors.http_json_text import SAMPLE

GOOD = """
title: Something
docs: https://a.example/docs
credentials: password
params: {q: $query}
extract: total
health: {path: me, identity: login}
"""


def test_our_presets_are_kinds_named_after_their_files():
    names = presets.names()

    assert names == ["github", "jira", "jira_dc", "roundup", "trac"]
    for name in names:
        kind = presets.load(name)
        assert isinstance(kind, ConnectorKind)
        assert (kind.name, bool(kind.title)) == (name, True)


def test_presets_do_not_slow_the_start():
    began = time.perf_counter()
    for name in presets.names():
        presets.load(name)

    assert time.perf_counter() - began < 1.0, "they take about 30 ms; a second allows for a busy machine"


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("title: [a", "line 1"),
        (GOOD + "title: again\n", "line 8"),
        (GOOD.replace("extract: total", "extract: total.["), "extract"),
        (GOOD.replace("docs: ", "dosc: "), "docs"),
        (GOOD.replace("password", "secret handshake"), "credentials"),
        (GOOD.replace("health: {path: me, identity: login}", ""), "`health`"),
        (GOOD.replace("credentials: password", "credentials: public_or_password"), "`probe`"),
        (GOOD.replace("$query", "everything"), "$query"),
        ("- a list", "the whole file"),
        ("", "the whole file"),
        ("!!python/object/apply:os.getcwd []", "line 1"),
    ],
)
def test_a_preset_that_cannot_be_used_says_what_to_correct(tmp_path, written, word):
    (tmp_path / "mine.yaml").write_text(written)

    with pytest.raises(presets.PresetMistake) as caught:
        presets.load("mine", tmp_path)

    assert str(caught.value).startswith("mine.yaml")
    assert word in str(caught.value)
    assert "correct" in str(caught.value)


def test_a_preset_that_is_no_text_says_so(tmp_path):
    (tmp_path / "mine.yaml").write_bytes(b"title: \xff\xfe")

    with pytest.raises(presets.PresetMistake, match="UTF-8"):
        presets.load("mine", tmp_path)


def test_a_good_preset_of_ones_own_is_a_kind(tmp_path):
    (tmp_path / "mine.yaml").write_text(GOOD)
    (tmp_path / "readme.md").write_text("not a preset")

    assert presets.names(tmp_path) == ["mine"]
    assert presets.load("mine", tmp_path).name == "mine"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roundup", "status=resolved&activity=from $since to $until"),
        ("roundup", "creation=;$until"),
        ("roundup", "creation=$since;$until&title~=payment"),
        ("trac", "status=closed&changetime=$since..$until"),
        ("trac", "time=..$until"),
        ("jira", "status WAS Open ON $as_of"),
        ("jira_dc", 'project = SHOP AND resolved >= "$since" AND resolved < "$until"'),
        ("github", "repo:acme/shop is:issue closed:$since..$until"),
    ],
)
def test_what_the_pages_advise_has_no_problems_and_answers_the_past(name, text):
    kind = presets.load(name)

    assert kind.problems(text) == []
    assert kind.answers_the_past(text)


def test_the_sample_moment_is_a_moment():
    assert isinstance(SAMPLE, Moment)
    assert SAMPLE.since < SAMPLE.until <= SAMPLE.as_of
