"""Speaks HTTP through httpx within bounds: total deadline, capped body, no redirects, no environment, TLS always checked."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from connectors.api import Failure
from connectors.auth import Authentication, configuration_failure
from connectors.deadline import bounded, watch
from connectors.http import HEADERS, Reply, gather, host_of, no_answer, refusal
from connectors.secret import SecretUnavailable


class HttpClient:
    """A source's client: `exchange` never raises and makes exactly one request. Thread-safe."""

    def __init__(self, authentication: Authentication, *, connections: int = 2) -> None:
        self._authentication = authentication
        self._connections = connections
        self._opening = threading.Lock()
        self._client: httpx.Client | None = None

    def exchange(self, method: str, url: str, deadline: timedelta, **request: Any) -> Reply | Failure:
        """Ask once. `request` takes httpx's `params`, `json`, `data`, `content` and `headers`.

        Anything but 2xx, and anything that breaks, is a `Failure`.
        """
        host = host_of(url)
        try:
            headers, secrets = self._authentication.present()
            client = self._open()
        except (SecretUnavailable, OSError) as error:
            return configuration_failure(error)
        sent = {**headers, **request.pop("headers", {})}
        try:
            with (
                bounded(deadline.total_seconds()) as lease,
                client.stream(method, url, headers=sent, timeout=lease.remaining, **request) as response,
            ):
                body = gather(response.iter_bytes(65536))
        except Exception as error:  # noqa: BLE001 - whatever broke is an outcome: this border never raises
            return no_answer(error, host=host)
        found = {name.lower(): value for name, value in response.headers.items()}
        if response.is_success:
            return Reply(response.status_code, found, body)
        return refusal(response.status_code, found, body, host=host, secrets=secrets)

    def close(self) -> None:
        """Close the connections. Safe to call twice."""
        with self._opening:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _open(self) -> httpx.Client:
        with self._opening:
            if self._client is None:
                transport = _WatchedTransport(self._authentication, self._connections)
                self._client = httpx.Client(
                    transport=transport, headers=dict(HEADERS), trust_env=False, follow_redirects=False
                )
                # Sources are asked, not visited: a cookie would make one answer depend on the one before.
                self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            return self._client


class _WatchedTransport(httpx.BaseTransport):
    """httpx over an httpcore pool whose sockets the watchdog knows."""

    def __init__(self, authentication: Authentication, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=authentication.tls(),
            max_connections=connections,
            keepalive_expiry=30,
            retries=0,
            network_backend=_WatchedBackend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _WatchedBackend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _WatchedStream(super().connect_tcp(host, port, timeout, local_address, socket_options))


class _WatchedStream(httpcore.NetworkStream):
    """Names its socket to the watchdog whenever a thread reads or writes."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch(self._stream.get_extra_info("socket"))
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        watch(self._stream.get_extra_info("socket"))
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _WatchedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
