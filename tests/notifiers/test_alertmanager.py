"""A real Alertmanager holds what krd tells it: it stands, it is over, it stands again after a restart; amtool reads it."""

import hashlib
import json
import re
import subprocess
import time
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector import provision
from collector.domain.announcement import Occasion, Severity
from collector.notifiers.alertmanager import KIND
from collector.ports.notifier import Delivered, Refused, TryLater, Upholder

CONFIG = """
route:
  receiver: okr
  group_by: [alertname, team]
  group_wait: 0s
  group_interval: 1s
  routes:
    - matchers: [alertname =~ "Krd.+", severity = page]
      receiver: on-call
receivers:
  - name: okr
    webhook_configs: [{{url: "{url}/okr"}}]
  - name: on-call
    webhook_configs: [{{url: "{url}/on-call"}}]
"""
UNHEARD = CONFIG.format(url="http://127.0.0.1:9")


@pytest.fixture(scope="module")
def server(alertmanager):
    return alertmanager(UNHEARD)


@pytest.fixture
def opened(server):
    return lambda **options: KIND.open(KIND.options(**{"url": server.url} | options))


@pytest.fixture
def now():
    return datetime.now(UTC)  # Alertmanager compares with the machine's clock


@pytest.fixture
def fingerprint(request):
    """Name an alert that no other test has."""
    return hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:32]


@pytest.fixture
def drift(announcement, now, fingerprint):
    return replace(
        announcement,
        fingerprint=fingerprint,
        at=now,
        since=now - timedelta(hours=2),
        commitment="committed",
        link="https://krd.example/kr/checkout/p95-latency",
    )


def standing(server, announcement):
    """Give what Alertmanager holds as active of one alert."""
    matcher = urllib.request.quote(f'krd_fingerprint="{announcement.fingerprint}"')
    with urllib.request.urlopen(f"{server.url}/api/v2/alerts?filter={matcher}", timeout=5) as answer:
        return json.load(answer)


def severities(server, announcement):
    return [alert["labels"]["severity"] for alert in standing(server, announcement)]


def notified(receiver, count):
    """Wait until Alertmanager has notified `count` times, and give path, status, and the severity of each alert."""
    deadline = time.monotonic() + 20
    while len(receiver.requests) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return [
        (
            one.path,
            *[(alert["status"], alert["labels"]["severity"]) for alert in json.loads(one.body)["alerts"]],
        )
        for one in receiver.requests
    ]


def test_what_fires_stands_with_labels_that_route_and_words_that_explain(server, opened, drift, now):
    assert opened().send(drift, now) == Delivered()
    (alert,) = standing(server, drift)

    assert alert["labels"] == {
        "alertname": "KrdDrift",
        "commitment": "committed",
        "family": "value",
        "key_result": "checkout/p95-latency",
        "krd_fingerprint": drift.fingerprint,
        "severity": "ticket",
        "team": "checkout",
    }
    assert alert["annotations"] == {
        "summary": drift.title,
        "description": "\n".join((drift.sentence, *drift.lines)),
        "owner": "li",
        "episode": "2",
        "event": drift.id,
    }
    assert alert["generatorURL"] == drift.link
    assert datetime.fromisoformat(alert["startsAt"]) == drift.since.replace(
        microsecond=drift.since.microsecond // 1000 * 1000
    )


def test_what_is_over_stands_no_more(server, opened, drift, now):
    notifier = opened()
    notifier.send(drift, now)

    assert notifier.send(replace(drift, occasion=Occasion.RESOLVED), now) == Delivered()
    assert standing(server, drift) == []


def test_an_end_by_a_clock_ahead_of_theirs_is_an_end(server, opened, drift, now):
    notifier = opened()
    ahead = now + timedelta(seconds=45)
    notifier.send(replace(drift, at=ahead, since=ahead), ahead)

    assert notifier.send(replace(drift, occasion=Occasion.RESOLVED, at=ahead), ahead) == Delivered()
    assert standing(server, drift) == []


def test_a_krd_that_is_down_resolves_nothing(server, opened, drift, now):
    opened(endures=timedelta(hours=30)).send(drift, now)
    (alert,) = standing(server, drift)
    remains = datetime.fromisoformat(alert["endsAt"]) - now

    assert timedelta(hours=29, minutes=59) < remains <= timedelta(hours=30)


