"""A place where the lab's announcements really arrive: signed webhooks over HTTP, with the time each came in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from collector.clock import Clock
from collector.lab.loopback import HOST
from collector.lab.serving import LoopbackServer

LARGEST = 64 * 1024
"""Bytes of a webhook that are read."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An announcement that came in with a good signature, alone or in a group."""

    id: str
    kind: str
    occasion: str
    title: str
    subject: str
    at: datetime


class Inbox:
    """Receives Standard Webhooks on a free port; what is not signed with `secret` is refused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self.secret = "whsec_" + base64.b64encode(self._key).decode()
        self._lock = threading.Lock()
        self._arrivals: list[Arrival] = []
        self._server = LoopbackServer(partial(_Door, self))
        self.url = f"http://{HOST}:{self._server.port}/"

    def start(self) -> None:
        """Receive from now on."""
        self._server.start()

    def stop(self) -> None:
        """Close the port."""
        self._server.stop()

    def arrivals(self) -> list[Arrival]:
        """Give what came in so far, each id once, in order."""
        with self._lock:
            return list({arrival.id: arrival for arrival in reversed(self._arrivals)}.values())[::-1]

    def take(self, message: str, stamp: str, signatures: str, body: bytes) -> bool:
        """Keep a webhook when one of its signatures is ours (Standard Webhooks 1.0.0); tells whether it was."""
        signed = hmac.new(self._key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
        ours = "v1," + base64.b64encode(signed).decode()
        if not any(hmac.compare_digest(ours, given) for given in signatures.split()):
            return False
        said, at = json.loads(body)["data"], self._clock.now()
        arrivals = [
            Arrival(one["id"], one["kind"], one["occasion"], one["title"], one["subject"], at)
            for one in said["members"] or [said]
        ]
        with self._lock:
            self._arrivals += arrivals
        return True


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def __init__(self, inbox: Inbox, *args: Any) -> None:
        self._inbox = inbox
        super().__init__(*args)  # serves the whole connection

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        if size > LARGEST:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(size)
        good = self._inbox.take(
            self.headers.get("webhook-id", ""),
            self.headers.get("webhook-timestamp", ""),
            self.headers.get("webhook-signature", ""),
            body,
        )
        self._answer(HTTPStatus.NO_CONTENT if good else HTTPStatus.UNAUTHORIZED)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Stay quiet: the story tells what arrived."""
