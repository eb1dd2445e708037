"""The API of alerts: what is wrong now, and what changes from now on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from collector.ports.board import Board
from collector.ports.store import Wanted
from collector.services.alert_documents import alert_document
from collector.services.select_alerts import concerns
from collector.web.answers import PlainJson, described, refused
from collector.web.event_stream import MOST_READERS, EventStream, Start
from collector.web.guard import HEAD_ASKED
from collector.web.selection import OpenSelection, StreamSelection
from collector.web.sse import EVENT_STREAM

_STREAM_HEADERS = {"content-type": EVENT_STREAM, "x-accel-buffering": "no"}
"""The second one asks a reverse proxy not to hold events back."""
_RETRY_AFTER = {"retry-after": "10"}


def add_alerts(application: FastAPI, board: Board, stream: EventStream) -> None:
    """Answer for alerts under `/api/v1`."""

    @application.get("/api/v1/alerts", response_class=Response, responses=described("application/json"))
    def alerts(asked: Annotated[OpenSelection, Query()]) -> Response:
        """Give what is wrong now, the most severe first and then the oldest, with who has it in hand (`acked`), until when
        nobody wants to hear of it (`silenced`), and what speaks for it (`inhibited_by`).
        """
        wanted = asked.checked(board)
        found = board.open_alerts()
        return PlainJson([alert_document(one) for one in found if concerns(wanted, one.alert, one.said)])

    @application.get("/api/v1/alerts/stream", response_class=Response, responses=described(EVENT_STREAM))
    async def alerts_stream(request: Request, asked: Annotated[StreamSelection, Query()]) -> Response:
        """Send changes of alerts as they happen, as server-sent events: `alert` with a JSON document, `reset` where changes
        were missed for good, `end` when krd stops. Without `Last-Event-ID` or `after` it begins live; `after=0` begins with
        the oldest change kept.
        """
        wanted = asked.checked(board)
        last = request.headers.get("last-event-id", "")
        start = Start(last) if last else Start(asked.after or "", wished=True)
        return Streaming(stream, start, wanted)


class Streaming(Response):
    """One reader's stream, or why it gets none."""

    def __init__(self, stream: EventStream, start: Start, wanted: Wanted) -> None:
        super().__init__(headers=_STREAM_HEADERS)
        self._stream, self._start, self._wanted = stream, start, wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader leaves or krd stops; the question for the headers alone takes no place."""
        if scope.get(HEAD_ASKED):
            await Response(headers=_STREAM_HEADERS)(scope, receive, send)
            return
        with self._stream.seat() as given:
            await self._answer(given=given)(scope, receive, send)

    def _answer(self, *, given: bool) -> Response:
        if not given:
            why = f"{MOST_READERS} read the stream already, or krd is stopping"
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, why, _RETRY_AFTER)
        texts = self._stream.read(self._start, self._wanted)
        return StreamingResponse(texts, headers=_STREAM_HEADERS)
