"""A log line is one line, has a stable name, and gives no secret away."""

import io
import json
import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.logs import VALUE_CHARS, get_logger, masked, one_line, redact

log = get_logger("collector.tests")


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_holds_the_event_and_what_belongs_to_it(configured):
    stream = configured()
    log.info("source_recovered", source="prod", seconds=1.5, tries=3, ok=True, last=None)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "source_recovered",
        "logger": "collector.tests",
        "source": "prod",
        "seconds": 1.5,
        "tries": 3,
        "ok": True,
        "last": None,
    }


def test_the_level_holds_back_the_rest(configured):
    stream = configured("warning")
    log.info("not_worth_it")
    log.warning("worth_it")
    assert [line["event"] for line in lines(stream)] == ["worth_it"]


def test_a_level_nobody_knows_is_refused(configured):
    with pytest.raises(ValueError, match="Unknown level"):
        configured("loud")


def test_the_last_set_up_counts(configured):
    first, second = configured(), configured()
    log.info("once")
    assert (first.getvalue(), len(lines(second))) == ("", 1)


@pytest.mark.parametrize(
    "name", ["uvicorn.error", "sqlalchemy.pool", "alembic.runtime.migration", "anything"]
)
def test_libraries_log_the_same_way(configured, name):
    stream = configured()
    logging.getLogger(name).warning(
        "pool of %s\nis full", "postgresql://krd:pwCANARY@db/krd?sslpassword=CANARY"
    )
    (line,) = lines(stream)
    assert (line["event"], line["logger"]) == ("library_message", name)
    assert line["message"] == "pool of postgresql://***@db/krd\\nis full"


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore.http11", "sqlalchemy.engine.Engine", "uvicorn.access", "urllib3"]
)
def test_libraries_that_tell_addresses_are_kept_quiet(configured, name):
    stream = configured("debug")
    logging.getLogger(name).info("HTTP Request: POST https://hooks.example/CANARY")
    assert stream.getvalue() == ""


def test_handlers_of_libraries_do_not_bypass_ours(configured):
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler(io.StringIO()))
    logging.getLogger("uvicorn").propagate = False
    stream = configured()
    logging.getLogger("uvicorn").info("started")
    assert [line["message"] for line in lines(stream)] == ["started"]
    assert logging.getLogger("uvicorn").handlers == []


def test_an_exception_is_one_line_without_variables(configured):
    stream = configured()

    def deep(hidden):
        raise KeyError("token=tokenCANARY")

    try:
        try:
            deep("localCANARY")
        except KeyError as error:
            raise RuntimeError("cannot read\nhttps://u:p@h.example/CANARY") from error
    except RuntimeError:
        log.exception("collect_failed", source="prod")
    assert len(stream.getvalue().splitlines()) == 1
    (line,) = lines(stream)
    assert line["raised"].startswith(
        "RuntimeError: cannot read\\nhttps://***@h.example/… (registry/test_logs.py:"
    )
    assert " <- KeyError: 'token=***' (registry/test_logs.py:" in line["raised"]
    assert "CANARY" not in stream.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "smtp_password",
        "TOKEN",
        "api-key",
        "Authorization",
        "bearer",
        "client_secret",
        "cookie",
        "access_key",
    ],
)
def test_a_key_named_like_a_secret_is_masked(name):
    assert redact(None, "info", {name: "CANARY", "event": "e"}) == {"event": "e", name: "***"}
    assert redact(None, "info", {"headers": {name: ["CANARY"]}}) == {"headers": {name: "***"}}


