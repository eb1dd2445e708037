"""Writes an announcement as a mail that mail programs thread by episode and that no other machine answers.

The same announcement gives the same mail on every send, but for its date: one `Message-ID`, by which servers and mail
programs know a double. All mails of an episode name one root that none of them is, so that they belong together even
when the first was never delivered, and bear one subject, because Gmail threads by both
(https://developers.google.com/workspace/gmail/api/guides/threads). How it stands is the first line of the text.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy

from collector.domain.announcement import Announcement
from collector.notifiers import wording
from collector.notifiers.html import page

TEXT_CHARS = 20_000
"""Longest plain text; what has no room in it is counted."""
SUBJECT_CHARS = 200
SUBJECT_COLUMNS = 76
LIST_CHARS = 40

_ID = re.compile(r"[A-Za-z0-9_]{1,120}")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Whom a mail is from and to. Identifiers of mails are made in the domain of the sender."""

    sender: Address
    recipients: tuple[Address, ...]


def write(announcement: Announcement, addresses: Addresses, at: datetime) -> bytes:
    """Give the mail of `announcement` as it travels at the instant `at`: ASCII lines that end in CRLF."""
    mail = EmailMessage(policy=_POLICY)
    for name, value in _headers(announcement, addresses, at).items():
        mail[name] = value
    text = _text(announcement)
    mail.set_content(text, cte=_transfer(text))
    html = page(announcement)
    mail.add_alternative(html, subtype="html", cte=_transfer(html))
    # Neither transfer encoding can give this line; a boundary by chance would make each send another mail.
    mail.set_boundary(f"=_krd_{_digest(announcement.id)}")
    return mail.as_bytes()


def subject(announcement: Announcement) -> str:
    """Name what it is about in one line that stays the same for a whole episode; all else speaks for itself."""
    if not announcement.episode:
        return wording.one_line(f"[krd] {announcement.title}", SUBJECT_CHARS)
    kind = announcement.kind.replace("_", " ")
    return wording.one_line(f"[krd] {announcement.subject}: {kind}", SUBJECT_CHARS)


def message_id(announcement: Announcement, domain: str) -> str:
    """Give the identifier of the mail, the same on every send (RFC 5322 §3.6.4)."""
    return f"<{_word(announcement.id)}@krd.{domain}>"


def thread_root(announcement: Announcement, domain: str) -> str:
    """Give the identifier that all mails of one conversation name as what they answer."""
    return f"<thread.{_digest(announcement.thread)}@krd.{domain}>"


def list_id(announcement: Announcement, domain: str) -> str:
    """Name the team's mails, for rules that sort them (RFC 2919)."""
    team = re.sub(r"[^a-z0-9]+", "-", announcement.team[:LIST_CHARS].lower()).strip("-")
    return f"<{team}.krd.{domain}>" if team else f"<krd.{domain}>"


def _headers(announcement: Announcement, addresses: Addresses, at: datetime) -> dict[str, object]:
    threaded = {}
    if announcement.fingerprint:
        root = thread_root(announcement, addresses.sender.domain)
        threaded = {"In-Reply-To": root, "References": root}
    return {
        "From": addresses.sender,
        "To": addresses.recipients,
        "Subject": subject(announcement),
        "Date": at.astimezone(UTC),
        "Message-ID": message_id(announcement, addresses.sender.domain),
        **threaded,
        "List-Id": list_id(announcement, addresses.sender.domain),
        "Auto-Submitted": "auto-generated",  # RFC 3834 §5: nobody's absence answers it
        "X-Auto-Response-Suppress": "All",  # Exchange's word for the same
    }


def _text(announcement: Announcement) -> str:
    message = wording.compose(announcement)
    first = f"{wording.mark(announcement)} {wording.state(announcement)} · {message.title}"
    return "\n".join([first, *wording.rows(message, TEXT_CHARS - len(first) - 2)]) + "\n"


def _transfer(text: str) -> str:
    """Choose the shorter encoding: quoted-printable costs two bytes an escape, base64 a third of everything."""
    octets = text.encode()
    escapes = sum(octet > 126 or octet == ord("=") for octet in octets)
    return "base64" if 6 * escapes > len(octets) else "quoted-printable"


def _word(identifier: str) -> str:
    """Give an id as it is when it is what ids are made of, else what stands for it as well."""
    return identifier if _ID.fullmatch(identifier) else _digest(identifier)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


class _AsWritten(UnstructuredHeader):
    """A field of one word, written whole: the library would encode one past 78 characters, and no program knows it then."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self!s}{policy.linesep}"


class _Literal(UnstructuredHeader):
    """A text of strangers that means itself: the library would decode `=?utf-8?q?=0D=0A?=` in it into a line end."""

    name: str

    @classmethod
    def parse(cls, value: str, kwds: dict[str, object]) -> None:
        kwds["parse_tree"], kwds["decoded"] = None, value

    def fold(self, *, policy: Policy) -> str:
        text = str(self)
        charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
        field = Header(text, charset, SUBJECT_COLUMNS, self.name)
        return f"{self.name}: {field.encode(linesep=policy.linesep)}{policy.linesep}"


_FIELDS = HeaderRegistry()
_FIELDS.map_to_type("subject", _Literal)  # type: ignore[arg-type]  # the registry adds BaseHeader itself
for _name in ("message-id", "in-reply-to", "references", "list-id"):
    _FIELDS.map_to_type(_name, _AsWritten)  # type: ignore[arg-type]  # the registry adds BaseHeader itself
_POLICY = policy.SMTP.clone(header_factory=_FIELDS)
