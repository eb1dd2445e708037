"""Answers in the forms that every route shares: JSON in ASCII, plain refusals, and bodies that are sent once only."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response


class PlainJson(JSONResponse):
    """JSON in ASCII, so that half a surrogate pair in somebody's title cannot spoil the whole answer."""

    def render(self, content: Any) -> bytes:
        """Write `content`. Raises `ValueError` for a number that JSON does not know."""
        return ascii_json(content).encode("ascii")


def ascii_json(content: Any) -> str:
    """Write `content` on one line. Raises `ValueError` for a number that JSON does not know."""
    return json.dumps(content, allow_nan=False)


def described(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Describe for the API's description what a route answers, and that it refuses in plain text."""
    return {
        200: {"description": "What was asked for.", "content": {media_type: {}}},
        "4XX": {"description": "What is wrong with the request.", "content": {"text/plain": {}}},
    }


def refused(status: HTTPStatus, why: str = "", headers: dict[str, str] | None = None) -> Response:
    """Say in plain text what is wrong with a request."""
    told = f"{status.value} {status.phrase}" + (f": {why}" if why else "")
    return PlainTextResponse(f"{told}\n", status, headers)


def unless_known(request: Request, body: bytes, content_type: str) -> Response:
    """Send `body`, or 304 to a reader that has just this one already (RFC 9110 §13.1.2).

    The tag is strong: equal tags mean equal bytes. There is no `Last-Modified`, since two changes may fall in one second.
    """
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "host"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers={**headers, "content-type": content_type})
