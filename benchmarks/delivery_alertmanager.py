"""Debian's Alertmanager, told of alerts as Prometheus tells it: over and over, by us or by a real Prometheus and its rules."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.command import BenchmarkFailed
from benchmarks.delivery_process import Server, answers, post
from benchmarks.delivery_receiver import Message, Receiver
from benchmarks.delivery_source import LIMIT, Source
from benchmarks.delivery_system import DOWN, GROUP_INTERVAL, GROUP_WAIT, PENDING, REPEAT, SLOW, Event
from benchmarks.delivery_waiting import LOOK_SECONDS, until
from collector.clock import WallClock
from collector.lab.loopback import HOST, port_of, reserve
from collector.provision import alertmanager, amtool, prometheus

PUSH_SECONDS = 3.0
"""So long after a push alerts are pushed again. Prometheus does so every minute: this is in Alertmanager's favour. It is
longer than the wait of a group: a push during a group's first flush makes a second one at once, which at this pace would
happen far more often than it does in life.
"""
FIRING_FOR = timedelta(minutes=4)
"""Prometheus pushes a firing alert with an end four resend delays ahead."""

ROUTES = f"""\
route: {{receiver: hook, group_by: [alertname], group_wait: {GROUP_WAIT}s, group_interval: {GROUP_INTERVAL}s, repeat_interval: {REPEAT}s}}
receivers: [{{name: hook, webhook_configs: [{{url: "HOOK", send_resolved: true}}]}}]
"""
SCRAPES = """\
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["ALERTMANAGER"]}]}]}
scrape_configs:
  - {job_name: numbers, static_configs: [{targets: ["TARGET"]}]}
  - {job_name: other, metrics_path: /other/metrics, static_configs: [{targets: ["TARGET"]}]}
"""
RULES = f"""\
groups:
  - name: guards
    rules:
      - {{alert: {SLOW}, expr: 'guard{{alert="{SLOW}"}} > {LIMIT}', for: {PENDING[SLOW]}s}}
      - {{alert: {DOWN}, expr: 'up{{job="other"}} == 0', for: {PENDING[DOWN]}s}}
"""


class Alertmanager:
    """One Alertmanager and its receiver, under the name that both its kinds of callers have in the table."""

    name = "alertmanager"
    silence = (
        25.0  # a try lasts 10 s at most, the next is an interval later; what is over by then is forgotten
    )

    def __init__(self, folder: Path) -> None:
        self.receiver = Receiver()
        self._place = reserve()
        folder.mkdir(parents=True)
        config = folder / "alertmanager.yml"
        config.write_text(ROUTES.replace("HOOK", self.receiver.url), "utf-8")
        self._checked(config)
        listen = f"{HOST}:{port_of(self._place)}"
        self.url = f"http://{listen}"
        self.process = Server(
            "Alertmanager",
            [
                str(alertmanager()),
                f"--config.file={config}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address={listen}",
                "--cluster.listen-address=",
                "--log.level=warn",
            ],
            folder,
            {},
            lambda _: answers(f"{self.url}/-/ready"),
        )

    def start(self) -> None:
        """Start it with its receiver. Raises `BenchmarkFailed`."""
        self.receiver.up()
        self.process.start()

    def events(self, message: Message) -> list[Event]:
        """Give what a message tells."""
        alerts = json.loads(message.body)["alerts"]
        return [Event(one["labels"]["alertname"], wrong=one["status"] == "firing") for one in alerts]

    def close(self) -> None:
        """End it. Safe to call twice."""
        self.process.end()
        self.receiver.close()
        self._place.close()

    def _checked(self, config: Path) -> None:
        done = subprocess.run(
            [amtool(), "check-config", config], env={}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BenchmarkFailed(f"amtool refuses our configuration: {done.stderr.strip()[-500:]}")


class Pushed(Alertmanager):
    """Alertmanager alone; we stand for Prometheus, and push every alert again and again, ended ones too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._clock = WallClock()
        self._alerts: dict[str, dict[str, object]] = {}
        self._taken: dict[Event, float] = {}
        self._lock = threading.Lock()
        self._due = 0.0
        self._leaving = threading.Event()
        self._pushing = threading.Thread(target=self._push_on, daemon=True)

    @property
    def server(self) -> Server:
        return self.process

    def start(self) -> None:
        super().start()
        self._pushing.start()

    def turn(self, event: Event) -> None:
        with self._lock:
            now = self._clock.now()
            alert = self._alerts.setdefault(event.alert, {"labels": {"alertname": event.alert}})
            alert["startsAt" if event.wrong else "endsAt"] = _written(now)
        self._push()

    def seen(self, event: Event) -> float | None:
        with self._lock:
            return self._taken.get(event)

    def close(self) -> None:
        self._leaving.set()
        if self._pushing.is_alive():
            self._pushing.join(10)
        super().close()

    def _push_on(self) -> None:
        while not self._leaving.wait(LOOK_SECONDS):
            if time.monotonic() >= self._due:
                self._push()

    def _push(self) -> None:
        with self._lock:
            ends = {"endsAt": _written(self._clock.now() + FIRING_FOR)}
            body = [ends | alert for alert in self._alerts.values()]
            at = time.monotonic()
            self._due = at + PUSH_SECONDS
            if body and post(f"{self.url}/api/v2/alerts", json.dumps(body).encode()):
                for name, alert in self._alerts.items():
                    self._taken.setdefault(Event(name, "endsAt" not in alert), at)


class Evaluated(Alertmanager):
    """Alertmanager behind a real Prometheus with rules: faults befall Prometheus, in which `for` is counted."""

    def __init__(self, folder: Path, grace: str) -> None:
        """`grace` is what Prometheus's `--rules.alert.for-grace-period` is to be: the state of alerts whose `for` is
        shorter is not restored after a restart. Its default is 10m.
        """
        super().__init__(folder)
        self._source = Source([SLOW])
        self._own = reserve()
        listen = f"{HOST}:{port_of(self._own)}"
        place = folder / "prometheus"
        place.mkdir()
        filled = SCRAPES.replace("ALERTMANAGER", self.url.removeprefix("http://"))
        (place / "prometheus.yml").write_text(filled.replace("TARGET", self._source.target), "utf-8")
        (place / "rules.yml").write_text(RULES, "utf-8")
        self._server = Server(
            "Prometheus",
            [
                str(prometheus()),
                f"--config.file={place / 'prometheus.yml'}",
                f"--storage.tsdb.path={place / 'data'}",
                f"--web.listen-address={listen}",
                f"--rules.alert.for-grace-period={grace}",
                "--log.level=warn",
            ],
            place,
            {},
            lambda _: answers(f"http://{listen}/-/ready"),
        )

    @property
    def server(self) -> Server:
        return self._server

    def start(self) -> None:
        super().start()
        self._server.start()
        for alert in (SLOW, DOWN):
            good = Event(alert, wrong=False)
            until(lambda good=good: self.seen(good), 30.0, f"Prometheus did not read {alert}")  # type: ignore[misc]  # bound now

    def turn(self, event: Event) -> None:
        self._source.turn(event.alert, wrong=event.wrong)

    def seen(self, event: Event) -> float | None:
        return self._source.seen(event.alert, wrong=event.wrong)

    def close(self) -> None:
        self._server.end()
        self._source.close()
        self._own.close()
        super().close()


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
