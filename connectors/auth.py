"""How krd shows a source who it is: the second axis beside the kind. Secrets are read anew at every use."""

from __future__ import annotations

import base64
import ipaddress
import re
import ssl
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import SplitResult, urlsplit

import truststore
from pydantic import AfterValidator, Field, model_validator

from connectors.api import ErrorKind, Failure, SourceOptions
from connectors.secret import Secret, SecretUnavailable

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SECRET_NAME = re.compile(r"auth|token|key|secret|cookie|password", re.IGNORECASE)


def _has_port(parts: SplitResult) -> bool:
    """Tell whether the port, if there is one, is one that exists."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _address(url: str) -> str:
    """Refuse what is no plain web address: credentials have their own options, a query would be doubled."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _has_port(parts):
        raise ValueError("expected an address such as https://prometheus.example or http://127.0.0.1:9090")
    if parts.username or parts.password:
        raise ValueError("credentials do not belong into the address; use `user` and `password`")
    if parts.query or parts.fragment:
        raise ValueError("the address must end before any ? or #")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(_address), Field(description="http:// or https:// address")]


def address_of(url: str | Secret) -> str:
    """Give the address itself, looked up now when it is written by reference.

    Raises `SecretUnavailable`, without the address, when there is none or it is no plain web address.
    """
    if isinstance(url, str):
        return url
    try:
        return _address(url.reveal())
    except ValueError as error:
        raise SecretUnavailable(f"the address {url} cannot be used: {error}") from None


class AuthenticatedOptions(SourceOptions):
    """Options of every source that is spoken to over HTTP."""

    bearer: Secret | None = Field(default=None, description="Token for `Authorization: Bearer`")
    user: str | Secret | None = Field(default=None, description="User name for basic authentication")
    password: Secret | None = Field(
        default=None, description="Password (or API token) for basic authentication"
    )
    headers: dict[str, str | Secret] = Field(
        default_factory=dict, description="Further headers, such as X-Scope-OrgID: my-tenant"
    )
    ca_file: Path | None = Field(
        default=None, description="Trust this authority (PEM) alone, instead of the system's"
    )
    client_cert: Path | None = Field(default=None, description="Our certificate (PEM) for mutual TLS")
    client_key: Path | None = Field(default=None, description="Its key, unless it stands in the same file")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.bearer and self.user is not None:
            raise ValueError("`bearer` and `user` exclude each other: remove one")
        if self.user is not None and self.password is None:
            raise ValueError("`user` needs `password`: add password: {env: NAME} or {file: path}")
        if self.password is not None and self.user is None:
            raise ValueError("`password` needs `user`")
        if self.client_key is not None and self.client_cert is None:
            raise ValueError("`client_key` needs `client_cert`")
        for name, value in self.headers.items():
            _refuse_header(name, value)
        return self


def _refuse_header(name: str, value: str | Secret) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("a name in `headers` is not a header's name")
    if name.lower() in ("host", "content-length", "transfer-encoding", "connection", "accept-encoding"):
        raise ValueError(f"the header {name} is krd's own business: remove it")
    if isinstance(value, str) and _SECRET_NAME.search(name):
        raise ValueError(
            f"the header {name} looks like a secret: write it by reference, {{env: NAME}} or {{file: path}}"
        )


class Authentication:
    """Turns the options of a source into headers and a TLS context. Keeps no secret between two uses."""

    def __init__(self, options: AuthenticatedOptions) -> None:
        self._options = options

    def present(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """The headers to send now, and the secret texts that no error may quote, longest first.

        Raises `SecretUnavailable` when a reference leads nowhere or to something that no header can carry.
        """
        options = self._options
        headers: dict[str, str] = {}
        secrets: set[str] = set()
        for name, value in options.headers.items():
            headers[name] = _carried(name, _revealed(value, secrets))
        if options.bearer:
            token = _carried("Authorization", _revealed(options.bearer, secrets))
            headers["Authorization"] = f"Bearer {token}"
        if options.user is not None and options.password is not None:
            pair = f"{_revealed(options.user, secrets)}:{_revealed(options.password, secrets)}"
            packed = base64.b64encode(pair.encode()).decode()
            secrets.add(packed)
            headers["Authorization"] = f"Basic {packed}"
        return headers, tuple(sorted(secrets, key=len, reverse=True))

    def tls(self) -> ssl.SSLContext:
        """A context that checks every certificate: against `ca_file` alone, or the system's roots.

        Raises `OSError` (also `ssl.SSLError`) when a file is missing or is not PEM.
        """
        options = self._options
        context: ssl.SSLContext
        if options.ca_file:
            context = ssl.create_default_context(cafile=str(options.ca_file))
        else:
            context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if options.client_cert:
            context.load_cert_chain(options.client_cert, options.client_key)
        return context

    def worries(self, url: str) -> tuple[str, ...]:
        """What a person should look at: credentials that travel in the clear over a network."""
        options = self._options
        secret = (
            options.bearer or options.password or any(isinstance(v, Secret) for v in options.headers.values())
        )
        if secret and url.startswith("http://") and not _is_loopback(urlsplit(url).hostname or ""):
            return ("credentials travel unencrypted: use an https:// address",)
        return ()


def configuration_failure(error: Exception) -> Failure:
    """Say which secret or file a person has to provide."""
    if isinstance(error, SecretUnavailable):
        return Failure(ErrorKind.CONFIG, f"{error}; provide it, krd reads it again at the next try")
    named = getattr(error, "filename", None) or "`ca_file`, `client_cert` or `client_key`"
    return Failure(
        ErrorKind.CONFIG, f"{named} cannot be used: no readable PEM file; correct the path or the file"
    )


def _revealed(value: str | Secret, secrets: set[str]) -> str:
    if isinstance(value, str):
        return value
    found = value.reveal()
    secrets.add(found)
    return found


def _carried(header: str, text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise SecretUnavailable(
            f"the secret for the header {header} holds characters that no header can carry"
        )
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
