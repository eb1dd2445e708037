"""Stands before every route: the same headers on every answer, errors too, and one log line for a request that failed."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.logs import get_logger

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Nothing is loaded from elsewhere, nothing runs, nothing frames us: a title that gets past the escaping is still text."""

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_LIVE = (b"cache-control", b"no-store")
HEAD_ASKED = "krd.head"
"""Stands in the scope of a request that was a HEAD: what never ends must not begin for it."""

log = get_logger(__name__)


class Guard:
    """Wraps the whole application, its own error page included."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. A HEAD is answered as its GET would be; the server leaves the body away."""
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = message["headers"]
                fresh = [] if any(name == b"cache-control" for name, _ in given) else [_LIVE]
                message = {**message, "headers": [*given, *self._headers, *fresh]}
            await send(message)

        asked = {**scope, "method": "GET", HEAD_ASKED: True} if scope.get("method") == "HEAD" else scope
        try:
            await self._application(asked, receive, send_guarded)
        except Exception:
            log.exception("request_failed", path=scope.get("path"))
        except asyncio.CancelledError:  # a stop that waited long enough; here the task ends anyway
            log.warning("request_cut", path=scope.get("path"))
            if not begun:
                answer = PlainTextResponse("krd is stopping\n", HTTPStatus.SERVICE_UNAVAILABLE)
                await answer(asked, receive, send_guarded)
