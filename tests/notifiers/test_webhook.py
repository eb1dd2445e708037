"""A webhook is signed so that the field's own library verifies it, and stays within the specification's size."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from collector.domain.announcement import Announcement, Family, Occasion
from collector.notifiers.webhook import BODY_BYTES, KIND, event_type, render, signed
from collector.ports.notifier import Delivered, Refused, TryLater

OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture
def secrets(monkeypatch):
    monkeypatch.setenv("KRD_TEST_OLD", OLD)
    monkeypatch.setenv("KRD_TEST_NEW", NEW)


@pytest.fixture
def opened(receiver, secrets):
    def make(**options):
        return KIND.open(KIND.options(**{"url": f"{receiver.address}/krd"} | options))

    return make


@pytest.fixture
def now():
    return datetime.now(UTC)  # the verifier compares with the machine's clock


def test_the_signature_is_the_known_one():
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    assert signed("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [key]) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_library_of_receivers_verifies_it(opened, receiver, announcement, now):
    assert opened(secret={"env": "KRD_TEST_OLD"}).send(announcement, now) == Delivered()
    (request,) = receiver.requests
    received = Verifier(OLD).verify(request.body, request.headers)
    assert received["type"] == "krd.drift.firing"
    assert received["timestamp"] == "2026-11-22T10:00:00+00:00"
    assert received["data"] == {**announcement.document(), "truncated": 0}
    assert request.headers["webhook-id"] == announcement.id


def test_a_changed_body_is_not_verified(opened, receiver, announcement, now):
    opened(secret={"env": "KRD_TEST_OLD"}).send(announcement, now)
    (request,) = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Verifier(OLD).verify(request.body.replace(b"0.12", b"0.99"), request.headers)


def test_both_secrets_verify_while_they_are_changed(opened, receiver, announcement, now):
    opened(secret=[{"env": "KRD_TEST_NEW"}, {"env": "KRD_TEST_OLD"}]).send(announcement, now)
    (request,) = receiver.requests
    assert [Verifier(key).verify(request.body, request.headers)["type"] for key in (OLD, NEW)] == [
        "krd.drift.firing"
    ] * 2


def test_without_a_secret_nothing_is_signed(opened, receiver, announcement, now):
    assert opened().send(announcement, now) == Delivered()
    assert "webhook-signature" not in receiver.requests[0].headers


def test_a_repeated_send_has_the_same_id_and_body_and_a_new_time(opened, receiver, announcement, now):
    webhook = opened(secret={"env": "KRD_TEST_OLD"})
    webhook.send(announcement, now)
    webhook.send(announcement, now + timedelta(seconds=90))
    first, second = receiver.requests
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert second.body == first.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 90


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "krd.drift.firing"),
        ({"occasion": Occasion.RESOLVED}, "krd.drift.resolved"),
        ({"occasion": Occasion.BRIEF, "kind": "brief", "family": Family.NEWS}, "krd.brief"),
        ({"occasion": Occasion.TEST, "kind": "test", "family": Family.DAEMON}, "krd.test"),
        ({"kind": "achieved_early", "family": Family.NEWS}, "krd.achieved_early"),
    ],
)
def test_the_type_names_the_event(announcement, changes, name):
    assert event_type(replace(announcement, **changes)) == name


def test_the_data_gives_the_announcement_back(announcement):
    data = json.loads(render(announcement))["data"]
    assert data.pop("truncated") == 0
    assert Announcement.from_document(data) == announcement


def test_a_thousand_lines_are_cut_and_counted(announcement):
    body = render(replace(announcement, lines=tuple(f"line {n} " + "ü" * 80 for n in range(1000))))
    data = json.loads(body)["data"]
    assert BODY_BYTES - 300 < len(body) <= BODY_BYTES
    assert data["truncated"] == 1000 - len(data["lines"])
    assert data["facts"] == announcement.facts


def test_facts_without_end_are_left_out_and_counted(announcement):
    body = render(replace(announcement, facts={f"fact_{n}": "x" * 100 for n in range(500)}))
    data = json.loads(body)["data"]
    assert len(body) <= BODY_BYTES
    assert (data["facts"], data["truncated"], data["lines"]) == ({}, 500, list(announcement.lines))


def test_hostile_text_is_neutral_and_small(hostile, acts):
    body = render(hostile)
    assert len(body) <= BODY_BYTES
    assert acts(json.dumps(json.loads(body), ensure_ascii=False)) == []
    assert json.loads(body)["type"] == "krd.drift.firing"


@pytest.mark.parametrize("fact", [float("nan"), float("inf"), object()])
def test_a_fact_that_is_no_json_is_a_dead_letter(opened, receiver, announcement, now, fact):
    verdict = opened().send(replace(announcement, facts={"p_hit": fact}), now)
    assert isinstance(verdict, Refused)
    assert receiver.requests == []


@pytest.mark.parametrize(
    "text", ["hunter2CANARY", "whsec_CANARY!", "whsec_" + "QUJD", OLD[6:], "whsec_" + "A" * 400]
)
def test_an_unusable_signing_secret_sends_nothing_and_names_its_place(
    opened, receiver, announcement, now, monkeypatch, text
):
    monkeypatch.setenv("KRD_TEST_OLD", text)
    verdict = opened(secret={"env": "KRD_TEST_OLD"}).send(announcement, now)
    assert isinstance(verdict, TryLater)
    assert "{env: KRD_TEST_OLD}" in verdict.reason
    assert text not in verdict.reason
    assert receiver.requests == []


def test_a_secret_file_is_read_again_before_each_message(opened, receiver, announcement, now, tmp_path):
    place = tmp_path / "signing"
    place.write_text(OLD + "\n")
    webhook = opened(secret={"file": str(place)})
    webhook.send(announcement, now)
    place.write_text(NEW + "\n")
    webhook.send(announcement, now)
    first, second = receiver.requests
    Verifier(OLD).verify(first.body, first.headers)
    Verifier(NEW).verify(second.body, second.headers)


def test_headers_are_sent_along(opened, receiver, announcement, now, monkeypatch):
    monkeypatch.setenv("KRD_TEST_BEARER", "Bearer t0ken")
    opened(headers={"Authorization": {"env": "KRD_TEST_BEARER"}, "x-team": "checkout"}).send(
        announcement, now
    )
    (request,) = receiver.requests
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.headers["x-team"] == "checkout"


def test_the_address_may_be_a_secret(opened, receiver, announcement, now, monkeypatch):
    monkeypatch.setenv("KRD_TEST_URL", receiver.url)
    assert opened(url={"env": "KRD_TEST_URL"}).send(announcement, now) == Delivered()
    assert receiver.requests[0].path == receiver.url.removeprefix(receiver.address)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"url": "hooks.example/CANARY"},
        {"url": "file:///etc/CANARY"},
        {"url": "https://u:CANARY@h.example/"},
        {"url": "https://h.example/?token=CANARY"},
        {"url": "https://h.example/", "secret": "whsec_CANARY"},
        {"url": "https://h.example/", "secret": []},
        {"url": "https://h.example/", "secret": [{"env": "A"}] * 3},
        {"url": "https://h.example/", "headers": {"Host": "CANARY"}},
        {"url": "https://h.example/", "headers": {"webhook-id": "CANARY"}},
        {"url": "https://h.example/", "headers": {"x": "CANARY\r\ny: z"}},
        {"url": "https://h.example/", "headers": {"x y": "CANARY"}},
        {"url": "https://h.example/", "colour": "CANARY"},
    ],
)
def test_options_that_cannot_work_are_refused_without_repeating_them(options):
    with pytest.raises(ValidationError) as refusal:
        KIND.options(**options)
    assert "CANARY" not in str(refusal.value)
