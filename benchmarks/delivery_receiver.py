"""A webhook receiver on a real socket that answers as told, can go away and come back, and remembers every request."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from collector.lab.loopback import HOST, listen_on, port_of, reserve


@dataclass(frozen=True, slots=True)
class Message:
    """One request as it came, and how it was answered."""

    at: float
    """By the monotonic clock, when its answer was written."""
    status: int
    id: str | None
    """What the sender calls it, by which a receiver knows it again; nothing when it has no name."""
    body: bytes

    @property
    def accepted(self) -> bool:
        """Whether the receiver said that it has it."""
        return self.status == HTTPStatus.OK


def _nothing() -> None:
    """Leave the sender alone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How one request is answered, and what happens to its sender around that."""

    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] = _nothing
    """Run when the request is read and nothing is answered yet."""
    after: Callable[[], None] = _nothing
    """Run when the whole answer is in the sender's socket."""


class Receiver:
    """Holds its port from the beginning; while it is `down`, who connects is refused."""

    def __init__(self) -> None:
        self._place = reserve()
        self._server: ThreadingHTTPServer | None = None
        self._lock = threading.Lock()
        self._messages: list[Message] = []
        self.replies: deque[Reply] = deque()
        """For the next requests, one each; after them every request is answered as `always` says."""
        self.always = Reply()

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://{HOST}:{port_of(self._place)}/hook"

    @property
    def messages(self) -> list[Message]:
        """All that came so far, in order."""
        with self._lock:
            return list(self._messages)

    def up(self) -> None:
        """Listen."""
        address = (HOST, port_of(self._place))
        server = ThreadingHTTPServer(address, self._handler(), bind_and_activate=False)
        server.daemon_threads = True
        server.socket.close()
        server.socket = listen_on(address[1])
        self._server = server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self) -> None:
        """Listen no more. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def close(self) -> None:
        """Listen no more, and give the port back."""
        self.down()
        self._place.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                reply = receiver.replies.popleft() if receiver.replies else receiver.always
                reply.before()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()
                self.wfile.flush()
                reply.after()
                receiver.keep(Message(time.monotonic(), reply.status, self.headers["webhook-id"], body))

            def log_message(self, *_: object) -> None:
                """Keep quiet: what came is remembered, not printed."""

        return Handler

    def keep(self, message: Message) -> None:
        """Remember a request."""
        with self._lock:
            self._messages.append(message)
