"""The one way in which connectors understand HTTP: what a status means, when to come back, what may be quoted.

`HttpClient` speaks through httpx with everything bounded: a total deadline, 8 MiB of body, no redirects, no compression,
no proxy from the environment, certificates checked against the system's roots. Connectors that must speak through another
client share the verdicts: `refusal` for an answer, `no_answer` for an exchange that broke.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from connectors.api import ErrorKind, Failure
from connectors.deadline import DeadlineExceeded

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes of an answer's body; more is refused unread."""
QUOTE_LIMIT = 300
"""Characters of a foreign text that an error may quote."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_EPOCH_FROM = 1_000_000_000
"""A reset above this is an instant (unix seconds), below it a number of seconds."""


def _user_agent() -> str:
    try:
        return f"krd/{version('krd')}"
    except PackageNotFoundError:
        return "krd/unreleased"


USER_AGENT = _user_agent()
HEADERS: Mapping[str, str] = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    # Compressing small answers costs the source more than everything else about them.
    "Accept-Encoding": "identity",
}


class BodyTooLarge(Exception):
    """The answer is longer than `BODY_LIMIT`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer with a status of 2xx."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def host_of(url: str) -> str:
    """The part of an address that an error may name: no user, no path, no query."""
    parts = urlsplit(url)
    return parts.hostname + (f":{parts.port}" if parts.port else "") if parts.hostname else "the source"


def quote(text: str | bytes, secrets: Iterable[str] = ()) -> str:
    """Make a foreign text fit for an error: no secret, no control character, at most `QUOTE_LIMIT` characters."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    for secret in secrets:
        shown = shown.replace(secret, "***")
    shown = " ".join(_CONTROL.sub(" ", shown[: QUOTE_LIMIT * 4]).split())
    return shown if len(shown) <= QUOTE_LIMIT else shown[: QUOTE_LIMIT - 1] + "…"


def gather(chunks: Iterable[bytes]) -> bytes:
    """Join a body as it comes in. Raises `BodyTooLarge` as soon as it is."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > BODY_LIMIT:
            raise BodyTooLarge
        parts.append(chunk)
    return b"".join(parts)


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, *, host: str, secrets: Iterable[str] = ()
) -> Failure:
    """Say what a status outside 2xx means, and what to do. Names in `headers` must be in lower case."""
    kind = kind_of_status(status, headers, body)
    pause = retry_after(headers)
    said = "" if is_html(headers, body) else quote(body, secrets)
    parts = [f"{host} answered {status} {_phrase(status)}".rstrip()]
    if said and said not in ("{}", "[]"):
        parts.append(f' and said "{said}"')
    parts.append(f"; {_advice(kind, status, pause)}")
    return Failure(kind, "".join(parts), pause, status)


