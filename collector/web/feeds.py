"""The feeds of alert changes, Atom and JSON Feed: the same entries under the same ids, newest first, in pages."""

from __future__ import annotations

import re
from datetime import UTC
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import HTTPException
from fastapi.responses import Response

from collector.ports.board import Board
from collector.web.answers import described, unless_known
from collector.web.atom import ATOM, AtomFeeds
from collector.web.feed import Feed
from collector.web.json_feed import JSON_FEED, json_feed
from collector.web.selection import FeedSelection

ATOM_PATH = "/feeds/alerts.atom"
JSON_PATH = "/feeds/alerts.json"
_HOST = re.compile(r"(?:[A-Za-z0-9._\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""A name, an address of four numbers, or one in brackets, and perhaps a port (RFC 9110 §7.2)."""


def add_feeds(application: FastAPI, board: Board) -> None:
    """Answer for both feeds."""
    atom = AtomFeeds()

    @application.get(ATOM_PATH, response_class=Response, responses=described("application/atom+xml"))
    def alerts_atom(request: Request, asked: Annotated[FeedSelection, Query()]) -> Response:
        """Give changes of alerts as an Atom feed (RFC 4287, paged by RFC 5005), the newest first."""
        return unless_known(request, atom.write(_read(board, request, asked)), ATOM)

    @application.get(JSON_PATH, response_class=Response, responses=described(JSON_FEED))
    def alerts_json(request: Request, asked: Annotated[FeedSelection, Query()]) -> Response:
        """Give changes of alerts as a JSON Feed 1.1, the newest first; `_krd` holds an entry for machines."""
        return unless_known(request, json_feed(_read(board, request, asked)), JSON_FEED)


def _read(board: Board, request: Request, asked: FeedSelection) -> Feed:
    home = home_of(board, request)
    found = board.newest_changes(asked.limit + 1, asked.before, asked.checked(board))
    items, older = found[: asked.limit], found[asked.limit :]
    filters = ":".join(f"{name}={quote(value, safe='')}" for name, value in asked.pairs())
    path = home + request.url.path
    return Feed(
        id="urn:krd:alerts" + (f":{filters}" if filters else ""),
        title="krd alerts" + (f": {asked.words}" if filters else ""),
        updated=max((one.transition.at for one in items), default=board.vitals().started).astimezone(UTC),
        home=f"{home}/",
        address=path + asked.query(asked.before),
        following=path + asked.query(items[-1].seq) if older else "",
        items=items,
    )


def home_of(board: Board, request: Request) -> str:
    """Give the address of krd as the reader knows it, without a slash at its end: the public one, or the one that was asked.

    A `Host` that is no host is refused, as RFC 9110 §7.2 wants it: it would stand in the links of the feed.
    """
    if page := board.page():
        return page
    server = request.scope.get("server") or ("localhost", None)
    here = f"{server[0]}:{server[1]}" if server[1] else str(server[0])
    host = request.headers.get("host", here)
    if not _HOST.fullmatch(host):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the Host header names no host")
    return f"{request.url.scheme}://{host}"
