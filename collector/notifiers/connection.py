"""Bounds a whole conversation over a socket and names what went wrong with it, without repeating anything that was said.

A timeout of a read is no deadline: a server that sends a byte a second never breaks it. Here a timer shuts the socket.
Nor does a resolver know one: it is asked in a thread of its own, which is left behind when it takes too long.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Self

_NUMERIC = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV


class Deadline:
    """Shuts a connection once its time is over, wherever the conversation stands. Serves one conversation.

    It holds a duplicate of the descriptor: TLS takes the first one over, and a number that was closed may by then
    belong to somebody else. Shutting a duplicate shuts the connection itself.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Start the watch. Raises `RuntimeError` on a machine that gives no more threads."""
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @property
    def left(self) -> float:
        """Seconds that are left, never fewer than a millisecond: a socket takes 0 for `do not wait`."""
        return max(self._ends - time.monotonic(), 0.001)

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to one address of `host` after the other and watch the connection. Raises `OSError`."""
        failure = OSError("no address")
        for address, seconds in self.addresses(host, port):
            try:
                connection = socket.create_connection((address, port), seconds)
            except OSError as error:
                failure = error
                continue
            connection.settimeout(self.seconds + 1)  # the timer comes first
            self.watch(connection)
            return connection
        raise failure

    def addresses(self, host: str, port: int) -> Iterator[tuple[str, float]]:
        """Give each numeric address of `host`, and the seconds it may take: an equal share of what is left by then, so
        that one which is silent leaves time to the next. Raises `OSError` when the name has none, or gives none in time.
        """
        found = _resolved(host, port, self.left)
        for tried, address in enumerate(found):
            yield address, self.left / (len(found) - tried)

    def watch(self, connection: socket.socket) -> None:
        """Take note of the connection as soon as there is one."""
        with self._lock:
            self._connection = connection.dup()
        if self.passed:
            self._shut()

    def _pass(self) -> None:
        self.passed = True
        self._shut()

    def _shut(self) -> None:
        with self._lock, contextlib.suppress(OSError):  # the other side may have gone first
            if self._connection is not None:
                self._connection.shutdown(socket.SHUT_RDWR)


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """Ask the resolver, and wait no longer than `seconds`. Raises `OSError`, of which `TimeoutError` is one."""
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.set_result([socket.getnameinfo(one[4], _NUMERIC)[0] for one in found])
        except OSError as error:
            answer.set_exception(error)
        except UnicodeError:  # a label too long for any name
            answer.set_exception(socket.gaierror(socket.EAI_NONAME, "no name"))

    threading.Thread(target=ask, name="krd-resolve", daemon=True).start()
    return answer.result(seconds)


def cause(error: OSError) -> str:
    """Name the reason of a failed connection in words that repeat nothing of what was sent."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message})"
        case ssl.SSLError():
            return f"TLS failed ({error.reason or 'no reason given'})"
        case socket.gaierror():
            return "its name cannot be resolved"
        case OSError(errno=int(number)):
            return os.strerror(number).lower()
        case _:
            return type(error).__name__
