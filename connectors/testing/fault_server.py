"""A real TCP server on the loopback that misbehaves in one chosen way, and counts how often it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

SERVER_DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
"""What the server takes for the present, in its `Date` header."""
NINETY_SECONDS_LATER = "Sun, 22 Nov 2026 12:01:30 GMT"
FIFTY_SECONDS_LATER = 1_795_348_850
PATIENCE = 8.0
"""Seconds after which a hanging or trickling answer gives up by itself."""
MISTAKE = b"\xff\xfe\x00{]"
LOGIN_FORM = b"<!doctype html><html><form action=/login><input name=password></form></html>"

Reply = Callable[["Received"], bytes]
Welcome = Callable[["Received"], bytes | None]


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came over the wire; names of headers in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def response(
    status: str,
    body: bytes = b"{}",
    headers: Mapping[str, str] | None = None,
    media: str = "application/json",
) -> bytes:
    """A whole HTTP/1.1 response."""
    fields = {"Date": SERVER_DATE, "Content-Type": media, "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def canned(body: object, status: str = "200 OK") -> Reply:
    """Always answer with `body`: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: response(status, raw)


RESPONSES: Mapping[str, bytes] = {
    "500": response("500 Internal Server Error", b"boom"),
    "503_retry_after": response("503 Service Unavailable", b"", {"Retry-After": "7"}),
    "429_seconds": response("429 Too Many Requests", b"{}", {"Retry-After": "42"}),
    "429_date": response("429 Too Many Requests", b"{}", {"Retry-After": NINETY_SECONDS_LATER}),
    "429_garbage": response("429 Too Many Requests", b"{}", {"Retry-After": "soon, I promise"}),
    "403_limit": response(
        "403 Forbidden",
        b'{"message": "You have exceeded a secondary rate limit"}',
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(FIFTY_SECONDS_LATER)},
    ),
    "401": response("401 Unauthorized", b'{"error": "no"}'),
    "403": response("403 Forbidden", b'{"error": "no"}'),
    "404": response("404 Not Found", b"nothing here", media="text/plain"),
    "302_login": response("302 Found", b"", {"Location": "http://127.0.0.1:9/login"}),
    "html_200": response("200 OK", LOGIN_FORM, media="text/html"),
    "garbage": response("200 OK", MISTAKE),
    "empty_json": response("200 OK", b"{}"),
    "not_http": MISTAKE * 20,
    "truncated": b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"status":',
}
"""Modes that send some bytes; after those that are no whole response the server hangs up."""


class FaultServer:
    """Misbehaves as `mode` says: a key of `RESPONSES`, or `hang`, `close`, `trickle_head`, `trickle_body`, `huge`.

    In mode `ok` every request is answered by `reply`. The mode may be changed while the server runs. What `welcome`
    answers is answered well in every mode: the requests by which a client proves who it is. Use it as a
    context manager; `requests` lists what came in, in order, `asked` those that were not welcomed, and `connections`
    counts how often somebody called.
    """

    def __init__(self, mode: str = "ok", reply: Reply | None = None, welcome: Welcome | None = None) -> None:
        self.mode = mode
        self.reply = reply or canned(b"{}")
        self.welcome = welcome
        self.requests: list[Received] = []
        self.asked: list[Received] = []
        self.connections = 0
        self._leaving = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="fault-server", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        # A blocked accept() only wakes when the listener is shut down, not when it is closed.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._leaving.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
            self.connections += 1
        try:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(PATIENCE * 4)
                for received in _requests(connection):
                    with self._lock:
                        self.requests.append(received)
                    if not self._answer(connection, received):
                        return
        finally:
            with self._lock:
                self._open.discard(connection)

    def _answer(self, connection: socket.socket, received: Received) -> bool:
        """Answer, or misbehave; tell whether the connection stays open."""
        if self.welcome and (greeting := self.welcome(received)):
            connection.sendall(greeting)
            return True
        with self._lock:
            self.asked.append(received)
        match self.mode:
            case "ok":
                connection.sendall(self.reply(received))
                return True
            case "hang":
                self._leaving.wait(PATIENCE)
            case "close":
                pass
            case "trickle_head":
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                self._trickle(connection)
            case "trickle_body":
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
                )
                self._trickle(connection)
            case "huge":
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n["
                )
                for _ in range(400):
                    connection.sendall(b"0," * 32768)
            case mode:
                connection.sendall(RESPONSES[mode])
                return mode not in ("truncated", "not_http")
        return False

    def _trickle(self, connection: socket.socket) -> None:
        """Send one byte a quarter of a second: each read succeeds, the answer never ends."""
        for _ in range(int(PATIENCE * 4)):
            connection.sendall(b" ")
            if self._leaving.wait(0.25):
                return


def _requests(connection: socket.socket) -> Iterator[Received]:
    """Read requests off a kept-alive connection until the client hangs up."""
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            chunk = connection.recv(65536)
            if not chunk:
                return
            buffer += chunk
        head, _, buffer = buffer.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)
        }
        length = int(headers.get("content-length", "0"))
        while len(buffer) < length:
            buffer += connection.recv(65536)
        method, target, *_ = line.split(" ")
        yield Received(method, target, headers, buffer[:length])
        buffer = buffer[length:]