def test_a_key_that_only_sounds_so_is_not_masked():
    event = {"tokens_used": 5, "passed": "yes", "secretary": "li", "token": None}
    assert redact(None, "info", event) == event


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:CANARY@h.example:9090/api?x=CANARY#CANARY", "https://***@h.example:9090/…"),
        ("https://h.example", "https://h.example"),
        ("https://h.example/", "https://h.example/"),
        ("https://h.example?token=CANARY", "https://h.example"),
        ("see https://hooks.slack.com/services/T/B/CANARY now", "see https://hooks.slack.com/… now"),
        (
            "postgresql+psycopg://krd:CAN/A@RY@db:5432/krd?password=CANARY",
            "postgresql+psycopg://***@db:5432/krd",
        ),
        ("sqlite:///krd.db", "sqlite:///krd.db"),
        ("krd:CANARY@db.example/krd", "***@db.example/krd"),
        ("authorization: Bearer CANARYCANARYCANARY", "authorization: *** ***"),
        ("sent Bearer CANARYCANARYCANARY there", "sent Bearer *** there"),
        ("/api/v1/query?token=CANARY&x=1", "/api/v1/query?token=***&x=1"),
        ('{"password": "CANARY is long", "a": 1}', '{"password": ***, "a": 1}'),
        ("key whsec_CANARYCANARY=", "key ***"),
        ("at 10:00 mail li@acme.example", "at 10:00 mail li@acme.example"),
        ("the bearer refused basic checkout", "the bearer refused basic checkout"),
        ("the secret {env: PROM_TOKEN} is empty", "the secret {env: PROM_TOKEN} is empty"),
        ("bearer: {env: PROM_TOKEN}", "bearer: {env: PROM_TOKEN}"),
    ],
)
def test_what_looks_like_a_secret_is_masked_within_a_text(text, shown):
    assert masked(text) == shown


@given(st.text(max_size=300))
def test_masking_twice_changes_nothing_and_never_fails(text):
    assert masked(masked(text)) == masked(text)


@given(st.text(max_size=300))
def test_any_text_becomes_one_printable_line(text):
    assert one_line(text).isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb", "a\\r\\nb"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("\u2028\x85\x00", "\\u2028\\x85\\x00"),
        ("\ud83d", "\\ud83d"),
        ("{{7*7}} =HYPERLINK(1) <!channel> ü", "{{7*7}} =HYPERLINK(1) <!channel> ü"),
    ],
)
def test_what_would_act_is_spelled_out(text, shown):
    assert one_line(text) == shown


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_hostile_values_keys_and_events_stay_on_one_line(configured, fmt):
    stream = configured(fmt=fmt)
    text = "x\r\n2026-11-22 [error] forged\x1b[2J\u202e\u2028"
    log.info(text, **{text: text, "nested": {text: [text]}})
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("again")
    assert len(stream.getvalue().splitlines()) == 2
    assert "\x1b" not in stream.getvalue()
    assert "\u202e" not in stream.getvalue()


def test_a_megabyte_is_cut(configured):
    stream = configured()
    log.info("answered", body="L" * 1_000_000)
    (line,) = lines(stream)
    assert line["body"] == "L" * VALUE_CHARS + f"… (+{1_000_000 - VALUE_CHARS} more)"


def test_numbers_json_has_no_word_for_are_text(configured):
    stream = configured()
    log.info("measured", value=float("nan"), limit=float("inf"))
    (line,) = lines(stream)
    assert (line["value"], line["limit"]) == ("nan", "inf")


def test_values_of_any_depth_and_kind_are_written(configured):
    stream = configured()
    circle = []
    circle.append(circle)
    log.info("odd", circle=circle, names={"li"}, place=ValueError("token=CANARY"))
    (line,) = lines(stream)
    assert line["circle"] == [[[["list"]]]]
    assert (line["names"], line["place"]) == (["li"], "token=***")


def test_a_line_that_cannot_be_written_is_told_without_its_content(configured, capsys):
    stream = io.StringIO()
    configured(stream=stream)
    stream.close()
    log.info("sent", note="CANARY")
    assert capsys.readouterr().err == "krd: a log line of collector.tests was lost: ValueError\n"


def test_nothing_is_printed_before_the_logs_are_set_up():
    program = (
        "from collector.logs import get_logger; get_logger('collector.x').error('early', token='CANARY')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("", "")
