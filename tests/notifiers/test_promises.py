"""What every notifier promises. A new one is found here by itself, through the registry."""

import json
import typing
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.announcement import Announcement
from collector.ports.notifier import Delivered, Gone, NotifierOptions, Refused, TryLater, Verdict
from collector.registry.kinds import catalogue
from connectors.api import Secret

KINDS = catalogue().notifiers
POSTING = sorted(name for name, kind in KINDS.items() if "url" in kind.options.model_fields)


def options(kind, url, monkeypatch):
    """Fill in what `kind` requires: the address of our receiver, and a secret for each other secret."""
    given = {"timeout": timedelta(seconds=5)}
    for name, field in kind.options.model_fields.items():
        takes_secret = field.annotation is Secret or Secret in typing.get_args(field.annotation)
        if name == "url" or (field.is_required() and takes_secret):
            variable = f"KRD_TEST_{kind.name}_{name}".upper()
            monkeypatch.setenv(variable, url if name == "url" else "secretCANARY")
            given[name] = {"env": variable} if takes_secret else url
    return kind.options(**given)


@pytest.fixture
def opened(monkeypatch, receiver):
    notifiers = []

    def make(name, url=None):
        kind = KINDS[name]
        notifiers.append(kind.open(options(kind, url or receiver.url, monkeypatch)))
        return notifiers[-1]

    yield make
    for notifier in notifiers:
        notifier.close()
        notifier.close()


def test_the_notifiers_of_krd_are_found():
    assert {"console", "slack", "webhook"} <= set(KINDS)
    assert {"slack", "webhook"} <= set(POSTING)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_describes_itself(name):
    kind = KINDS[name]
    assert kind.name == name
    assert kind.title
    assert issubclass(kind.options, NotifierOptions)
    assert kind.options.model_config["extra"] == "forbid"
    assert kind.options.model_json_schema()["properties"]["timeout"]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_any_text_gets_a_verdict(name, opened, hostile, at):
    assert isinstance(opened(name).send(hostile, at), Verdict)


@pytest.mark.parametrize("name", POSTING)
def test_a_delivery_is_exactly_one_request(name, opened, announcement, at, receiver):
    assert opened(name).send(announcement, at) == Delivered()
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("name", POSTING)
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
    for address in (f"http://u:pwCANARY@127.0.0.1:{unused_port}/CANARY", "tokenCANARY", "http://[CANARY/"):
        notifier = opened(name, address)
        told += [notifier, notifier.send(announcement, at)]
    assert "CANARY" not in repr(told) + str([getattr(one, "__dict__", "") for one in told])
    assert "CANARY" not in log.getvalue() + "".join(capfd.readouterr())


@pytest.mark.parametrize("name", POSTING)
def test_an_unset_secret_is_worth_another_try(name, opened, announcement, at, receiver, monkeypatch):
    notifier = opened(name)
    monkeypatch.delenv(f"KRD_TEST_{name}_url".upper())
    verdict = notifier.send(announcement, at)
    assert isinstance(verdict, TryLater)
    assert "is not set" in verdict.reason
    assert receiver.requests == []


@pytest.mark.parametrize("name", POSTING)
def test_hostile_text_adds_no_header(name, opened, announcement, at, receiver):
    opened(name).send(replace(announcement, title="a\r\nx-injected: yes", kind="b\r\nx-injected: yes"), at)
    assert "x-injected" not in receiver.requests[0].headers
