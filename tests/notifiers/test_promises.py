"""What every notifier promises. A new one is found here by itself, through the registry."""

import json
import os
import typing
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.announcement import Announcement, Occasion
from collector.notifiers import slack_blocks, teams_card, webhook
from collector.ports.notifier import (
    Delivered,
    Gone,
    NotifierOptions,
    Refused,
    TryLater,
    Upholder,
)
from collector.registry.kinds import catalogue
from connectors.api import Secret

KINDS = catalogue().notifiers
SIZES = {
    "slack": (slack_blocks.MESSAGE_CHARS, lambda body: len(body.decode())),
    "teams": (teams_card.MESSAGE_BYTES, len),
    "webhook": (webhook.BODY_BYTES, len),
}
"""The longest message of each kind that takes groups, and how it is measured; a new kind says here what it keeps to."""
OTHER_PROTOCOLS = {"apprise", "console", "email"}
"""Kinds that do not post to an address of ours over HTTP, or not themselves."""
POSTING = sorted(set(KINDS) - OTHER_PROTOCOLS)
PEOPLE = sorted(name for name in POSTING if not KINDS[name].alerts_only)
TOGETHER = sorted(name for name in POSTING if KINDS[name].groups)
AWAITED = {"apprise": TryLater, "email": TryLater}
"""Kinds for which nobody listens here: the text got as far as the network."""
CHOSEN = {
    "apprise": {"url": "json://127.0.0.1:{port}/secretCANARY"},
    "email": {
        "host": "127.0.0.1",
        "port": "{port}",
        "security": "plain",
        "from": "krd@shop.example",
        "to": ["ops@shop.example"],
    },
}
"""What a kind needs beside an address of ours and its secrets."""


def takes_secret(field):
    return field.annotation is Secret or Secret in typing.get_args(field.annotation)


BY_REFERENCE = {name for name in POSTING if takes_secret(KINDS[name].options.model_fields["url"])}
"""Kinds whose address may be a secret."""


def options(kind, url, port, monkeypatch):
    """Fill in what `kind` needs: the address of our receiver, a port nobody listens to, a secret for each secret."""
    given = {"timeout": timedelta(seconds=5)}
    needed = {"url": url} | CHOSEN.get(kind.name, {})
    for name, field in kind.options.model_fields.items():
        key = field.alias or name
        if key not in needed and not field.is_required():
            continue
        value = needed.get(key, f"{'secretCANARY':x<32}")
        value = value.format(port=port) if isinstance(value, str) else value
        if takes_secret(field):
            variable = f"KRD_TEST_{kind.name}_{name}".upper()
            monkeypatch.setenv(variable, value)
            value = {"env": variable}
        given[key] = value
    return kind.options(**given)


@pytest.fixture
def opened(monkeypatch, receiver, unused_port):
    notifiers = []

    def make(name, url=None):
        kind = KINDS[name]
        ours = receiver.url if name in BY_REFERENCE else receiver.address
        notifiers.append(kind.open(options(kind, url or ours, unused_port, monkeypatch)))
        return notifiers[-1]

    yield make
    for notifier in notifiers:
        notifier.close()
        notifier.close()


def test_the_notifiers_of_krd_are_found():
    assert {"console", "slack", "teams", "webhook"} <= set(KINDS)
    assert {"slack", "teams", "webhook"} <= set(POSTING)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_describes_itself(name):
    kind = KINDS[name]
    assert kind.name == name
    assert kind.title
    assert issubclass(kind.options, NotifierOptions)
    assert kind.options.model_config["extra"] == "forbid"
    assert kind.options.model_json_schema()["properties"]["timeout"]
    assert 0 < kind.rate <= 50


@pytest.mark.parametrize("name", sorted(KINDS))
def test_whoever_upholds_says_how_often(name, opened):
    assert isinstance(opened(name), Upholder) == (KINDS[name].resend is not None)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_text_is_refused(name, opened, hostile, at):
    assert type(opened(name).send(hostile, at)) is AWAITED.get(name, Delivered)


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.groups))
def test_no_text_in_a_group_is_refused(name, opened, hostile_group, at):
    assert type(opened(name).send(hostile_group, at)) is AWAITED.get(name, Delivered)


@pytest.mark.parametrize("name", TOGETHER)
def test_a_group_of_ten_thousand_is_one_request_that_says_so(name, opened, group, at, receiver):
    together = group(10_000)
    assert opened(name).send(together, at) == Delivered()
    (request,) = receiver.requests
    limit, size = SIZES[name]
    assert 0.5 * limit < size(request.body) <= limit
    assert together.id in request.body.decode()
    assert together.members[0].title in request.body.decode()
    assert together.members[5_000].title not in request.body.decode()


