"""Runs a real Prometheus for the lab: one target on this machine, scraped every second."""

from __future__ import annotations

import os
import urllib.parse
from typing import TYPE_CHECKING

from collector.errors import KrdError
from collector.lab.child import Child
from collector.lab.loopback import HOST

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ["{target}"]
"""


class PrometheusFailed(KrdError):
    """The lab's Prometheus did not come up."""


class LabPrometheus:
    """One Prometheus process that scrapes 127.0.0.1:`target_port` and keeps its past in `directory`.

    A directory that exists is continued.
    """

    def __init__(self, binary: Path, directory: Path, target_port: int) -> None:
        self._binary = binary
        self._directory = directory
        self._target_port = target_port
        self._child = Child(str(binary), directory / "prometheus.log", PrometheusFailed)
        self.port = self._child.port
        self.url = self._child.url

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._child.pid

    def start(self) -> None:
        """Start the process and wait until it answers queries. Raises `PrometheusFailed`."""
        if not os.access(self._binary, os.X_OK):
            raise PrometheusFailed(f"{self._binary} is not a program; name the path of a Prometheus binary")
        self._child.spawn(self._command(self._configured()), self._directory)
        self._child.wait_until(lambda: bool(self._child.ask("/-/ready")), "ready")

    def wait_for_value(self, query: str) -> None:
        """Wait until a query has a value: a fresh Prometheus scrapes for the first time after about 5 s.

        Raises `PrometheusFailed` when there is none within 30 s.
        """
        path = "/api/v1/query?" + urllib.parse.urlencode({"query": query})
        self._child.wait_until(lambda: b'"value":' in self._child.ask(path), f"able to answer {query}")

    def stop(self) -> None:
        """End the process and give the port back. Safe to call twice."""
        self._child.stop()

    def _configured(self) -> Path:
        config = self._directory / "prometheus.yml"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            config.write_text(_CONFIG.format(target=f"{HOST}:{self._target_port}"), encoding="utf-8")
        except OSError as error:
            raise PrometheusFailed(
                f"the lab's Prometheus cannot start in {self._directory}: {error}; choose another directory"
            ) from error
        return config

    def _command(self, config: Path) -> list[str]:
        return [
            str(self._binary),
            f"--config.file={config}",
            f"--storage.tsdb.path={self._directory / 'tsdb'}",
            "--storage.tsdb.retention.time=1d",
            f"--web.listen-address={HOST}:{self.port}",
            # A value older than a few scrapes is no value: five minutes, the default, would be fifty days of the lab.
            "--query.lookback-delta=5s",
            "--log.level=warn",
        ]
