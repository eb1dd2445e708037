"""The gate through which numbers come in, and secrets that are only named."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.api import (
    ErrorKind,
    Failure,
    NoData,
    Secret,
    SecretUnavailable,
    SourceOptions,
    number,
)


class Options(SourceOptions):
    token: Secret


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (0, 0.0),
        (0.0, 0.0),
        ("0", 0.0),
        (42, 42.0),
        (-1.5, -1.5),
        ("1e3", 1000.0),
        (" 7.25 ", 7.25),
        (Decimal("12.50"), 12.5),
        (2**53, float(2**53)),
    ],
)
def test_a_number_comes_in_as_itself(given_value, expected):
    found = number(given_value)

    assert type(found) is float
    assert found == expected


def test_null_is_no_data():
    assert isinstance(number(None), NoData)


@pytest.mark.parametrize(
    "given_value",
    [
        True,
        False,
        "",
        " ",
        "words",
        "1,5",
        "1_000",
        "0x10",
        "12 %",
        b"1",
        [1],
        (1,),
        {1},
        {"a": 1},
        object(),
        1 + 2j,
        "NaN",
        "+Inf",
        "-inf",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("sNaN"),
        10**400,
        "1e999",
        2**53 + 1,
        "٣x",
    ],
)
def test_anything_else_is_refused(given_value):
    found = number(given_value)

    assert isinstance(found, Failure)
    assert found.kind is ErrorKind.BAD_VALUE
    assert found.message


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.binary())
def test_the_gate_never_raises_and_lets_no_strange_number_through(given_value):
    found = number(given_value)

    assert isinstance(found, (NoData, Failure)) or math.isfinite(found)


@given(st.floats(-1e100, 1e100))
def test_what_prometheus_writes_is_read_back_exactly(value):
    assert number(repr(value)) == value


@given(st.fractions())
def test_a_fraction_is_close_or_refused(value):
    found = number(value)

    assert isinstance(found, Failure) or found == pytest.approx(float(Fraction(value)))


def test_a_secret_of_the_environment_is_read_at_each_use(monkeypatch):
    secret = Options.model_validate({"token": {"env": "KRD_TEST_TOKEN"}}).token

    monkeypatch.setenv("KRD_TEST_TOKEN", "one")
    assert secret.reveal() == "one"
    monkeypatch.setenv("KRD_TEST_TOKEN", "two")
    assert secret.reveal() == "two"
    monkeypatch.delenv("KRD_TEST_TOKEN")
    with pytest.raises(SecretUnavailable, match="KRD_TEST_TOKEN"):
        secret.reveal()


def test_a_secret_file_loses_its_line_end_only(tmp_path):
    place = tmp_path / "token"
    place.write_text(" s3cret \r\n")

    assert Options.model_validate({"token": {"file": str(place)}}).token.reveal() == " s3cret "


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 70_000, b"\xff\xfe"])
def test_an_unusable_secret_file_is_named_and_never_quoted(tmp_path, content):
    place = tmp_path / "token"
    place.write_bytes(content)
    secret = Options.model_validate({"token": {"file": str(place)}}).token

    with pytest.raises(SecretUnavailable, match="token") as caught:
        secret.reveal()
    assert "xxx" not in str(caught.value)


def test_a_missing_secret_file_is_named(tmp_path):
    secret = Options.model_validate({"token": {"file": str(tmp_path / "none")}}).token

    with pytest.raises(SecretUnavailable, match="none"):
        secret.reveal()


@pytest.mark.parametrize(
    "written", ["hunter2", {"value": "hunter2"}, {"env": "A", "file": "hunter2"}, ["hunter2"], {"env": ""}]
)
def test_a_secret_written_as_text_is_refused_without_repeating_it(written):
    with pytest.raises(ValidationError) as caught:
        Options.model_validate({"token": written})

    assert "hunter2" not in str(caught.value)
    assert "by reference" in str(caught.value)


def test_a_secret_shows_its_place_only(monkeypatch):
    monkeypatch.setenv("KRD_TEST_TOKEN", "hunter2")
    options = Options.model_validate({"token": {"env": "KRD_TEST_TOKEN"}})

    shown = f"{options!r} {options} {options.token} {options.model_dump()}"
    assert "hunter2" not in shown
    assert "{env: KRD_TEST_TOKEN}" in shown


def test_the_schema_of_a_secret_asks_for_a_reference():
    schema = json.dumps(Options.model_json_schema())

    assert '"env"' in schema
    assert '"file"' in schema


@pytest.mark.parametrize("absurd", [1e101, -1e300, "1e200"])
def test_a_number_past_all_measure_is_refused(absurd):
    found = number(absurd)

    assert found.kind is ErrorKind.BAD_VALUE
    assert "measures nothing" in found.message
