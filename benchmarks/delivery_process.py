"""A server that is stopped, killed and started again where it was."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.command import BenchmarkFailed

READY_SECONDS = 40.0
END_SECONDS = 20.0

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(slots=True)
class Server:
    """One command, run in `folder`, whose output goes to `folder/log`."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    ready: Callable[[str], bool]
    """Whether it works, given what it printed since it started."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it is ready. Raises `BenchmarkFailed` when it does not get so."""
        log = self.folder / "log"
        begins = log.stat().st_size if log.exists() else 0
        with log.open("ab") as written:
            self._process = subprocess.Popen(
                [*_ends_with_us(), *self.command],
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self.ready(said := log.read_bytes()[begins:].decode("utf-8", errors="replace")):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise BenchmarkFailed(
                    f"{self.name} did not get ready within {READY_SECONDS:.0f} s: {said.strip()[-500:]}"
                )
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing when it does not run."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal and wait until it is gone; by force after 20 s."""
        if self._process is None:
            return
        self.send(number)
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _ends_with_us() -> list[str]:
    """Give the words that make the kernel end a command with the thread that started it, even when that one is killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv is not None else []


def answers(url: str) -> bool:
    """Tell whether something good is answered there."""
    try:
        with _DIRECT.open(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def post(url: str, body: bytes) -> bool:
    """Post JSON, and tell whether it was taken."""
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with _DIRECT.open(request, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
