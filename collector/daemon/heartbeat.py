"""Tells something outside that krd lives and works, so that a silent daemon is seen by somebody else."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx

from collector.logs import get_logger
from connectors.api import Secret, SecretUnavailable

log = get_logger(__name__)

EVERY = 60.0
"""Seconds between pings."""
TIMEOUT = 10.0


class Heartbeat:
    """Pings an address each minute while `alive` says that work is being done. Failing pings are said once."""

    def __init__(self, address: str | Secret, alive: Callable[[], bool], every: float = EVERY) -> None:
        self._address, self._alive, self._every = address, alive, every
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join(TIMEOUT)

    def _run(self) -> None:
        with httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
            while not self._stopping.is_set():
                if self._alive():
                    self._note(self._bounded_ping(client))
                self._stopping.wait(self._every)

    def _bounded_ping(self, client: httpx.Client) -> str:
        """Ping in a thread of its own: a receiver that trickles is given up, whatever it still sends."""
        answers: list[str] = []
        ping = threading.Thread(target=lambda: answers.append(self._ping(client)), daemon=True)
        ping.start()
        ping.join(TIMEOUT)
        return answers[0] if answers else "no answer in time"

    def _ping(self, client: httpx.Client) -> str:
        """Give why it failed, without the address: it may hold a secret; nothing when it went well."""
        try:
            address = self._address if isinstance(self._address, str) else self._address.reveal()
            with client.stream("GET", address) as answer:  # nobody reads what it says
                return "" if answer.is_success else f"HTTP {answer.status_code}"
        except SecretUnavailable as error:
            return str(error)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__

    def _note(self, trouble: str) -> None:
        if trouble and not self._failing:
            log.warning("heartbeat_fails", reason=trouble)
        if self._failing and not trouble:
            log.info("heartbeat_back")
        self._failing = bool(trouble)
