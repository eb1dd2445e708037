"""Says where machines that hear krd are, and what else they want to be sent: plain where it is no secret, else by reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from connectors.api import Secret

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = frozenset({"content-type", "content-length", "host", "connection", "transfer-encoding"})
_OF_CREDENTIALS = re.compile(
    r"authori[sz]ation|\bauth\b|cookie|token|secret|password|credential|api-?key", re.IGNORECASE
)


def _plain_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address is of the form https://host/…")
    if parts.username or parts.password or parts.query:
        raise ValueError(
            "an address with credentials or a query is written by reference: {env: NAME} or {file: path}"
        )
    return url


def _sendable(headers: Mapping[str, str | Secret]) -> Mapping[str, str | Secret]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("webhook-"):
            raise ValueError("a header has a plain name that krd does not set itself")
        if isinstance(value, str) and _OF_CREDENTIALS.search(name):
            raise ValueError(
                f"the header {name} holds a credential, which is written by reference: {{env: NAME}} or {{file: path}}"
            )
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            raise ValueError("a header's value is one line of plain ASCII")
    return headers


PlainAddress = Annotated[str, AfterValidator(_plain_address)]
"""An absolute http(s) address without credentials and without a query."""
Headers = Annotated[Mapping[str, str | Secret], AfterValidator(_sendable)]
"""Headers sent along: plain ASCII, none that krd sets itself, and credentials by reference alone."""


def revealed(value: str | Secret) -> str:
    """Give the text itself. Raises `SecretUnavailable`."""
    return value.reveal() if isinstance(value, Secret) else value


def below(url: str, path: str) -> str:
    """Put `path` (it begins with a slash) behind the path of `url` and before its query; whatever `url` is."""
    address, mark, query = url.partition("?")
    return f"{address.rstrip('/')}{path}{mark}{query}"
