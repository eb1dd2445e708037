"""Definitions are compared with those enrolled without judging anything, and without a trace."""

from dataclasses import replace

import pytest

from collector.services import would_enrol
from collector.services.would_enrol import changed_definitions


@pytest.fixture
def judged_nothing(monkeypatch):
    def refuse(*_):
        raise AssertionError("nothing is judged, beside a krd that runs")

    monkeypatch.setattr(would_enrol, "evaluate_accounts", refuse)
    monkeypatch.setattr(would_enrol, "enrol", refuse)


def test_the_same_definitions_are_unchanged(desk, make, judged_nothing):
    made = desk(make.key_result(), make.key_result(name="two"))
    assert changed_definitions(made.beside, made.okrs, made.clock.now()) == []


def test_edited_new_and_gone_definitions_are_named(desk, make, judged_nothing):
    made = desk(make.key_result(), make.key_result(name="two"))
    at = made.clock.now()
    one, two = made.okrs.key_results.values()
    edited = replace(one, promise_fingerprint="another")
    new = make.key_result(name="three")
    files = replace(made.okrs, key_results={each.key: each for each in (edited, new)})
    assert changed_definitions(made.beside, files, at) == [one.key, new.key, two.key]
    assert changed_definitions(made.beside, made.okrs, at) == [], "it was all taken back"
