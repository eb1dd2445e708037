"""Works with the tickets of the lab's tracker as its staff would, through Roundup's own REST interface."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, Literal
from urllib.parse import quote, urlencode

from collector.errors import KrdError
from collector.lab.loopback import HOST

Priority = Literal["critical", "urgent", "bug"]

OPEN, RESOLVED = "unread", "resolved"
"""Two of the states of Roundup's classic template: nobody has taken it on yet, and it is done."""

_ANSWER_SECONDS = 5.0


class TicketRefused(KrdError):
    """The lab's tracker did not do what its staff asked."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as the tracker tells it; `opened` is exact to the second, cut off."""

    id: str
    priority: str
    status: str
    opened: datetime


class Desk:
    """One member of the staff at work. All methods raise `TicketRefused` when the tracker says no, or nothing."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._port = port
        self._headers = {
            "Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode(),
            "Content-Type": "application/json",
            # Roundup changes nothing for a browser that a foreign page has sent here.
            "Origin": f"http://{HOST}:{port}",
            "X-Requested-With": "rest",
        }

    def open_ticket(self, title: str, priority: Priority) -> str:
        """Open one, and give its id."""
        told = self._ask("POST", "issue", {"title": title, "priority": priority, "status": OPEN})
        return str(told["id"])

    def resolve_next(self) -> str | None:
        """Resolve the most pressing of the open ones, of those the oldest, and give its id; nothing when none is open."""
        search = {"status": OPEN, "@sort": "priority,creation", "@page_size": "1"}
        found = self._ask("GET", f"issue?{urlencode(search)}")["collection"]
        if not found:
            return None
        ticket = str(found[0]["id"])
        seen = self._ask("GET", f"issue/{quote(ticket)}/status")
        self._ask("PUT", f"issue/{quote(ticket)}/status", {"data": RESOLVED}, {"If-Match": seen["@etag"]})
        return ticket

    def tickets(self) -> list[Ticket]:
        """Give all there are, oldest first."""
        wanted = {"@fields": "creation,priority,status", "@verbose": "2", "@sort": "id"}
        return [
            Ticket(
                str(one["id"]),
                one["priority"]["name"],
                one["status"]["name"],
                datetime.strptime(one["creation"], "%Y-%m-%d.%H:%M:%S").replace(tzinfo=UTC),
            )
            for one in self._ask("GET", f"issue?{urlencode(wanted)}")["collection"]
        ]

    def _ask(
        self,
        method: str,
        path: str,
        document: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        connection = HTTPConnection(HOST, self._port, timeout=_ANSWER_SECONDS)
        try:
            body = json.dumps(document) if document is not None else None
            connection.request(method, f"/rest/data/{path}", body, {**self._headers, **(headers or {})})
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, HTTPException) as error:
            raise TicketRefused(f"the lab's tracker does not answer {method} {path}: {error}") from error
        finally:
            connection.close()
        if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise TicketRefused(
                f"the lab's tracker answered {answer.status} to {method} {path}: {told[:200]!r}"
            )
        return json.loads(told)["data"]
