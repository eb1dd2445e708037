"""Apprise carries one message to one address, says yes or no in time, and keeps the address to itself."""

import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from importlib.machinery import PathFinder

import pytest

from collector.domain.announcement import Occasion, Severity
from collector.notifiers.apprise import KIND, words
from collector.ports.notifier import Delivered, TryLater
from collector.registry.kinds import catalogue

pytestmark = pytest.mark.filterwarnings(
    "ignore:'imghdr' is deprecated:DeprecationWarning"
)  # loaded by the library
SHORT = timedelta(seconds=0.6)


@pytest.fixture
def apprise(monkeypatch):
    """Make a notifier for an address in Apprise's form."""

    def make(url, timeout=timedelta(seconds=5)):
        monkeypatch.setenv("KRD_TEST_APPRISE", url)
        return KIND.open(KIND.options(url={"env": "KRD_TEST_APPRISE"}, timeout=timeout))

    return make


@pytest.fixture
def posting(receiver):
    """Give the address of our receiver in Apprise's form, with secrets in each place that may hold one."""
    return receiver.address.replace("http://", "json://krd:pwCANARY@") + "/pathCANARY?+X-Token=tokenCANARY"


def test_a_message_arrives_with_title_and_body(apprise, posting, receiver, announcement, at):
    assert apprise(posting).send(announcement, at) == Delivered()
    (request,) = receiver.requests
    sent = json.loads(request.body)
    assert sent["title"] == "! Cut p95 checkout latency is off track"
    assert sent["type"] == "warning"
    for said in (announcement.sentence, *announcement.lines, announcement.id):
        assert said in sent["message"]


@pytest.mark.parametrize(
    ("occasion", "severity", "kind"),
    [
        (Occasion.FIRST, Severity.PAGE, "failure"),
        (Occasion.FIRST, Severity.TICKET, "warning"),
        (Occasion.BRIEF, Severity.INFO, "info"),
        (Occasion.RESOLVED, Severity.PAGE, "success"),
    ],
)
def test_a_service_is_told_how_bad_it_is(
    apprise, posting, receiver, announcement, at, occasion, severity, kind
):
    apprise(posting).send(replace(announcement, occasion=occasion, severity=severity), at)
    assert json.loads(receiver.requests[0].body)["type"] == kind


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500])
def test_each_no_is_one_request_and_worth_another_try(apprise, posting, receiver, announcement, at, status):
    receiver.status = status
    verdict = apprise(f"{posting}&retry=3&wait=0").send(announcement, at)
    assert verdict == TryLater("apprise could not deliver to JSON")
    assert len(receiver.requests) == 1


def test_a_redirect_is_not_followed(apprise, posting, receiver, announcement, at):
    receiver.status, receiver.headers = 307, {"location": f"{receiver.address}/elsewhere"}
    assert isinstance(apprise(f"{posting}&redirect=yes").send(announcement, at), TryLater)
    assert len(receiver.requests) == 1


def test_a_second_send_carries_the_same_message(apprise, posting, receiver, announcement, at):
    notifier = apprise(posting)
    notifier.send(announcement, at)
    notifier.send(announcement, at + timedelta(hours=1))
    first, second = receiver.requests
    assert json.loads(first.body) == json.loads(second.body)


def test_a_group_of_ten_thousand_is_one_message_that_counts_the_rest(apprise, posting, receiver, group, at):
    assert apprise(posting).send(group(10_000), at) == Delivered()
    (request,) = receiver.requests
    sent = json.loads(request.body)
    listed = sent["message"].count(" is off track")
    assert len(sent["title"]) + len(sent["message"]) <= 16_000
    assert f"… and {10_000 - listed:,} more" in sent["message"]


def test_a_brief_is_told_with_all_its_parts(apprise, posting, receiver, brief, at):
    assert apprise(posting).send(brief, at) == Delivered()
    sent = json.loads(receiver.requests[0].body)
    for section in brief.sections:
        assert section.heading in sent["message"]
        assert all(line in sent["message"] for line in section.lines)


@pytest.mark.parametrize(
    ("limit", "title_limit"), [(100, 0), (128, 40), (800, 250), (3_276, 0), (16_000, 250), (1_000_000, 0)]
)
def test_the_words_fit_whatever_a_service_takes(group, limit, title_limit):
    title, body = words(group(600), limit, title_limit)
    assert len(title) + len(body) < min(limit, 16_000)
    assert len(title) <= (title_limit or limit)
    assert "more" in body


