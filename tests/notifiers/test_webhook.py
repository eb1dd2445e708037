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
        ({"occasion": Occasion.PASSED}, "krd.drift.passed"),
        ({"occasion": Occasion.ESCALATION}, "krd.drift.escalation"),
        ({"occasion": Occasion.ESCALATION, "kind": "escalation", "episode": 0}, "krd.escalation"),
        ({"occasion": Occasion.REMINDER, "kind": "value_due", "family": Family.DATA}, "krd.value_due"),
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


def test_a_small_group_travels_whole(group, announcement):
    together = group(3)
    body = json.loads(render(together))
    data = body["data"]

    assert body["type"] == "krd.alerts.grouped"
    assert (data["id"], data["title"], data["truncated"]) == (together.id, together.title, 0)
    assert [member.pop("truncated") for member in data["members"]] == [0, 0, 0]
    assert data["members"] == [member.document() for member in together.members]
    assert data["members"][0]["facts"] == announcement.facts


def test_of_ten_thousand_members_the_most_severe_are_kept_and_the_others_counted(group):
    together = group(10_000)
    body = render(together)
    data = json.loads(body)["data"]
    kept = data["members"]

    assert BODY_BYTES - 1_000 < len(body) <= BODY_BYTES
    assert [member["id"] for member in kept] == [member.id for member in together.members[: len(kept)]]
    assert data["truncated"] == 10_000 - len(kept)
    assert kept[0]["severity"] == "page"


def test_members_that_go_without_their_facts_say_how_many(group, announcement):
    member = json.loads(render(group(40)))["data"]["members"][0]

    assert (member["lines"], member["facts"]) == ([], {})
    assert member["truncated"] == len(announcement.lines) + len(announcement.facts)
    assert member["title"] == "Key result 0 is off track"


def test_the_same_group_has_the_same_body_again(group):
    assert render(group(10_000)) == render(group(10_000))


def test_the_library_of_receivers_verifies_a_group(opened, receiver, group, now):
    together = group(10_000)

    assert opened(secret={"env": "KRD_TEST_OLD"}).send(together, now) == Delivered()
    (request,) = receiver.requests
    assert Verifier(OLD).verify(request.body, request.headers)["type"] == "krd.alerts.grouped"
    assert request.headers["webhook-id"] == together.id


def test_a_brief_travels_with_its_sections(brief):
    body = json.loads(render(brief))

    assert body["type"] == "krd.brief"
    assert body["data"] == {**brief.document(), "truncated": 0}


def test_a_long_brief_keeps_its_headings_and_counts_the_lines_left_out(brief):
    many = tuple(f"line {n} " + "ü" * 80 for n in range(1000))
    long = replace(brief, sections=tuple(replace(section, lines=many) for section in brief.sections))
    body = render(long)
    data = json.loads(body)["data"]

    assert len(body) <= BODY_BYTES
    assert [section["heading"] for section in data["sections"]] == [one.heading for one in brief.sections]
    assert data["truncated"] == 4000 - sum(len(section["lines"]) for section in data["sections"])


def test_whatever_fills_a_group_it_stays_within_the_limit(overfull):
    assert len(render(overfull)) <= BODY_BYTES


def test_a_link_that_is_no_address_is_left_out(announcement):
    links = ["javascript:alert(1)", "https://krd.example/kr?a=1", "https://krd.example/" + "x" * 3000]
    found = [json.loads(render(replace(announcement, link=link)))["data"]["link"] for link in links]

    assert found == ["", links[1], ""]


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
