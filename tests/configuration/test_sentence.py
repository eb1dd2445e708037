"""`krd new`: from the sentence of a key result to its block of YAML."""

import pytest

from collector.configuration.findings import Findings
from collector.configuration.new import key_result_from
from collector.configuration.yaml_text import parse_yaml
from collector.errors import UsageError


def block(sentence):
    text = "key_results:\n" + "".join(f"  {line}\n" for line in key_result_from(sentence).splitlines())
    findings = Findings()
    (found,) = parse_yaml(text, "new", findings).value()["key_results"]
    assert findings.sorted() == ()
    return found


@pytest.mark.parametrize(
    ("sentence", "promise"),
    [
        ("Cut p95 checkout latency from 900ms to 450ms", {"from": 900, "to": 450}),
        ("Raise first-week activation from 31 % to 45 %", {"from": 31, "to": 45}),
        ("Raise NPS from -5 to 20", {"from": -5, "to": 20}),
        ("Grow weekly orders from 1,200 to 3,000.", {"from": 1200, "to": 3000}),
        ("Grow revenue from $1.2M to $2M", {"from": "1.2M", "to": "2M"}),
        ("Grow revenue to $2M", {"from": "measured", "to": "2M"}),
        ("Reduce cost by 40 %", {"from": "measured", "change": "-40%"}),
        ("Cut churn by 5 points", {"from": "measured", "change": "-5pt"}),
        ("Increase retention by 3 %", {"from": "measured", "change": "+3%"}),
        ("No more than 3 Sev-1 incidents this quarter", {"total": {"at_most": 3}}),
        ("Fewer than 3 outages", {"total": {"at_most": 2}}),
        ("at least 200 signups", {"total": {"at_least": 200}}),
        ("More than 200 signups", {"total": {"at_least": 201}}),
        ("Keep p99 under 200 ms 99 % of the time", {"keep": {"at_most": 200, "share": 99}}),
        (
            "Keep the queue between 5 and 50 95 % of the time",
            {"keep": {"at_least": 5, "at_most": 50, "share": 95}},
        ),
        ("99.95 % of checkouts succeed", {"slo": 99.95}),
    ],
)
def test_a_sentence_becomes_its_shape(sentence, promise):
    assert {
        key: value
        for key, value in block(sentence).items()
        if key in {"from", "to", "change", "total", "keep", "slo"}
    } == promise


@pytest.mark.parametrize(
    ("sentence", "unit"),
    [
        ("Cut latency from 900ms to 450ms", "ms"),
        ("Raise activation from 31 to 45 %", "%"),
        ("Grow sales from €5 to €7", "€"),
    ],
)
def test_the_unit_is_taken_from_the_sentence(sentence, unit):
    assert block(sentence)["measure"]["unit"] == unit


def test_a_name_is_suggested():
    assert block("Cut p95 checkout latency from 900ms to 450ms")["id"] == "p95-checkout-latency"


def test_a_total_is_asked_over_the_cycle():
    assert block("at least 200 signups")["measure"]["window"] == "cycle"


def test_a_share_that_the_sentence_does_not_say_is_pointed_out():
    assert "the sentence does not say" in key_result_from("Keep p99 under 200 ms")


@pytest.mark.parametrize(
    ("sentence", "understood"),
    [("Be nice", "there is no number in it"), ("Ship 3 features", "the number 3 alone does not say it")],
)
def test_a_sentence_without_a_promise_is_told_what_was_understood(sentence, understood):
    with pytest.raises(UsageError, match=understood):
        key_result_from(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["Cut p95 checkout latency from 900ms to 450ms", "at least 200 signups", "Reduce cost by 40 %"],
)
def test_a_block_loads_once_its_query_is_written(files, sentence):
    lines = key_result_from(sentence).replace("…", "x").splitlines()
    okrs = files.OKRS[: files.OKRS.index("      - id")] + "".join(f"      {line}\n" for line in lines)
    assert files.load(okrs=okrs).errors == ()


@pytest.mark.parametrize(
    "sentence", ['Raise "x": y # z from 1 to 2', "{from 1 to 2}", "- from 1 to 2 \\", "from 1 to 2"]
)
def test_a_sentence_cannot_break_out_of_its_title(sentence):
    assert block(sentence)["title"] == sentence


@pytest.mark.parametrize("number", ["1,5", "12,55", "0,9", "1,0000"])
def test_a_comma_that_may_be_a_decimal_point_is_asked_about(number):
    with pytest.raises(UsageError, match="write decimals with a point"):
        key_result_from(f"Cut cost from {number} EUR to 1 EUR")


def test_a_comma_between_thousands_is_understood():
    assert block("Raise orders from 1,000 to 12,500")["to"] == 12500