def test_words_that_change_make_no_second_alert(server, opened, drift, now):
    notifier = opened()
    notifier.send(drift, now)
    changed = replace(
        drift, id="evt_9", occasion=Occasion.REPEAT, title="Now at 520", sentence="", owner="maria"
    )
    notifier.send(replace(changed, at=now + timedelta(seconds=1)), now)

    assert [alert["annotations"]["summary"] for alert in standing(server, drift)] == ["Now at 520"]


def test_a_rise_of_severity_takes_the_place_of_what_stood(server, opened, drift, now):
    notifier = opened()
    notifier.send(drift, now)
    notifier.send(replace(drift, occasion=Occasion.WORSE, severity=Severity.PAGE), now)

    assert severities(server, drift) == ["page"]


@pytest.mark.parametrize("occasion", [Occasion.WORSE, Occasion.RESOLVED])
def test_a_krd_started_anew_leaves_no_old_severity_standing(server, opened, drift, now, occasion):
    opened().send(drift, now)
    opened().send(replace(drift, occasion=occasion, severity=Severity.PAGE), now)

    assert severities(server, drift) == (["page"] if occasion is Occasion.WORSE else [])


def test_receivers_hear_each_severity_once_and_of_nothing_that_never_was(alertmanager, receiver, drift, now):
    server = alertmanager(CONFIG.format(url=receiver.address))
    notifier = KIND.open(KIND.options(url=server.url))
    receiver.status = 200
    notifier.send(drift, now)
    heard = notified(receiver, 1)
    notifier.send(replace(drift, occasion=Occasion.WORSE, severity=Severity.PAGE), now)
    heard = notified(receiver, 3)
    notifier.send(replace(drift, occasion=Occasion.RESOLVED, severity=Severity.PAGE), now)
    heard = notified(receiver, 4)

    assert heard[0] == ("/okr", ("firing", "ticket"))
    assert sorted(heard[1:3]) == [("/okr", ("resolved", "ticket")), ("/on-call", ("firing", "page"))]
    assert heard[3:] == [("/on-call", ("resolved", "page"))]


def test_what_began_and_ended_unsaid_is_taken_and_does_not_stand(server, opened, drift, now):
    assert opened().send(replace(drift, occasion=Occasion.PASSED), now) == Delivered()
    assert standing(server, drift) == []


def test_an_alertmanager_started_anew_is_told_what_stands(alertmanager, opened, drift, now, free_port):
    first = alertmanager(UNHEARD, port=free_port)
    notifier = opened(url=first.url)
    notifier.send(drift, now)
    first.stop()
    lost = notifier.uphold([drift], now)
    second = alertmanager(UNHEARD, folder=first.folder, port=free_port)
    forgotten = standing(second, drift)

    assert isinstance(lost, TryLater)
    assert forgotten == []
    assert notifier.uphold([drift], now) == Delivered()
    assert severities(second, drift) == ["ticket"]


def test_ten_thousand_alerts_are_upheld_in_requests_of_a_size(alertmanager, opened, drift, now, stopwatch):
    server = alertmanager(UNHEARD)
    many = [replace(drift, fingerprint=f"f{n}", subject=f"checkout/kr-{n}") for n in range(10_000)]

    assert opened(url=server.url, timeout=timedelta(seconds=30)).uphold(many, now) == Delivered()
    assert severities(server, replace(drift, fingerprint="f9999")) == ["ticket"]


def test_an_alert_that_ended_meanwhile_is_not_upheld(server, opened, drift, now):
    notifier = opened()
    notifier.send(drift, now)
    notifier.send(replace(drift, occasion=Occasion.RESOLVED), now)

    assert isinstance(notifier, Upholder)
    assert notifier.uphold([drift], now) == Delivered()
    assert standing(server, drift) == []


def test_a_new_episode_stands_again(server, opened, drift, now):
    notifier = opened()
    for one in (drift, replace(drift, occasion=Occasion.RESOLVED), replace(drift, episode=3, since=now)):
        notifier.send(one, now)

    assert [alert["annotations"]["episode"] for alert in standing(server, drift)] == ["3"]


def test_amtool_reads_what_krd_wrote(server, opened, drift, now):
    opened(labels={"cluster": "staging"}).send(drift, now)
    query = [f"--alertmanager.url={server.url}", "alert", "query", "-o", "json"]
    matchers = ["alertname=KrdDrift", "cluster=staging", f"krd_fingerprint={drift.fingerprint}"]
    read = subprocess.run(
        [provision.amtool(), *query, *matchers], capture_output=True, text=True, timeout=30, check=True
    )

    assert [alert["annotations"]["summary"] for alert in json.loads(read.stdout)] == [drift.title]


