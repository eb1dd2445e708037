"""Whatever stands in a file, reading it ends with findings: never with an exception, never without a word."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.configuration.findings import Findings
from collector.configuration.yaml_text import parse_yaml

PIECES = st.sampled_from(
    ["team", "cycle", "objectives", "measures", ": ", ":\n", "\n", "  ", "- ", "[", "]", "{", "}", "&a ", "*a", "|", ">", "'", '"',
     "#", " # ", "?", "!x ", "%", "@", "`", "\t", "---\n", "...\n", "<<", "1", "0x1", ".inf", "null", "~", "2026-10-01", "\r\n",
     "\x00", "\ufeff", "\u2028", "é", "key_results", "measure", "from", "to", "title", "id", "query", "sync", "every"]
)  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=40).map("".join))


@given(HOSTILE)
@settings(max_examples=300, deadline=None)
def test_a_text_becomes_a_mapping_or_a_finding(text):
    findings = Findings()
    root = parse_yaml(text, "f.yaml", findings)
    assert (root is not None) or findings.wrong


@given(krd=HOSTILE, okrs=st.one_of(HOSTILE, st.binary(max_size=80)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_become_a_configuration_or_findings(files, krd, okrs):
    loaded = files.load(krd=krd, okrs=okrs)
    assert (loaded.configuration is not None) or loaded.errors


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
              st.sampled_from(["cycle", "measured", "prod", "month", "9e999", "-40%", "first run"])),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(
        st.sampled_from(["id", "title", "measure", "from", "to", "total", "at_most", "source", "query", "use", "file", "every",
                         "kind", "url", "cycles", "starts", "days", "keep", "slo", "pace", "points", "late"]), below, max_size=4)),
    max_leaves=12,
)  # fmt: skip


@given(
    section=st.sampled_from(
        ["cycles", "teams", "people", "sources", "notify", "sync", "holidays", "heartbeat"]
    ),
    value=VALUES,
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_any_section_of_krd_yaml_is_judged(files, section, value):
    lines = [line for line in files.KRD.splitlines() if not line.startswith((section, "  "))]
    loaded = files.load(krd="\n".join([*lines, f"{section}: {as_yaml(value)}"]))
    assert (loaded.configuration is not None) or loaded.errors


@given(key=st.sampled_from(["measure", "from", "to", "total", "keep", "slo", "pace", "by", "launches", "guardrails", "judge_over",
                            "retired", "owner", "team", "id", "depends_on", "changes", "was"]), value=VALUES)  # fmt: skip
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_any_key_of_a_key_result_is_judged(files, key, value):
    lines = [
        line for line in files.OKRS.splitlines() if not line.strip().removeprefix("- ").startswith(f"{key}:")
    ]
    head = f"      - id: again\n        {key}: " if key == "id" else f"        {key}: "
    loaded = files.load(okrs="\n".join([*lines, head + as_yaml(value)]) + "\n")
    assert (loaded.configuration is not None) or loaded.errors


FORMULA = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["a", "b-c", "nosuch", "1", "0", "1e400", "9" * 500, "(", ")", "+", "-", "*", "/", "**", "//", ",", "min(", "abs(",
             "sqrt(", ".", "[", "]", "lambda", "if", "else", ":=", "'x'", "True", "é", "ﬁ", "\\", "\n", "\t", "  ", "#", ";", "\u0000"]
        ),
        max_size=60,
    ).map("".join),
)  # fmt: skip


@given(text=FORMULA)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_an_expression_or_is_told_where_it_is_none(files, text):
    shared = "measures: {a: {source: prod, query: a}, b-c: {source: prod, query: b}}\n"
    okrs = files.OKRS.replace("{source: prod, unit: ms, query: latency}", f"{{expression: {as_yaml(text)}}}")
    loaded = files.load(okrs=okrs + shared)
    assert (loaded.configuration is not None) or loaded.errors
    assert {(one.place.file, one.place.line) for one in loaded.findings} <= {("okrs/team.yaml", 10)}


@given(measure=st.dictionaries(
    st.sampled_from(["by_hand", "values", "every", "unit", "plausible", "good", "bad", "total", "expression", "use", "window"]),
    st.one_of(VALUES, st.sampled_from(["li", "a", "a / b-c", "cycle", "1d", "month", [{"as_of": "2026-11-01", "value": 1}]])),
    max_size=5))  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mixture_of_forms_is_judged(files, measure):
    shared = "measures: {a: {source: prod, query: a}, b-c: {source: prod, query: b}}\n"
    okrs = files.OKRS.replace("{source: prod, unit: ms, query: latency}", as_yaml(measure))
    loaded = files.load(okrs=okrs + shared)
    assert (loaded.configuration is not None) or loaded.errors


@pytest.mark.parametrize("count", [1, 3000])
def test_measures_that_need_each_other_in_a_ring_are_told_once(files, count):
    shared = "measures:\n" + "".join(
        f"  m{n}: {{expression: m{(n + 1) % count} + 1}}\n" for n in range(count)
    )
    (only,) = files.findings(okrs=files.OKRS + shared)
    assert only.startswith(
        "okrs/team.yaml:14:20: error KRD512: the measure `m0` is defined by itself: m0 needs m"
    )
    assert len(only) < 250


def as_yaml(value):
    return json.dumps(value)


def test_an_alias_bomb_is_refused_before_it_unfolds():
    names = "abcdefghi"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join(['*' + old] * 9)}]" for old, new in itertools.pairwise(names)]
    findings = Findings()
    assert parse_yaml("\n".join(lines), "f.yaml", findings) is None
    assert [str(found) for found in findings.sorted()] == [
        "f.yaml:5:8: error KRD105: the aliases of this file stand for more than 10000 values; write the values out"
    ]


def test_deep_nesting_is_refused():
    findings = Findings()
    parse_yaml("a: " + "[" * 5000, "f.yaml", findings)
    assert [found.code for found in findings.sorted()] == ["KRD105"]


def test_a_few_aliases_share_what_is_the_same():
    root = parse_yaml("a: &a {source: prod}\nb: *a\n", "f.yaml", Findings())
    assert root.value() == {"a": {"source": "prod"}, "b": {"source": "prod"}}


def test_yaml_1_2_reads_times_words_and_dates_as_texts():
    root = parse_yaml(
        "a: 9:30\nb: on\nc: NO\nd: 2026-10-01\ne: 1_000\nf: .inf\ng: 0o17\nh: 1e3\n", "f.yaml", Findings()
    )
    assert root.value() == {
        "a": "9:30", "b": "on", "c": "NO", "d": "2026-10-01", "e": "1_000", "f": ".inf", "g": 15, "h": 1000.0
    }  # fmt: skip


def test_half_a_character_is_refused_wherever_it_stands():
    findings = Findings()
    root = parse_yaml('a: "\\uD800"\n"\\uDC00": b\n', "f.yaml", findings)
    assert [str(found) for found in findings.sorted()] == [
        f"f.yaml:{place}: error KRD103: an escape stands for half a character; write the character itself"
        for place in ("1:4", "2:1")
    ]
    assert root.value() == {"a": "\ufffd", "\ufffd": "b"}


def test_a_title_is_one_line_without_control_characters(files):
    lines = files.OKRS.replace("title: Be quick", "title: |\n      Be\n      quick")
    (objective,) = files.load(okrs=lines).required().okrs.objectives.values()
    assert objective.title == "Be quick"
    painted = files.OKRS.replace("title: Be quick", 'title: "\\e[31mBe quick"')
    assert files.findings(okrs=painted) == [
        "okrs/team.yaml:5:12: error KRD203: the text holds a control character; remove it"
    ]
