"""Runs a real Prometheus for the lab: one target on this machine, scraped every second."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from collector.errors import KrdError
from collector.lab.loopback import HOST, port_of, reserve

if TYPE_CHECKING:
    from pathlib import Path

_READY_SECONDS = 30.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.05

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

    A directory that exists is continued. The process ends with the thread that called `start` (where `setpriv` is
    there to arrange it), even when that one is killed: call it from a thread that lives as long as the lab.
    """

    def __init__(self, binary: Path, directory: Path, target_port: int) -> None:
        self._binary = binary
        self._directory = directory
        self._target_port = target_port
        self._process: subprocess.Popen[bytes] | None = None
        self._place = reserve()
        self.port = port_of(self._place)
        self.url = f"http://{HOST}:{self.port}"
        self.log = directory / "prometheus.log"

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process and wait until it answers queries. Raises `PrometheusFailed`."""
        if not os.access(self._binary, os.X_OK):
            raise PrometheusFailed(f"{self._binary} is not a program; name the path of a Prometheus binary")
        try:
            self._process = self._spawn()
        except OSError as error:
            raise PrometheusFailed(
                f"the lab's Prometheus cannot start in {self._directory}: {error}; choose another directory"
            ) from error
        self._wait_until(self._is_ready, "ready")

    def wait_for_value(self, query: str) -> None:
        """Wait until a query has a value: a fresh Prometheus scrapes for the first time after about 5 s.

        Raises `PrometheusFailed` when there is none within 30 s.
        """
        path = "/api/v1/query?" + urllib.parse.urlencode({"query": query})
        self._wait_until(lambda: b'"value":' in self._ask(path), f"able to answer {query}")

    def stop(self) -> None:
        """End the process, by force if it does not go within 5 s, and give the port back. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._place.close()

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._directory.mkdir(parents=True, exist_ok=True)
        config = self._directory / "prometheus.yml"
        config.write_text(_CONFIG.format(target=f"{HOST}:{self._target_port}"), encoding="utf-8")
        command = [
            *_ends_with_us(),
            str(self._binary),
            f"--config.file={config}",
            f"--storage.tsdb.path={self._directory / 'tsdb'}",
            "--storage.tsdb.retention.time=1d",
            f"--web.listen-address={HOST}:{self.port}",
            # A value older than a few scrapes is no value: five minutes, the default, would be fifty days of the lab.
            "--query.lookback-delta=5s",
            "--log.level=warn",
        ]
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603  # the caller's binary, arguments of our own
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={},  # it needs nothing of ours, least of all secrets
                process_group=0,  # Ctrl-C is for krd, which then ends this one in order
            )

    def _wait_until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not holds():
            if self._process is None or self._process.poll() is not None:
                said = self._last_words()
                self.stop()
                raise PrometheusFailed(f"{self._binary} ended before it was {what}: {said} (see {self.log})")
            if time.monotonic() > deadline:
                self.stop()
                raise PrometheusFailed(
                    f"{self._binary} was not {what} within {_READY_SECONDS:.0f} s; see {self.log}"
                )
            time.sleep(_POLL_SECONDS)

    def _is_ready(self) -> bool:
        return bool(self._ask("/-/ready"))

    def _ask(self, path: str) -> bytes:
        """Give the body of a good answer, or nothing."""
        connection = HTTPConnection(HOST, self.port, timeout=1)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.read() if answer.status == HTTPStatus.OK else b""
        except (OSError, HTTPException):  # not listening yet, or no more
            return b""
        finally:
            connection.close()

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1][-500:] if lines else "it said nothing"


def _ends_with_us() -> list[str]:
    """Give the words that make the kernel end a command with the thread that started it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv is not None else []
