"""Sends announcements as mail through a server of yours, text and HTML in one, threaded by episode.

A mail travels as a re-send with the same `Message-ID`. When a server takes it for some recipients and asks to come back
for others, the re-send goes to those others alone, as long as the process lives; after a restart it goes to all. An
address that is refused for good while others are served is logged, and keeps no mail from the others.
"""

from __future__ import annotations

import ipaddress
import re
import threading
from collections import OrderedDict
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from collector import logs
from collector.domain.announcement import Announcement
from collector.notifiers.email_message import Addresses, write
from collector.notifiers.smtp import Envelope, Heard, Login, Security, Server, submit
from collector.ports.notifier import Delivered, NotifierKind, NotifierOptions, Refused, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

RECIPIENTS = 50
REMEMBERED = 1_000
"""Mails of which it is known who took them already; older ones are forgotten, and go to all again."""

log = logs.get_logger(__name__)

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*{_LABEL}")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*?) ?<)?(?P<local>[^<>@ ]{1,64})@(?P<domain>[^<>@ ]+?)>?")


def mailbox(text: str) -> Address:
    """Read `ops@shop.example` or `Ops <ops@shop.example>`. Raises `ValueError` for what could not travel in plain ASCII."""
    found = _MAILBOX.fullmatch(text)
    sound = (
        found
        and text.isprintable()
        and "=?" not in text  # an encoded word (RFC 2047) may hold a line end
        and ("<" in text) == (">" in text)
        and _LOCAL.fullmatch(found["local"])
        and _NAME.fullmatch(found["domain"])
    )
    if not found or not sound:
        raise ValueError(
            "an address is of the form ops@shop.example or Ops <ops@shop.example>, in plain ASCII and without =?"
        )
    return Address((found["name"] or "").strip('" '), found["local"], found["domain"])


def _mailbox(text: str) -> str:
    mailbox(text)
    return text


def _host(text: str) -> str:
    if _is_address(text) or _NAME.fullmatch(text):
        return text
    raise ValueError("a host is a name such as smtp.shop.example, or an IP address")


def _ehlo(text: str) -> str:
    if _NAME.fullmatch(text) or (text.startswith("[") and _is_address(text[1:-1].removeprefix("IPv6:"))):
        return text
    raise ValueError("a name such as krd.shop.example, or an IP address in brackets")


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class EmailOptions(NotifierOptions):
    """Which server takes the mail, and whom it is from and to."""

    host: Annotated[str, AfterValidator(_host)]
    """The server that takes mail from us."""
    port: int | None = Field(None, ge=1, le=65_535)
    """Where it listens; by default 587 for `starttls`, 465 for `tls`, 25 for `plain`."""
    security: Security = Security.STARTTLS
    """`starttls` (the connection turns to TLS before anything is told, or nothing is sent), `tls` (from the first byte),
    or `plain`: everybody on the way can read it, for a server on the same machine or in a network you trust; a password
    is then taken for a loopback address only."""
    username: str | None = Field(None, min_length=1, max_length=320)
    """Who hands in the mail; without it nobody logs in."""
    password: Secret | None = None
    """The password of `username`, plain ASCII."""
    sender: Mailbox = Field(alias="from")
    """Whom it is from, such as `krd <krd@shop.example>`."""
    to: tuple[Mailbox, ...] = Field(min_length=1, max_length=RECIPIENTS)
    """Whom it goes to."""
    ca_file: Path | None = None
    """Roots to trust instead of those of the machine, as PEM."""
    ehlo: Annotated[str, AfterValidator(_ehlo)] | None = None
    """What we greet the server with; by default the address of our end of the connection."""

    @model_validator(mode="after")
    def _keeps_the_password(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")
        if self.password is not None and self.security is Security.PLAIN and not _is_loopback(self.host):
            raise ValueError("a password does not travel in plain text: use starttls or tls")
        return self


class Email:
    """Hands mails to one server."""

    def __init__(self, options: EmailOptions) -> None:
        self._server = Server(
            host=options.host,
            port=options.port or options.security.port,
            security=options.security,
            timeout=options.timeout,
            ca_file=options.ca_file,
            ehlo=options.ehlo or "",
        )
        self._username, self._password = options.username, options.password
        self._addresses = Addresses(mailbox(options.sender), tuple(map(mailbox, options.to)))
        self._recipients = tuple(dict.fromkeys(one.addr_spec for one in self._addresses.recipients))
        self._served = _Served()

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Hand it in once, for whoever has not got it yet."""
        try:
            login = self._login()
        except SecretUnavailable as unavailable:
            return TryLater(f"{unavailable}: provide the password of {self._username} there")
        recipients = self._served.still_to_serve(announcement.id, self._recipients)
        content = write(announcement, self._addresses, at)
        envelope = Envelope(self._addresses.sender.addr_spec, recipients, content)
        found = submit(self._server, login, envelope)
        return self._judged(announcement.id, recipients, found) if isinstance(found, Heard) else found

    def close(self) -> None:
        """Hold nothing open between mails."""

    def _login(self) -> Login | None:
        if self._username is None or self._password is None:
            return None
        return Login(self._username, self._password.reveal())

    def _judged(self, event: str, recipients: tuple[str, ...], heard: Heard) -> Verdict:
        """Come back for those who may take it later; only when nobody ever takes it is it refused."""
        refused, everybody, host = heard.refused, len(self._recipients), self._server.host
        later = [answer for answer in refused.values() if not answer.final]
        if later:
            self._served.remember(event, set(recipients) - refused.keys())
            return TryLater(f"{host} answered {later[0].text} to {len(later)} of {everybody} recipients")
        self._served.forget(event)
        if len(refused) == everybody:
            answer = next(iter(refused.values()))
            return Refused(f"{host} answered {answer.text} to each recipient: correct `to`, or log in there")
        for recipient, answer in refused.items():
            log.warning("mail_recipient_refused", recipient=recipient, answer=answer.text, event_id=event)
        return Delivered()


class _Served:
    """Who took which mail already, as long as that matters. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_event: OrderedDict[str, set[str]] = OrderedDict()

    def still_to_serve(self, event: str, recipients: tuple[str, ...]) -> tuple[str, ...]:
        with self._lock:
            served = self._by_event.get(event, set())
            return tuple(recipient for recipient in recipients if recipient not in served)

    def remember(self, event: str, served: set[str]) -> None:
        with self._lock:
            self._by_event.setdefault(event, set()).update(served)
            while len(self._by_event) > REMEMBERED:
                self._by_event.popitem(last=False)

    def forget(self, event: str) -> None:
        with self._lock:
            self._by_event.pop(event, None)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


KIND = NotifierKind(name="email", title="E-mail through an SMTP server", options=EmailOptions, open=Email)