@pytest.mark.parametrize("name", PEOPLE)
def test_a_brief_is_told_with_all_its_parts(name, opened, brief, at, receiver):
    assert opened(name).send(brief, at) == Delivered()
    (request,) = receiver.requests
    for section in brief.sections:
        for text in (section.heading, *section.lines):
            assert text in request.body.decode()


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.alerts_only))
@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "escalation", "occasion": Occasion.ESCALATION, "episode": 0},
        {"kind": "brief", "occasion": Occasion.BRIEF},
        {"kind": "value_due", "occasion": Occasion.REMINDER},
    ],
    ids=lambda changes: changes["kind"],
)
def test_who_takes_alerts_only_refuses_what_is_none(name, changes, opened, announcement, at, receiver):
    verdict = opened(name).send(replace(announcement, **changes), at)
    assert isinstance(verdict, Refused)
    assert verdict.content
    assert receiver.requests == []


@pytest.mark.parametrize("name", POSTING)
@pytest.mark.parametrize(
    "occasion", [one for one in Occasion if one.over or one.value in ("worse", "repeat")]
)
def test_what_becomes_of_an_alert_is_told(name, occasion, opened, announcement, at, receiver):
    assert opened(name).send(replace(announcement, occasion=occasion), at) == Delivered()
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("name", POSTING)
def test_a_delivery_is_exactly_one_request(name, opened, announcement, at, receiver):
    assert opened(name).send(announcement, at) == Delivered()
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("name", PEOPLE)
def test_a_repeated_send_carries_the_same_id(name, opened, announcement, at, receiver):
    notifier = opened(name)
    notifier.send(announcement, at)
    notifier.send(
        Announcement.from_document(json.loads(json.dumps(announcement.document()))), at + timedelta(hours=1)
    )
    first, second = receiver.requests
    assert first.body == second.body
    for request in (first, second):
        assert announcement.id in f"{request.headers} {request.body.decode()}"


@pytest.mark.parametrize("name", POSTING)
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (202, Delivered),
        (204, Delivered),
        (302, Refused),
        (400, Refused),
        (404, Refused),
        (410, Gone),
        (429, TryLater),
        (502, TryLater),
    ],
)
def test_a_status_is_one_request_and_one_verdict(name, status, verdict, opened, announcement, at, receiver):
    receiver.status, receiver.body = status, b""
    receiver.headers = {"location": f"{receiver.address}/login", "retry-after": "60"}
    found = opened(name).send(announcement, at)
    assert type(found) is verdict
    assert getattr(found, "after", None) == (timedelta(seconds=60) if verdict is TryLater else None)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("name", POSTING)
def test_no_failure_shows_a_secret(name, opened, announcement, at, receiver, unused_port, log, capfd):
    told = []
    for receiver.status in (302, 400, 401, 404, 410, 429, 500):
        receiver.body = receiver.url.encode()
        notifier = opened(name)
        told += [notifier, notifier.send(announcement, at)]
    addresses = [f"http://u:pwCANARY@127.0.0.1:{unused_port}/CANARY", "tokenCANARY", "http://[CANARY/"]
    for address in addresses if name in BY_REFERENCE else ():
        notifier = opened(name, address)
        told += [notifier, notifier.send(announcement, at)]
    assert "CANARY" not in repr(told) + str([getattr(one, "__dict__", "") for one in told])
    assert "CANARY" not in log.getvalue() + "".join(capfd.readouterr())


@pytest.mark.parametrize("name", POSTING)
def test_an_unset_secret_is_worth_another_try(name, opened, announcement, at, receiver, monkeypatch):
    notifier = opened(name)
    for variable in [one for one in os.environ if one.startswith(f"KRD_TEST_{name}_".upper())]:
        monkeypatch.delenv(variable)
    verdict = notifier.send(announcement, at)
    assert isinstance(verdict, TryLater)
    assert "is not set" in verdict.reason
    assert receiver.requests == []


@pytest.mark.parametrize("name", POSTING)
def test_hostile_text_adds_no_header(name, opened, announcement, at, receiver):
    opened(name).send(replace(announcement, title="a\r\nx-injected: yes", kind="b\r\nx-injected: yes"), at)
    assert "x-injected" not in receiver.requests[0].headers
