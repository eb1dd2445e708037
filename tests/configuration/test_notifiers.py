"""Notifiers of the kinds that are really there: their options, and how each kind is spoken to."""

import json
from datetime import timedelta

import pytest
from jsonschema import Draft7Validator

from collector.configuration.findings import Findings
from collector.configuration.load import load
from collector.configuration.schema import schemas
from collector.configuration.yaml_text import parse_yaml
from collector.registry.kinds import catalogue as catalogue_of_kinds
from connectors.api import Secret

NOTIFIERS = {
    "alertmanager": "{kind: alertmanager, url: 'http://127.0.0.1:9093', labels: {cluster: one}, endures: 12h}",
    "apprise": "{kind: apprise, url: {file: secrets/ntfy}}",
    "console": "{kind: console, stream: stdout}",
    "email": (
        "{kind: email, host: smtp.acme.example, username: krd, password: {file: smtp-password},"
        " from: krd <krd@acme.example>, to: [ops@acme.example], timeout: 10s}"
    ),
    "pagerduty": "{kind: pagerduty, routing_key: {env: PAGERDUTY}}",
    "slack": "{kind: slack, url: {env: SLACK_OPS}}",
    "teams": "{kind: teams, url: {env: TEAMS_OPS}}",
    "webhook": "{kind: webhook, url: {env: HOOK}, secret: {file: hook-secret}}",
}
FOR_ALERTS_ALONE = {"alertmanager", "pagerduty"}
FOR_PEOPLE = {"apprise", "email", "slack", "teams"}


@pytest.fixture
def read(files):
    """Load files with one notifier of a real kind."""

    def read(written):
        files.write("krd.yaml", files.KRD.replace("{kind: console}", written))
        files.write("okrs/team.yaml", files.OKRS)
        return load(files.root, catalogue_of_kinds(), at=files.AT, first_runs={})

    return read


@pytest.mark.parametrize("kind", NOTIFIERS)
def test_every_kind_of_notifier_is_configured_in_a_line(read, kind):
    loaded = read(NOTIFIERS[kind])
    assert loaded.findings == ()
    assert loaded.required().notifiers["terminal"].kind == kind


def test_there_is_a_line_here_for_every_kind_of_notifier():
    assert set(NOTIFIERS) == set(catalogue_of_kinds().notifiers)


@pytest.mark.parametrize("kind", NOTIFIERS)
def test_machines_and_people_are_spoken_to_as_their_kind_wants(read, kind):
    traits = read(NOTIFIERS[kind]).required().notifiers["terminal"].traits
    assert traits.alerts_only is (kind in FOR_ALERTS_ALONE)
    assert traits.quiet is (kind in FOR_PEOPLE)
    assert traits.rate > 0


def test_what_stands_is_said_again_where_it_would_be_forgotten(read):
    resend = {
        kind: read(written).required().notifiers["terminal"].traits.resend
        for kind, written in NOTIFIERS.items()
    }
    assert {kind: often for kind, often in resend.items() if often} == {"alertmanager": timedelta(minutes=1)}


@pytest.mark.parametrize("kind", NOTIFIERS)
def test_an_editor_takes_what_the_loader_takes(files, read, kind):
    assert read(NOTIFIERS[kind]).findings == ()
    text = (files.root / "krd.yaml").read_text(encoding="utf-8")
    document = parse_yaml(text, "krd.yaml", Findings()).value()
    schema = json.loads(schemas(catalogue_of_kinds())["krd.schema.json"])
    assert list(Draft7Validator(schema).iter_errors(document)) == []


def test_lengths_of_time_are_written_as_people_write_them(read):
    options = read(NOTIFIERS["alertmanager"]).required().notifiers["terminal"].options
    assert options.endures == timedelta(hours=12)


def test_the_secret_of_a_notifier_is_relative_to_the_naming_file(files, read):
    options = read(NOTIFIERS["email"]).required().notifiers["terminal"].options
    assert options.password == Secret(place=str(files.root / "smtp-password"), kind="file")


