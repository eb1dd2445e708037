"""Posts once over HTTP within a total deadline and turns whatever comes back into a verdict.

The deadline holds in the resolver, over all addresses of a name, in the TLS handshake, the headers and the body. No redirect is followed, no proxy or netrc is read
from the environment, certificates are checked against the machine's own roots, and no text repeats the path, the query
or the body of anything.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
import httpx
import truststore

from collector.notifiers.connection import Deadline, cause
from collector.ports.notifier import Delivered, Gone, Refused, TryLater, Verdict

ANSWER_BYTES = 64 * 1024
"""No more than this (bytes) is read of an answer; its status has spoken by then."""
LONGEST_WAIT = timedelta(hours=24)
"""A `Retry-After` beyond this is taken as this."""

_LATER = frozenset({408, 409, 425, 429})
_UNWANTED = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class Post:
    """One request: an absolute http(s) address, a body, and headers."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class Sender:
    """Sends posts, one connection each: messages are rare, and a fresh connection is never half-dead. Thread-safe."""

    def __init__(self, timeout: timedelta) -> None:
        self._seconds = timeout.total_seconds()
        self._tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def send(self, post: Post, at: datetime) -> Verdict:
        """Send `post` once at the instant `at`, against which a `Retry-After` date is reckoned. Never raises."""
        try:
            request = _request(post)
        except (httpx.InvalidURL, ValueError):
            return TryLater(
                "the address is not of the form https://host/…, or a header is not plain text: correct the configuration"
            )
        where = request.url.host
        deadline = Deadline(self._seconds)
        try:
            with deadline:
                status, retry_after = self._exchange(request, deadline)
        except (httpcore.TimeoutException, TimeoutError):
            return TryLater(self._too_late(where))
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            late = deadline.passed
            return TryLater(self._too_late(where) if late else f"{where} not reached: {_cause(error)}")
        except RuntimeError:  # threading's word for a machine that gives no more threads
            return TryLater(f"{where} not reached: no thread left to watch the deadline")
        if deadline.passed:  # a body without a length ends quietly when it is cut
            return TryLater(self._too_late(where))
        return judge(where, status, wait(retry_after, at))

    def _exchange(self, request: httpx.Request, deadline: Deadline) -> tuple[int, str | None]:
        address = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent: dict[str, Any] = {
            "headers": request.headers.raw,
            "content": request.content,
            "extensions": {"timeout": httpx.Timeout(self._seconds).as_dict()},
        }
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, network_backend=_Watched(deadline)) as pool,
            pool.stream(request.method, address, **sent) as response,
        ):
            size = 0
            for chunk in response.iter_stream():
                size += len(chunk)
                if size > ANSWER_BYTES:
                    break
            return response.status, httpx.Headers(response.headers).get("retry-after")

    def _too_late(self, where: str) -> str:
        return f"{where} gave no complete answer within {self._seconds:g} s"


def judge(where: str, status: int, after: timedelta | None) -> Verdict:
    """Say what an answer of `status` from the host `where` means for the message."""
    if 200 <= status < 300:
        return Delivered()
    if status in _LATER or status >= 500:
        return TryLater(f"{where} answered {status}", after)
    if status == 410:
        return Gone(
            f"{where} answered 410: the address exists no more; write a new one into the configuration; where that names "
            "it by reference, say `krd alerts outbox retry --notifier NAME` as well"
        )
    if 300 <= status < 400:
        return Refused(
            f"{where} answered {status}, a redirect, and none is followed: write the final address"
        )
    if status in (401, 403):
        return Refused(f"{where} answered {status}: renew the credentials or the address of this notifier")
    if status in _UNWANTED:
        return Refused(
            f"{where} answered {status}: it does not take what this message holds; its own log may say why",
            content=True,
        )
    return Refused(f"{where} answered {status}: check the address of this notifier")


def wait(retry_after: str | None, at: datetime) -> timedelta | None:
    """Read a `Retry-After` header (RFC 9110 §10.2.3, seconds or a date) as a span from `at`; garbage is `None`.

    Never negative, never above `LONGEST_WAIT`.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT) if len(text) < 10 else LONGEST_WAIT
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - at, timedelta(0)), LONGEST_WAIT)


def _request(post: Post) -> httpx.Request:
    """Build the request; raises `ValueError` or `httpx.InvalidURL` when the address or a header cannot be sent."""
    url = httpx.URL(post.url)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("not an absolute http(s) address")
    headers = {"user-agent": "krd", "accept-encoding": "identity", "connection": "close", **post.headers}
    request = httpx.Request("POST", url.copy_with(userinfo=b""), content=post.body, headers=headers)
    if url.userinfo:
        request = next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
    return request


def _cause(error: BaseException) -> str:
    """Name the deepest known reason of a network failure in words that repeat nothing of the request."""
    reason = type(error).__name__
    link: BaseException | None = error
    while link is not None:
        match link:
            case ssl.SSLError() | socket.gaierror():
                return cause(link)
            case OSError(errno=int()):
                reason = cause(link)
            case httpcore.RemoteProtocolError():
                reason = "it cut the connection or does not speak HTTP"
            case _:
                pass
        link = link.__cause__ or link.__context__
    return reason


class _Watched(httpcore.SyncBackend):
    """Connects within `deadline`, which then watches the connection; httpcore gives each address the whole time."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline knows the time
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address, seconds in self._deadline.addresses(host, port):
            try:
                stream = super().connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self._deadline.watch(stream.get_extra_info("socket"))
            return stream
        raise failure
