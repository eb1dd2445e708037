"""Lets a requests session speak under a `bounded` deadline, over one TLS context, without retries."""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.retry import Retry

from connectors.auth import Authentication
from connectors.deadline import watch


class _WatchedConnection(HTTPConnection):
    """Names its socket to the watchdog when it opens and whenever it is used again."""

    def connect(self) -> None:
        super().connect()
        watch(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        watch(self.sock)
        super().request(*args, **kwargs)


class _WatchedTlsConnection(HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        super().connect()
        watch(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        watch(self.sock)
        super().request(*args, **kwargs)


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


class WatchedAdapter(HTTPAdapter):
    """Never retries, and leaves every question of trust to one TLS context.

    Raises `OSError` when a file of certificates cannot be read.
    """

    def __init__(self, authentication: Authentication) -> None:
        self._authentication = authentication
        super().__init__(max_retries=Retry(0, redirect=0, raise_on_status=False), pool_maxsize=16)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(
            connections, maxsize, block, ssl_context=self._authentication.tls(), **kwargs
        )
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedPool, "https": _WatchedTlsPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Add nothing: the library's bundle of roots would replace the system's."""