def test_too_much_of_everything_fits(overfull):
    title, body = words(overfull, 3_276, 250)
    assert len(title) + len(body) < 3_276
    assert "more" in body


def test_hostile_text_calls_nobody(hostile, acts):
    text = "\n".join(words(hostile, 16_000, 250))
    assert acts(text) == []
    for call in ("<!", "<@", " @here", "@channel", "@Everyone"):
        assert call not in text


def test_hostile_text_is_escaped_for_a_service_that_takes_html(apprise, posting, receiver, announcement, at):
    apprise(f"{posting}&format=html").send(replace(announcement, sentence="<img src=x onerror=alert(1)>"), at)
    assert "<img" not in json.loads(receiver.requests[0].body)["message"]


@pytest.mark.parametrize(
    "url",
    ["tokenCANARY", "nosuchservice://tokenCANARY", "http://[CANARY/", "json://", "ftp://a/CANARY", "://"],
)
def test_an_address_of_no_service_is_said_and_not_shown(apprise, announcement, at, url, log, capfd):
    verdict = apprise(url).send(announcement, at)
    assert verdict == TryLater(
        "apprise knows no service by this address: correct it where the secret is kept"
    )
    assert "CANARY" not in log.getvalue() + "".join(capfd.readouterr())


def test_an_unset_address_is_said_by_its_place(apprise, posting, announcement, at, monkeypatch, receiver):
    notifier = apprise(posting)
    monkeypatch.delenv("KRD_TEST_APPRISE")
    assert notifier.send(announcement, at) == TryLater(
        "the environment variable KRD_TEST_APPRISE is not set: provide the Apprise address there"
    )
    assert receiver.requests == []


def test_no_verdict_and_no_log_shows_the_address(
    apprise, posting, receiver, announcement, at, unused_port, log, capfd
):
    told = []
    for receiver.status in (200, 302, 401, 404, 500):
        receiver.body = b"answerCANARY"
        notifier = apprise(posting)
        told += [notifier, notifier.send(announcement, at), vars(notifier)]
    notifier = apprise(f"json://krd:pwCANARY@127.0.0.1:{unused_port}/CANARY")
    told += [notifier, notifier.send(announcement, at), vars(notifier)]
    assert "CANARY" not in repr(told) + log.getvalue() + "".join(capfd.readouterr())


def test_a_service_that_trickles_is_left_at_the_deadline(apprise, trickler, announcement, at, stopwatch):
    port = trickler(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"x")
    verdict = apprise(f"json://127.0.0.1:{port}/", SHORT).send(announcement, at)
    assert verdict == TryLater("apprise gave no answer within 0.6 s")
    assert stopwatch() < 1.6


def test_what_is_stuck_is_waited_for_and_not_piled_up(apprise, trickler, announcement, at):
    port = trickler(b"HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n", b"x")  # 1.5 s in all
    notifier = apprise(f"json://127.0.0.1:{port}/", SHORT)
    notifier.send(announcement, at)
    (stuck,) = (one for one in threading.enumerate() if one.name == "krd-apprise")
    assert notifier.send(announcement, at) == TryLater(
        "apprise is still busy with an earlier message, which may yet arrive"
    )
    stuck.join(10)
    assert not stuck.is_alive()
    assert notifier.send(announcement, at) != TryLater(
        "apprise is still busy with an earlier message, which may yet arrive"
    )


def test_an_error_of_a_service_is_told_by_its_type_only(apprise, posting, announcement, at, monkeypatch):
    def fail(self, *args, **options):
        raise LookupError("tokenCANARY")

    notifier = apprise(posting)
    notifier.send(announcement, at)
    monkeypatch.setattr("apprise.Apprise.notify", fail)
    assert notifier.send(announcement, at) == TryLater("apprise failed: LookupError")


def test_a_krd_without_the_library_says_what_to_install(monkeypatch):
    def hide(name, path=None, target=None):
        return None if name == "apprise" else original(name, path, target)

    original = PathFinder.find_spec
    monkeypatch.setattr(PathFinder, "find_spec", hide)
    for name in [one for one in sys.modules if one == "apprise" or one.startswith("apprise.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "collector.notifiers.apprise")
    assert catalogue().missing["apprise"] == (
        "the notifier apprise cannot be loaded: the package apprise is not installed; install krd[notify]"
    )


def test_krd_starts_without_loading_the_library():
    script = "import sys, collector.notifiers.apprise; print('apprise' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"


def test_the_kind_tells_how_it_may_be_used():
    assert (KIND.groups, KIND.people, KIND.alerts_only, KIND.rate) == (True, True, False, 0.5)
