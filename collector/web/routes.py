"""Which address shows what. All of them only look: there is no route that changes anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from prometheus_client.exposition import choose_encoder
from starlette.exceptions import HTTPException as AnyHTTPException

from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.board import Board
from collector.services.read_models import removed_document, status_document
from collector.web.alerts_api import add_alerts
from collector.web.answers import PlainJson, refused
from collector.web.event_stream import EventStream
from collector.web.feeds import add_feeds
from collector.web.guard import Guard
from collector.web.metrics import make_registry
from collector.web.page import Pages
from collector.web.selection import UnknownTeam, told_wrong

STATIC = {"krd.css": "text/css; charset=utf-8", "krd.svg": "image/svg+xml"}
"""Everything there is; nothing else of the folder can be asked for."""


log = get_logger(__name__)


def make_application(board: Board, stream: EventStream) -> Guard:
    """Make the ASGI application that shows `board`, and its news as they come."""
    application = FastAPI(
        title="krd",
        version=version("krd"),
        docs_url=None,  # these pages load scripts from a stranger's server
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
    )
    application.add_exception_handler(AnyHTTPException, _refuse)
    application.add_exception_handler(RequestValidationError, _refuse_query)
    application.add_exception_handler(UnknownTeam, _refuse_query)
    application.add_exception_handler(StoreError, _refuse_for_now)
    _add_probes(application, board)
    _add_metrics(application, board, stream)
    _add_pages(application, board)
    _add_api(application, board)
    add_alerts(application, board, stream)
    add_feeds(application, board)
    return Guard(application)


async def _refuse(_request: Request, error: Exception) -> Response:
    status, headers, why = HTTPStatus.INTERNAL_SERVER_ERROR, None, ""
    if isinstance(error, AnyHTTPException):
        status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
        why = error.detail if error.detail != status.phrase else ""
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"allow": "GET, HEAD"}
    return refused(status, why, headers)


async def _refuse_query(_request: Request, error: Exception) -> Response:
    why = told_wrong(error.errors()) if isinstance(error, RequestValidationError) else str(error)
    return refused(HTTPStatus.BAD_REQUEST, why)


async def _refuse_for_now(request: Request, error: Exception) -> Response:
    log.warning("store_not_read", path=request.url.path, error=str(error))
    why = "the store cannot be read now, the log says why"
    return refused(HTTPStatus.SERVICE_UNAVAILABLE, why, {"retry-after": "10"})


def _add_probes(application: FastAPI, board: Board) -> None:
    @application.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:  # async: it answers also when all threads are busy
        return PlainTextResponse("ok\n")

    @application.get("/readyz", include_in_schema=False)
    def readyz(request: Request) -> Response:
        return _readiness(board.ready(), as_json="application/json" in request.headers.get("accept", ""))


def _readiness(reasons: Sequence[str], *, as_json: bool) -> Response:
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    if as_json:
        return PlainJson({"ready": not reasons, "reasons": list(reasons)}, status)
    return PlainTextResponse("\n".join(reasons or ["ready"]) + "\n", status)


def _add_metrics(application: FastAPI, board: Board, stream: EventStream) -> None:
    registry = make_registry(board, lambda: stream.readers)

    @application.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type})


def _add_pages(application: FastAPI, board: Board) -> None:
    folder = files("collector.web").joinpath("static")
    static = {name: folder.joinpath(name).read_bytes() for name in STATIC}
    fingerprint = hashlib.sha256(b"".join(static.values())).hexdigest()[:12]
    pages = Pages(version=version("krd"), static=fingerprint)

    @application.get("/", include_in_schema=False)
    def page(request: Request) -> Response:
        return HTMLResponse(pages.overview(board, still="still" in request.query_params))

    @application.get("/static/{name}", include_in_schema=False)
    async def static_file(name: str) -> Response:
        if name not in static:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        headers = {"content-type": STATIC[name], "cache-control": "public, max-age=86400"}
        return Response(static[name], headers=headers)


def _add_api(application: FastAPI, board: Board) -> None:
    @application.get("/api/v1/status", response_model=list[dict[str, Any]])
    def status() -> Response:
        """Give every key result with its verdict, in the order of the files, and those that vanished from them without a
        reason; unknown values are null.
        """
        edited = board.unexplained()
        found = [status_document(*one, edited.get(one[0].key, "")) for one in board.verdicts()]
        return PlainJson(found + [removed_document(one) for one in board.removed()])
