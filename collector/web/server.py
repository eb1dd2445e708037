"""Serves the board over HTTP in a thread of its own; an address that cannot be had is told before the daemon works.

FastAPI and uvicorn are loaded when a server starts, so that commands without one do not pay for them.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

from collector.errors import KrdError, UsageError
from collector.logs import get_logger
from collector.ports.board import Board

if TYPE_CHECKING:
    import uvicorn

    from collector.web.event_stream import EventStream

START_SECONDS = 10.0
"""A server that does not answer after this long is given up."""
GRACE_SECONDS = 4
"""Requests in hand may take this long after a stop, before they are cut."""
STOP_SECONDS = 5.0
"""A stop never takes longer."""
BACKLOG = 128
STALLED_SECONDS = 30.0
"""Who takes nothing of what was sent to him for so long is cut by the kernel: his place and the memory are for others."""

log = get_logger(__name__)


class WebServer:
    """Serves a board until it is stopped. Anyone who reaches the address may read; nobody can change anything."""

    def __init__(self, board: Board, host: str, port: int) -> None:
        self._board, self._host, self._port = board, host, port
        self._listener: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._stream: EventStream | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address to open, with the real port when any free one was asked for. Raises `KrdError` before the start.

        A server that listens on all addresses is reached on the loopback one.
        """
        if self._listener is None:
            raise KrdError("the web server has no address yet: start it first")
        host, port = self._listener.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://{_shown(host, port)}/"

    def start(self) -> None:
        """Take the address and begin to answer; returns when it does.

        Raises `UsageError` that says what to do when the address is taken or not to be had.
        """
        listener = self._listener = _listen(self._host, self._port)
        try:
            server, self._stream = _uvicorn(self._board)
            self._server = server
            thread = threading.Thread(target=_serve, args=(server, listener), name="krd-web", daemon=True)
            self._thread = thread
            thread.start()
            _await_started(server, thread)
        except BaseException:
            self.stop()
            raise
        log.info("web_listening", url=self.url)

    def stop(self) -> None:
        """Let requests in hand end, then close; takes 5 s at most. Safe when it never started, and safe to call twice."""
        if self._stream is not None:
            self._stream.end()
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
            if self._thread.is_alive():
                log.warning("web_stop_timed_out", seconds=STOP_SECONDS)
        if self._listener is not None:
            self._listener.close()
        self._server = self._stream = self._thread = self._listener = None


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    try:
        server.run(sockets=[listener])
    except Exception:
        log.exception("web_ended")  # the daemon works on: measuring does not depend on being looked at


def _await_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise KrdError("the web server did not start: the log says why, as the event web_ended")
        time.sleep(0.005)


def _uvicorn(board: Board) -> tuple[uvicorn.Server, EventStream]:
    import uvicorn  # noqa: PLC0415 - half a second that only a server pays

    from collector.web.event_stream import EventStream  # noqa: PLC0415 - as above
    from collector.web.routes import make_application  # noqa: PLC0415 - as above

    stream = EventStream(board)
    config = uvicorn.Config(
        make_application(board, stream),
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config), stream


def _listen(host: str, port: int) -> socket.socket:
    """Take the address at once: binding alone would let two servers believe that they have it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refused(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":  # connections inherit it
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALLED_SECONDS * 1000))
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def _refused(host: str, port: int, error: OSError) -> UsageError:
    match error:
        case socket.gaierror():
            why = f"the name {host} cannot be resolved"
        case OSError(errno=errno.EADDRINUSE):
            why = "another program listens there; stop it"
        case OSError(errno=errno.EACCES):
            why = "ports below 1024 need rights that this process does not have"
        case OSError(errno=errno.EADDRNOTAVAIL):
            why = "this machine has no such address"
        case OSError(errno=number):
            why = os.strerror(number) if number else str(error)
    return UsageError(
        f"the web server cannot listen on {_shown(host, port)}: {why}, or set KRD_WEB__LISTEN to another address "
        "(port 0 takes any free port), or turn it off with KRD_WEB__ENABLED=false"
    )


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