def test_amtool_ends_what_stands_under_labels_of_before_as_the_how_to_says(server, opened, drift, now):
    page = Path(__file__).parents[2] / "docs/how-to/send-to-teams-mail-pagerduty-alertmanager.md"
    [block] = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    told = block.replace("http://alertmanager.example:9093", server.url).replace("f00d", drift.fingerprint)
    query, end, silence = told.replace("amtool ", f"{provision.amtool()} ").replace("\\\n", "").splitlines()
    before = opened(labels={"cluster": "prod"})
    before.send(drift, now)
    before.close()
    opened(labels={"cluster": "dev"}).send(drift, now)
    assert sorted(alert["labels"]["cluster"] for alert in standing(server, drift)) == ["dev", "prod"]

    shown = [
        subprocess.run(command, shell=True, capture_output=True, text=True, timeout=30, check=True).stdout
        for command in (query, end, silence)
    ]
    assert drift.fingerprint in shown[0]
    assert [alert["labels"]["cluster"] for alert in standing(server, drift)] == ["dev"]


def test_amtool_accepts_routes_by_the_labels_of_krd(tmp_path):
    config = tmp_path / "alertmanager.yml"
    config.write_text(UNHEARD)
    routed = ["alertname=KrdSloBurn", "severity=page", "team=checkout"]
    amtool = provision.amtool()
    checked = subprocess.run([amtool, "check-config", config], capture_output=True, timeout=30, check=False)
    test = [amtool, "config", "routes", "test", f"--config.file={config}", *routed]
    route = subprocess.run(test, capture_output=True, text=True, timeout=30, check=False)

    assert (checked.returncode, route.returncode, route.stdout.strip()) == (0, 0, "on-call")


def test_a_test_ends_by_itself(server, opened, drift, now):
    trial = replace(drift, kind="test", occasion=Occasion.TEST, episode=0, severity=Severity.INFO)

    assert opened().send(trial, now) == Delivered()
    (alert,) = standing(server, trial)
    assert alert["labels"]["alertname"] == "KrdTest"
    assert datetime.fromisoformat(alert["endsAt"]) - now < timedelta(minutes=6)


@pytest.mark.parametrize("occasion", [Occasion.BRIEF, Occasion.CHANGES, Occasion.REMINDER])
def test_what_is_no_alert_is_refused_for_what_it_says(opened, announcement, at, occasion):
    verdict = opened().send(replace(announcement, occasion=occasion), at)

    assert isinstance(verdict, Refused)
    assert verdict.content


def test_hostile_text_stays_text_in_labels_and_annotations(server, opened, hostile, now, acts, fingerprint):
    odd = replace(hostile, fingerprint=fingerprint, at=now)

    assert opened(labels={"cluster": odd.title}).send(odd, now) == Delivered()
    (alert,) = standing(server, odd)
    assert acts("".join([*alert["labels"].values(), *alert["annotations"].values()])) == []
    assert max(map(len, alert["labels"].values())) <= 200


def test_a_source_is_named_by_a_label_of_its_own(server, opened, drift, now):
    opened().send(replace(drift, kind="source_down", subject="prod", team="", commitment=""), now)
    (alert,) = standing(server, drift)

    assert alert["labels"]["alertname"] == "KrdSourceDown"
    assert alert["labels"]["source"] == "prod"
    assert {"team", "commitment", "key_result"} & set(alert["labels"]) == set()


def test_the_path_of_the_address_and_its_credentials_are_kept(receiver, announcement, at, monkeypatch):
    monkeypatch.setenv("KRD_TEST_AM", receiver.address.replace("http://", "http://krd:pw@") + "/am/?tenant=a")
    KIND.open(KIND.options(url={"env": "KRD_TEST_AM"})).send(announcement, at)
    (request,) = receiver.requests

    assert request.path == "/am/api/v2/alerts?tenant=a"
    assert request.headers["authorization"] == "Basic a3JkOnB3"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"url": "https://u:CANARY@am.example/"},
        {"url": "https://am.example", "endures": timedelta(minutes=1)},
        {"url": "https://am.example", "labels": {"no-dashes": "CANARY"}},
        {"url": "https://am.example", "colour": "CANARY"},
    ],
)
def test_options_that_cannot_work_are_refused_without_repeating_them(options):
    with pytest.raises(ValueError, match="validation error") as refusal:
        KIND.options(**options)
    assert "CANARY" not in str(refusal.value)
