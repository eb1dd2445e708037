"""Hands one mail to one server within a total deadline and tells who took it; never in clear text unless told to.

Certificates are checked against the machine's own roots, or against a file of roots alone. No text repeats what the
server said but its codes (RFC 5321 §4.2, RFC 3463): answers may quote what was sent.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import truststore

from collector.notifiers.connection import Deadline, cause
from collector.ports.notifier import Refused, TryLater

_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\d)")
_TOO_LARGE = 552


class Security(StrEnum):
    """How the conversation is kept from others."""

    STARTTLS = "starttls"
    """It begins in the open and turns to TLS before anything is told (RFC 3207)."""
    TLS = "tls"
    """It is TLS from the first byte (RFC 8314)."""
    PLAIN = "plain"
    """Everybody on the way can read it."""

    @property
    def port(self) -> int:
        """Where servers listen for it."""
        match self:
            case Security.STARTTLS:
                return 587
            case Security.TLS:
                return 465
            case Security.PLAIN:
                return 25
            case never:
                assert_never(never)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and how."""

    host: str
    port: int
    security: Security
    timeout: timedelta
    """Total deadline of one mail."""
    ca_file: Path | None = None
    """Roots that are trusted instead of those of the machine, PEM."""
    ehlo: str = ""
    """What it is greeted with; empty for the address of the connection's own end."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who hands in; its `repr` keeps the password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail as it travels: plain ASCII addresses, and a message with CRLF line ends."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: its reply code, and both codes as text."""

    code: int
    text: str

    @property
    def final(self) -> bool:
        """Whether asking again would change nothing."""
        return self.code >= 500


@dataclass(frozen=True, slots=True)
class Heard:
    """The server spoke about each recipient, and took the mail for those it did not refuse."""

    refused: Mapping[str, Answer]


def submit(server: Server, login: Login | None, envelope: Envelope) -> Heard | TryLater | Refused:
    """Hand in `envelope` once. Never raises."""
    where = server.host
    try:
        tls = _context(server)
    except OSError as error:  # an ssl.SSLError is one
        return TryLater(f"the roots in {server.ca_file} cannot be used: {cause(error)}")
    deadline = Deadline(server.timeout.total_seconds())
    try:
        with deadline:
            return Heard(_converse(server, login, envelope, tls, deadline))
    except smtplib.SMTPRecipientsRefused as error:  # nobody got it; some may not have been asked any more
        unasked = (421, b"")
        return Heard({one: _answer(*error.recipients.get(one, unasked)) for one in envelope.recipients})
    except (OSError, ValueError) as error:  # an smtplib.SMTPException is an OSError
        if deadline.passed or isinstance(error, TimeoutError):
            return TryLater(f"{where} did not take the mail within {deadline.seconds:g} s")
        return judge(error, where)
    except RuntimeError:  # threading's word for a machine that gives no more threads
        return TryLater(f"{where} not reached: no thread left to watch the deadline")


def judge(error: OSError | ValueError, where: str) -> TryLater | Refused:
    """Say what a failed conversation with `where` means for the mail: 4xx is worth another try, 5xx is not.

    What a server answers before it was told of sender and login is no word about the mail, whatever its code.
    """
    match error:
        case smtplib.SMTPServerDisconnected() | smtplib.SMTPResponseException(smtp_code=-1):
            return TryLater(f"{where} cut the connection or does not speak SMTP")
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            answer = _answer(error.smtp_code, error.smtp_error)
            told = f"{where} answered {answer.text}"
            if not answer.final:
                return TryLater(told)
            content = isinstance(error, smtplib.SMTPDataError) or error.smtp_code == _TOO_LARGE
            return Refused(f"{told}: {_advice(error)}", content)
        case smtplib.SMTPResponseException():
            return TryLater(f"{where} answered {_answer(error.smtp_code, error.smtp_error).text}")
        case smtplib.SMTPNotSupportedError():
            return TryLater(f"{where} does not offer what is asked of it: {error}")
        case smtplib.SMTPException():
            return TryLater(f"{where} takes none of the logins CRAM-MD5, PLAIN and LOGIN: ask its owner")
        case OSError():
            return TryLater(f"{where} not reached: {cause(error)}")
        case ValueError():
            return TryLater(f"{where} was not asked: username and password have to be plain ASCII")
        case never:
            assert_never(never)


def _advice(error: smtplib.SMTPResponseException) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "renew username and password of this notifier"
    if error.smtp_code == _TOO_LARGE:
        return "the mail is larger than it allows"
    if isinstance(error, smtplib.SMTPDataError):
        return "it takes the address but not this text; its log has the reason"
    return "give this notifier a sender and a login that may send there"


def _answer(code: int, told: bytes | str) -> Answer:
    """Keep the reply code and the enhanced one, and nothing else of what was told."""
    enhanced = _ENHANCED.match(told.encode() if isinstance(told, str) else told)
    return Answer(code, f"{code} {enhanced[0].decode()}" if enhanced else str(code))


def _context(server: Server) -> ssl.SSLContext:
    """Make the rules of TLS anew for each mail, so that replaced roots are seen. Raises `OSError` for a bad file."""
    if server.ca_file is not None and server.security is not Security.PLAIN:
        return ssl.create_default_context(cafile=server.ca_file)
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _converse(
    server: Server, login: Login | None, envelope: Envelope, tls: ssl.SSLContext, deadline: Deadline
) -> dict[str, Answer]:
    """Hand the mail over and give the answers for those it was not taken for."""
    with contextlib.closing(_Session(server, tls, deadline)) as session:
        if server.security is Security.STARTTLS:
            session.starttls(context=tls)
        if login is not None:
            session.login(login.username, login.password)
        refused = session.sendmail(envelope.sender, envelope.recipients, envelope.content)
        with contextlib.suppress(OSError):  # it has the mail; how it says good-bye changes nothing
            session.docmd("QUIT")
    return {recipient: _answer(*told) for recipient, told in refused.items()}


class _Session(smtplib.SMTP):
    """smtplib's client on a connection that the deadline watches from its first moment."""

    def __init__(self, server: Server, tls: ssl.SSLContext, deadline: Deadline) -> None:
        self._wrap = tls if server.security is Security.TLS else None
        self._deadline = deadline
        # A name of its own: without one smtplib asks the network for ours, and no deadline holds there.
        super().__init__(server.host, server.port, local_hostname="localhost", timeout=deadline.seconds)
        self.local_hostname = server.ehlo or self._own_end()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - smtplib's hook, as SMTP_SSL uses it; the deadline knows the time
        connection = self._deadline.connect(host, port)
        if self._wrap is None:
            return connection
        try:
            return self._wrap.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise

    def _own_end(self) -> str:
        """Give the address of our end as a literal (RFC 5321 §4.1.3), for a client that has no name."""
        own = ipaddress.ip_address(self.sock.getsockname()[0].partition("%")[0])  # type: ignore[union-attr]  # connected
        return f"[IPv6:{own}]" if own.version == 6 else f"[{own}]"