@pytest.mark.parametrize(
    ("written", "code", "what"),
    [
        (NOTIFIERS["email"].replace("host:", "hsot:"), "KRD201", "the key `hsot` is unknown here"),
        (NOTIFIERS["pagerduty"].replace("{env: PAGERDUTY}", "R0123456789"), "KRD205", "`routing_key`"),
        (
            "{kind: pager_duty, routing_key: {env: KEY}}",
            "KRD204",
            "the notifier kind `pager_duty` is unknown",
        ),
    ],
)
def test_a_wrong_option_of_a_notifier_is_told_at_its_place(read, written, code, what):
    found = [one for one in read(written).errors if one.code == code]
    assert [(one.place.line, what in one.what) for one in found] == [(8, True)]
    assert "R0123456789" not in str(found)


HOOK = "{kind: webhook, url: 'https://hook.example/h', "
MAIL = "{kind: email, host: smtp.acme.example, from: krd@acme.example, "
BY_REFERENCE = "is written by reference: {env: NAME} or {file: path}"


@pytest.mark.parametrize(
    ("written", "column", "said"),
    [
        (
            "{kind: webhook, url: 'https://u:hunter2@x/h'}",
            41,
            f"`url`: an address with credentials or a query {BY_REFERENCE}",
        ),
        ("{kind: webhook, url: {evn: HOOK}}", 41, f"`url`: a secret {BY_REFERENCE}, never as text"),
        ("{kind: webhook, url: 5}", 41, "`url`: expected a text; put it in quotes"),
        (
            MAIL + "to: ops@acme.example}",
            87,
            "`to`: expected a list; write [one, two], or one `- ` a line",
        ),
        (MAIL + "to: []}", 87, "`to`: the list is too short; write at least 1 entry"),
        (MAIL + "to: [opsacme.example]}", 88, "`to`: an address is of the form ops@shop.example"),
        (HOOK + "secret: whsec_hunter2}", 75, f"`secret`: a secret {BY_REFERENCE}, never as text"),
        (
            HOOK + "secret: [{env: A}, whsec_hunter2]}",
            86,
            f"`secret`: a secret {BY_REFERENCE}, never as text",
        ),
        (
            HOOK + "secret: [{env: A}, {env: B}, {env: C}]}",
            75,
            "`secret`: the list is too long; write at most 2 entries",
        ),
        (
            HOOK + "headers: {Authorization: Bearer hunter2}}",
            76,
            "`headers`: the header Authorization holds a credential, which is written by reference",
        ),
        (
            HOOK + "headers: {x-api-key: hunter2}}",
            76,
            "`headers`: the header x-api-key holds a credential, which is written by reference",
        ),
        (
            "{kind: console, stream: outwards}",
            44,
            "`stream`: it is none of the words that may stand here; write stderr or stdout",
        ),
        (
            HOOK + "timeout: 5m}",
            76,
            "`timeout`: the value is too large; write at most 30 seconds",
        ),
    ],
)
def test_a_value_that_is_wrong_is_told_once_with_what_to_write(read, written, column, said):
    findings = read(written).findings
    assert [(one.place.line, one.place.column) for one in findings] == [(8, column)]
    assert f"KRD205: {said}" in str(findings[0])
    assert "hunter2" not in str(findings)


@pytest.mark.parametrize("path", ["/api/v2/alerts", "/am/api/v2/alerts/", "/api/v2", "/api/v1/alerts"])
def test_the_address_of_an_alertmanager_ends_before_its_interface(read, path):
    (found,) = read(f"{{kind: alertmanager, url: 'http://127.0.0.1:9093{path}'}}").findings
    assert found.what == (
        "`url`: krd adds /api/v2/alerts to the address by itself: write what stands before it"
    )


@pytest.mark.parametrize("path", ["", "/", "/am", "/api/v2/alerts/am"])
def test_an_alertmanager_may_stand_behind_any_other_path(read, path):
    assert read(f"{{kind: alertmanager, url: 'http://127.0.0.1:9093{path}'}}").findings == ()


def test_a_header_that_holds_no_credential_is_plain_text(read):
    assert read(HOOK + "headers: {x-author: li, x-team: shop, authorization: {env: BEARER}}}").findings == ()
