"""Bounds a whole conversation over a socket and names what went wrong with it, without repeating anything that was said.

A timeout of a read is no deadline: a server that sends a byte a second never breaks it. Here a timer shuts the socket.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from types import TracebackType
from typing import Self


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
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(self.left)
                connection.connect(address)
                connection.settimeout(self.seconds + 1)  # the timer comes first
                self.watch(connection)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure

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
