"""A recipe is checked when it is read: wrong expressions, requests that ask nothing, mistakes in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors import http_json
from connectors.http_json_recipe import Recipe
from connectors.http_json_rules import TextRules
from connectors.http_json_text import SAMPLE, VARIABLES, Dates, Times, problems_with_times, substituted

GOOD = {"params": {"q": "$query"}, "extract": "total"}
OPEN = {**GOOD, "url": "https://a.example", "canary": {"query": "x", "at_least": 1}}


def said(**changes):
    with pytest.raises(ValidationError) as caught:
        http_json.HttpJsonOptions.model_validate({**OPEN, **changes})
    return str(caught.value)


@pytest.mark.parametrize("expression", ["data.[", "a..b", "@@", "nosuch(a", ""])
def test_a_wrong_expression_is_told_when_the_files_are_read(expression):
    assert "extract" in said(extract=expression)


def test_a_wrong_expression_of_a_guard_is_told_too():
    guard = {"expr": "data.[", "kind": "partial", "message": "x"}

    assert "guards.0.expr" in said(guards=[guard])
    assert "JMESPath" in said(guards=[guard])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"params": {"q": "all"}}, "$query"),
        ({"json": {"q": "$query"}}, "GET has no body"),
        ({"method": "POST", "json": {"q": "$query"}, "form": {"q": "$query"}}, "exclude"),
        ({"path": "a?b=$query"}, "`params`"),
        ({"canary": None}, "`health`"),
        ({"canary": {"query": "created >= $since", "at_least": 1}}, "no times"),
        ({"canary": {"query": "x"}}, "either"),
        ({"health": {"path": "me"}}, "`identity`"),
        ({"guards": [{"kind": "auth", "message": "x"}]}, "either"),
        ({"guards": [{"expr": "a", "kind": "config", "message": "x"}]}, "kind"),
        ({"dates": {"zone": "account"}}, "account"),
        ({"dates": {"zone": "Mars/Olympus"}}, "time zone"),
        ({"dates": {"format": "iso8601"}}, "expected iso"),
        (
            {"extract": {"csv_rows_below": "id"}, "guards": [{"expr": "a", "kind": "auth", "message": "x"}]},
            "CSV",
        ),
        ({"text": {"refuse": [{"matches": "(", "message": "x"}]}}, "regular expression"),
        ({"url": "https://me:secret@a.example"}, "credentials"),
        ({"nosuch": 1}, "Extra inputs"),
    ],
)
def test_a_recipe_that_cannot_work_is_refused_with_the_way_out(changes, word):
    assert word in said(**changes)


def test_an_address_of_a_recipe_is_not_quoted_when_it_holds_a_secret():
    assert "hunter2" not in said(url="https://me:hunter2@a.example")


@pytest.mark.parametrize(
    ("dates", "since", "window"),
    [
        ({}, "2026-11-01T00:00:00Z", "86400"),
        ({"format": "epoch", "spans": "s"}, "1793491200", "86400s"),
        ({"format": "epoch_ms", "spans": "m"}, "1793491200000", "1440m"),
        ({"format": "%Y-%m-%d %H:%M", "quoted": True}, '"2026-11-01 00:00"', "86400"),
        ({"format": "%Y-%m-%d.%H:%M:%S"}, "2026-11-01.00:00:00", "86400"),
    ],
)
def test_times_are_written_as_the_source_reads_them(dates, since, window):
    times = Times(SAMPLE, Dates.model_validate(dates))

    assert times.fill("a >= $since for $window") == f"a >= {since} for {window}"


@pytest.mark.parametrize("text", ['created >= "$since"', "created >= '$since'", "created >= $since"])
def test_a_date_is_quoted_once_whatever_the_text_does(text):
    times = Times(SAMPLE, Dates(format="%Y-%m-%d", quoted=True))

    assert times.fill(text) == 'created >= "2026-11-01"'


@pytest.mark.parametrize("text", ["$USER", "$sinces", "a$", "$", "costs $5", "$query", "${since}", "$ since"])
def test_only_the_exact_names_are_replaced(text):
    assert Times(SAMPLE, Dates()).fill(text) == text


@given(st.text())
def test_what_is_put_in_is_never_read_again(text):
    filled = substituted({"q": ["<$query>"]}, {"query": text}, Times(SAMPLE, Dates()))

    assert filled == {"q": [f"<{text}>"]}


@given(st.text())
def test_no_text_breaks_the_offline_checks(text):
    recipe = Recipe.model_validate(GOOD)
    rules = TextRules(form="filters", fields=frozenset({"status"}), values={"status": "[a-z]+"})

    recipe.problems(text)
    recipe.answers_the_past(text)
    rules.problems(text, Dates())
    assert Times(SAMPLE, Dates()).fill(text) == text or any(f"${name}" in text for name in VARIABLES)


@pytest.mark.parametrize(
    ("text", "past"),
    [("a", False), ("a > $since", False), ("a < $until", True), ("a on $as_of", True), ("a $untilx", False)],
)
def test_a_text_answers_the_past_when_it_says_when(text, past):
    assert http_json.KIND.answers_the_past(text) is past


def test_a_window_without_an_end_is_a_problem_with_its_place():
    [problem] = problems_with_times("status = open\nAND created >= $since")

    assert (problem.line, problem.column) == (2, 16)
    assert "$until" in problem.message
    assert problems_with_times("created >= $since AND created < $until") == []


def test_a_misspelt_variable_is_told_with_the_one_that_is_meant():
    [problem] = problems_with_times("created < $untill")

    assert "$until meant" in problem.message


def test_a_recipe_closes_the_window_for_its_texts():
    recipe = Recipe.model_validate({**GOOD, "params": {"q": "$query", "to": "$until"}})

    assert recipe.problems("created >= $since") == []
    assert recipe.answers_the_past("anything")


def test_filters_are_read_as_an_address_holds_them():
    rules = TextRules(form="filters")

    assert rules.pairs("?a=1%202&b=x+y\n&c=") == [("a", "1 2"), ("b", "x y"), ("c", "")]
