"""PromQL as text: the moment filled in, mistakes found offline, many made one."""

from __future__ import annotations

from datetime import timedelta

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import promql


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a[$window]", "a[3600s]"),
        ("time() - $as_of", "time() - 1793534400"),
        ("$until - $since", "1793534400 - 1793530800"),
        ("$cycle_end - $cycle_start", "1798718400 - 1790942400"),
        ("a[$elapsed] offset $every", "a[2592000s] offset 900s"),
        ('a{b=~"x$"}', 'a{b=~"x$"}'),
        ('a{b=~"x$until"}', 'a{b=~"x1793534400"}'),
        ("$untilx $since_ $other ${until} $", "$untilx $since_ $other ${until} $"),
    ],
)
def test_only_exact_names_are_filled_in(moment_at, as_of, text, expected):
    assert promql.render(text, moment_at(as_of)) == expected


@pytest.mark.parametrize(
    ("span", "expected"), [(0, "1s"), (0.2, "1s"), (1.6, "2s"), (5400, "5400s"), (-5, "1s")]
)
def test_a_duration_is_whole_seconds_and_never_nothing(span, expected):
    assert promql.duration(timedelta(seconds=span)) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", promql.Kind.SCALAR),
        ("-(1 + time())", promql.Kind.SCALAR),
        ("scalar(a)", promql.Kind.SCALAR),
        ("1 > bool 0", promql.Kind.SCALAR),
        ("a", promql.Kind.VECTOR),
        ("1 + a", promql.Kind.VECTOR),
        ("sum(a)", promql.Kind.VECTOR),
        ("holt_winters(a[5m], 0.5, 0.5)", promql.Kind.VECTOR),
        ("a[5m]", promql.Kind.RANGE),
        ("(a[5m:1m])", promql.Kind.RANGE),
        ('"a"', promql.Kind.STRING),
        ("sum(", promql.Kind.UNKNOWN),
    ],
)
def test_types_are_known_offline(text, kind):
    assert promql.understand(text).kind is kind


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a", True), ('a{b="c"} # d', True), ("a offset 5m", False), ("a @ 5", False), ("a + 0", False)],
)
def test_only_a_plain_selector_has_a_sample_of_its_own(text, plain):
    assert promql.understand(text).plain_selector is plain


@pytest.mark.parametrize(
    "text", ["rate(a[$window])", "$until - $since", 'a{b=~"c$"}', "a # $until", "increase(a[$elapsed])"]
)
def test_a_good_text_has_no_problem(text):
    assert promql.problems(text) == []


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("sum(a) +\n  nosuch(a)", 2, 3, "nosuch"),
        ("sum(\n(a)", 1, 4, "unclosed"),
        ("sum(rate(a))", 1, 5, "matrix"),
        ('a{b=~"("}', 1, 7, "regex"),
        ('a{b="c', 1, 5, "unterminated"),
        ("a[5m]", 1, 1, "range vector"),
        ('"words"', 1, 1, "string"),
        ("", 1, 1, "no expression"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, line, column, word):
    [problem] = promql.problems(text)

    assert word in problem.message
    assert (problem.line, problem.column) == (line, column)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("a", "sum(increase(a[$window]))"),
        (' a{b=~"5..", c!="$window"}\n', 'sum(increase(a{b=~"5..", c!="$window"}[$window]))'),
        ('{__name__=~"a|b"}', 'sum(increase({__name__=~"a|b"}[$window]))'),
        ("a # all of them", "sum(increase(a # all of them\n[$window]))"),
    ],
)
def test_a_counter_is_asked_for_its_increase(moment_at, as_of, selector, expected):
    assert promql.increase(selector) == expected
    assert promql.understand(promql.render(expected, moment_at(as_of))).kind is promql.Kind.VECTOR


@pytest.mark.parametrize(
    ("selector", "line", "column"),
    [
        ("sum(a)", 1, 1),
        ("a[5m]", 1, 2),
        ('a{b="}["}[5m]', 1, 10),
        ("a\n  offset 5m", 2, 3),
        ("a @ 5", 1, 3),
        ('a{b="c"} or d', 1, 10),
        ("(a)", 1, 1),
        ("1", 1, 1),
        ('"a"', 1, 1),
        ("a{b=`\\`}", 1, 9),
    ],
)
def test_only_a_selector_alone_is_a_counter(selector, line, column):
    problem = promql.increase(selector)

    assert "write the selector alone" in problem.message
    assert (problem.line, problem.column) == (line, column)


@pytest.mark.parametrize(
    ("selector", "column", "word"),
    [
        ("a{", 1, "braces"),
        ('a{b=~"("}', 7, "regex"),
        ("a[$window])) or (sum(b", 12, "unexpected"),
        ("", 1, "no expression"),
    ],
)
def test_a_mistake_in_a_selector_is_told_with_its_place(selector, column, word):
    problem = promql.increase(selector)

    assert word in problem.message
    assert (problem.line, problem.column) == (1, column)


@given(st.text(alphabet="ab(){}[],\"'`\\#\n or1+_~=$", max_size=25))
def test_no_selector_reaches_beyond_its_increase(text):
    question = promql.increase(text)
    if not isinstance(question, str):
        return
    parsed = promql_parser.parse(question.replace("$window", "60s"))
    assert isinstance(parsed, promql_parser.AggregateExpr)
    assert parsed.expr.func.name == "increase"
    [ranged] = parsed.expr.args
    assert isinstance(ranged, promql_parser.MatrixSelector)


def test_the_deepest_bracket_of_a_fused_tree_grows_with_the_logarithm():
    fused = promql.fuse([(str(n), f"a{n}") for n in range(64)])

    deepest, depth = 0, 0
    for character in fused:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    assert depth == 0
    assert deepest == 7


_TEXTS = st.sampled_from(
    ["a", "sum(a) # comment", 'a{b="#"}', "1", "a{b=`c`}", 'a{b="\\""}', "-a", "a or b", "a[5m]", "time()"]
) | st.text(alphabet="ab(){}[],\"'`\\#\n or1+_~=", max_size=25)


@given(st.lists(_TEXTS, min_size=2, max_size=6))
def test_whatever_may_be_fused_stays_within_its_own_branch(texts):
    fusible = [
        text
        for text in texts
        if not promql.understand(text).alone and promql.refusal(promql.understand(text)) is None
    ]
    if not fusible:
        return
    branches = [(str(n), promql.as_vector(text, promql.understand(text))) for n, text in enumerate(fusible)]

    marks = []

    def visit(node):
        if isinstance(node, promql_parser.Call) and node.func.name == "label_replace":
            marks.append(node.args[2].val)

    promql_parser.walk(promql_parser.parse(promql.fuse(branches)), visit)
    assert marks == [mark for mark, _ in branches]


def test_a_text_that_two_parsers_may_end_differently_is_asked_alone():
    assert promql.understand("a{b=`\\`}").alone
    assert promql.problems("a{b=`\\`}") == []