def kind_of_status(status: int, headers: Mapping[str, str], body: bytes) -> ErrorKind:
    """Sort a status outside 2xx by what happens next (DESIGN §7)."""
    match status:
        case 429:
            return ErrorKind.RATE_LIMITED
        case 401 | 403 | 407:
            # A dead rate limit often comes as 403, with a remainder of zero or a sentence.
            spent = _remaining(headers) == "0"
            limited = status == 403 and (spent or b"rate limit" in body[:4096].lower())
            return ErrorKind.RATE_LIMITED if limited else ErrorKind.AUTH
        case 408 | 504:
            return ErrorKind.TIMEOUT
        case _ if 300 <= status < 400:
            return ErrorKind.AUTH
        case _ if 400 <= status < 500:
            return ErrorKind.BAD_QUERY
        case _:
            return ErrorKind.TRANSIENT


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the source asks to be left alone, if it says so in a way that can be understood.

    Reads `Retry-After` (seconds or a date) and, where a limit is used up, `RateLimit-Reset` with or without `X-` (seconds,
    unix seconds, or an ISO date) and `RateLimit` with its `r` and `t`. Dates are measured against the answer's own `Date`:
    the source's clock, not ours.
    """
    asked = headers.get("retry-after", "").strip()
    now = _date(headers.get("date"))
    if asked.isdecimal():
        return _pause(int(asked))
    then = _date(asked)
    if then and now:
        return _pause(int((then - now).total_seconds()))
    if (_remaining(headers) or "0") != "0":
        return None
    reset = (
        headers.get("x-ratelimit-reset")
        or headers.get("ratelimit-reset")
        or _limit(headers, "t", "reset")
        or ""
    )
    if not reset.isdecimal():
        then = _iso(reset)
        return _pause(int((then - now).total_seconds())) if then and now else None
    if int(reset) < _EPOCH_FROM:
        return _pause(int(reset))
    return _pause(int(reset) - int(now.timestamp())) if now else None


def no_answer(error: BaseException, *, host: str) -> Failure:
    """Say why an exchange broke. Takes the errors of httpx, httpcore, requests, urllib3 and the standard library.

    The foreign text is never quoted: clients put whole addresses into it.
    """
    causes = list(_causes(error))

    def caused(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if caused(DeadlineExceeded, TimeoutError) or any("Timeout" in type(cause).__name__ for cause in causes):
        return Failure(ErrorKind.TIMEOUT, f"{host} gave no complete answer in time; krd asks again")
    if caused(BodyTooLarge):
        return Failure(
            ErrorKind.BAD_QUERY,
            f"{host} answered more than {BODY_LIMIT // 2**20} MiB; narrow the query to one number",
        )
    if caused(ssl.SSLCertVerificationError):
        return Failure(
            ErrorKind.CONFIG,
            f"the certificate of {host} is not trusted; name its authority in `ca_file`, or correct the host name",
        )
    if caused(ssl.SSLError):
        return Failure(
            ErrorKind.TRANSIENT, f"the encrypted connection to {host} broke; check https and certificates"
        )
    if caused(socket.gaierror):
        return Failure(ErrorKind.TRANSIENT, f"the name {host} is not known; check the address and the DNS")
    if caused(ConnectionRefusedError):
        return Failure(ErrorKind.TRANSIENT, f"nothing listens at {host}; check the address and the service")
    return Failure(ErrorKind.TRANSIENT, f"the connection to {host} broke before the answer was complete")


def parse_json(headers: Mapping[str, str], body: bytes, *, host: str) -> Any | Failure:
    """Read a good answer's body as JSON. A web page under 200 is most often a login page: `AUTH`."""
    if is_html(headers, body):
        return Failure(
            ErrorKind.AUTH,
            f"{host} answered with a web page instead of data; is there a login page before it? Check address and credentials",
        )
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return Failure(ErrorKind.BAD_VALUE, f"{host} answered something that is not JSON; check the address")


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer is a web page, by what it says and by how it begins."""
    return "text/html" in headers.get("content-type", "").lower() or body[:64].lstrip()[:1] == b"<"


def _advice(kind: ErrorKind, status: int, pause: timedelta | None) -> str:
    match kind:
        case ErrorKind.RATE_LIMITED:
            return f"krd waits {pause.total_seconds():.0f} s" if pause else "krd waits before it asks again"
        case ErrorKind.AUTH if 300 <= status < 400:
            return "it redirects, as a login page does: check the address and the credentials"
        case ErrorKind.AUTH:
            return "check the credentials and what they may read"
        case ErrorKind.BAD_QUERY if status in (404, 410):
            return "the path is wrong, or hidden from these credentials: check the address"
        case ErrorKind.BAD_QUERY:
            return "correct the query"
        case _:
            return "krd asks again"


def _phrase(status: int) -> str:
    try:
        return f"({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _pause(seconds: int) -> timedelta:
    # A day bounds what a mistaken clock or unit can do.
    return timedelta(seconds=min(max(seconds, 0), 86400))


def _remaining(headers: Mapping[str, str]) -> str | None:
    """What is left of a limit, as the source writes it."""
    told = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    return told or _limit(headers, "r", "remaining")


def _limit(headers: Mapping[str, str], *names: str) -> str | None:
    """A number of the header `RateLimit`, in the form of its drafts: `"burst";r=0;t=30`, or `remaining=0, reset=30`."""
    found = re.search(
        rf"(?:^|[;,\s])(?:{'|'.join(names)})=(\d{{1,12}})(?![\w.])", headers.get("ratelimit", "")
    )
    return found[1] if found else None


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, IndexError):
        return None
    return found if found.tzinfo else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and the errors that clients pack into arguments and `reason`."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        found = pending.pop()
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            pending += [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]
