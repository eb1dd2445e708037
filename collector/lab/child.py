"""Runs a server of the lab as a process of its own, which never outlives the lab and tells why when it does not come up."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Child:
    """One process that serves HTTP at a reserved place, named `name` in errors of the type `failed`, and writes to `log`.

    It ends with the thread that spawned it (where `setpriv` is there to arrange it), even when that one is killed: spawn
    it from a thread that lives as long as the lab.
    """

    name: str
    log: Path
    failed: type[KrdError]
    _place: socket.socket = field(default_factory=reserve, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def port(self) -> int:
        """The port it is to serve on."""
        return port_of(self._place)

    @property
    def url(self) -> str:
        """The address of that port."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process is not None else None

    def spawn(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
        told: bytes = b"",
    ) -> None:
        """Start it in a folder, with `told` to read on its standard input. Raises the error of the child's type."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603  # the lab's programs, arguments of our own
                    [*_ends_with_us(), *command],
                    cwd=folder,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env=dict(environment or {}),  # it needs nothing of ours, least of all secrets
                    process_group=0,  # Ctrl-C is for krd, which then ends this one in order
                )
            self._tell(self._process, told)
        except OSError as error:
            self.stop()
            raise self.failed(
                f"{self.name} cannot start in {folder}: {error}; choose another directory"
            ) from error

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds. Raises the error of the child's type once it ended, or after 30 s."""
        deadline = time.monotonic() + _READY_SECONDS
        while not holds():
            if self._process is None or self._process.poll() is not None:
                said = self._last_words()
                self.stop()
                raise self.failed(f"{self.name} ended before it was {what}: {said} (see {self.log})")
            if time.monotonic() > deadline:
                self.stop()
                raise self.failed(f"{self.name} was not {what} within {_READY_SECONDS:.0f} s; see {self.log}")
            time.sleep(_POLL_SECONDS)

    def ask(self, path: str) -> bytes:
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

    def _tell(self, process: subprocess.Popen[bytes], told: bytes) -> None:
        assert process.stdin is not None  # noqa: S101  # it was asked for above
        try:
            process.stdin.write(told)
            process.stdin.close()
        except BrokenPipeError:
            return  # it ended without reading; whoever waits for it says so

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1][-500:] if lines else "it said nothing"


def _ends_with_us() -> list[str]:
    """Give the words that make the kernel end a command with the thread that started it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv is not None else []
