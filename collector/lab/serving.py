"""Serves HTTP on a free loopback port with one thread a connection, and ends them all when stopped."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from collector.lab.loopback import HOST

_POLL_SECONDS = 0.1


class LoopbackServer(ThreadingHTTPServer):
    """A threading HTTP server that knows its open connections, so that idle keep-alive ones do not outlive `stop`."""

    daemon_threads = False  # the standard library joins only such threads in server_close
    request_queue_size = 64

    def __init__(self, handler: Callable[..., BaseHTTPRequestHandler]) -> None:
        super().__init__((HOST, 0), handler)
        self.port = self.server_port
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._serving = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), name="lab-shop", daemon=True
        )

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._serving.start()

    def stop(self) -> None:
        """Take no more connections, shut the open ones, and wait for their threads."""
        if self._serving.is_alive():
            self.shutdown()
            self._serving.join()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # already shut by its peer: what we wanted
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then hand it to its thread."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection, then close it."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a client that went away go; anything else is a defect and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
